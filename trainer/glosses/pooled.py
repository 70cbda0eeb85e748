"""Gloss vectors of any AutoModel: the mean of the last layer over the text's own tokens."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from schemas.ids import content_digest
from trainer.model.vicon import masked_mean
from trainer.storage.pretrained import opening_pretrained

_MAX_LENGTH = 128


class PooledEncoder:
    """A frozen AutoModel with mean pooling; rows are encoded in order of length."""

    def __init__(self, name: str, batch_size: int = 64, dtype: torch.dtype = torch.float32) -> None:
        from transformers import AutoModel, AutoTokenizer

        self.name = name
        self.batch_size = batch_size
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        with opening_pretrained(name):
            self._tokenizer = AutoTokenizer.from_pretrained(name, padding_side="right")
            self._model: Any = AutoModel.from_pretrained(name, dtype=dtype).eval().to(self._device)

    @property
    def width(self) -> int:
        """The length of a vector."""
        return int(self._model.config.get_text_config().hidden_size)

    @property
    def fingerprint(self) -> str:
        """A digest of the name and of a probe of the weights."""
        total = sum(float(p.detach().float().sum()) for p in self._model.parameters())
        return content_digest("pooled", self.name, f"{total:.6e}", str(_MAX_LENGTH))

    @torch.inference_mode()
    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, width) vectors."""
        out = np.zeros((len(texts), self.width), dtype=np.float32)
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        for at in range(0, len(order), self.batch_size):
            rows = order[at : at + self.batch_size]
            batch = self._tokenizer(
                [texts[i] for i in rows],
                padding=True,
                truncation=True,
                max_length=_MAX_LENGTH,
                return_tensors="pt",
            ).to(self._device)
            states = self._model(
                input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]
            ).last_hidden_state
            out[rows] = masked_mean(states.float(), batch["attention_mask"]).cpu().numpy()
        return out

    def save(self, folder: Path) -> dict[str, object]:
        """The weights stay where they are: they are named, not copied."""
        return {"kind": "pooled", "name": self.name}
