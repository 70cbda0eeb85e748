"""Gloss vectors of the pretrained backbone itself, before any training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

import numpy as np
import torch
from numpy.typing import NDArray

from schemas.files import explained, replacing
from schemas.ids import content_digest
from trainer.glosses.store import stored_vectors
from trainer.storage.pretrained import opening_pretrained

if TYPE_CHECKING:
    from trainer.model import ViConBERT
    from trainer.text.inputs import InputMaker

_ARRAYS = "gloss_moments.safetensors"


@dataclass(frozen=True)
class BackboneStates:
    """The mean of the backbone's states over a gloss, as they are; named, never copied."""

    name: str
    dtype: Literal["fp32", "bf16"]
    layer: int
    language: str
    segmenter: Literal["language", "units"]
    joined_words: bool
    max_length: int

    @cached_property
    def fingerprint(self) -> str:
        """A digest of the settings and of a probe of the weights."""
        model, _ = self._opened
        total = sum(float(p.detach().float().sum()) for p in model.backbone.parameters())
        return content_digest("backbone", *map(str, asdict(self).values()), f"{total:.6e}")

    @cached_property
    def _opened(self) -> tuple[ViConBERT, InputMaker]:
        from transformers import AutoTokenizer

        from trainer.model.build import config_of, input_maker, over_backbone

        dtype = torch.bfloat16 if self.dtype == "bf16" else torch.float32
        # A new head draws random numbers, which must not change those of the training.
        with torch.random.fork_rng():
            model = over_backbone(
                self.name,
                dtype,
                heads=1,
                layer=self.layer,
                language=self.language,
                segmenter=self.segmenter,
                joined_words=self.joined_words,
                max_length=self.max_length,
            )
        with opening_pretrained(self.name):
            tokenizer = AutoTokenizer.from_pretrained(self.name)
        if torch.cuda.is_available():
            model.to("cuda")  # type: ignore[arg-type]
        model.train(False)
        return model, input_maker(config_of(model), tokenizer)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, width) vectors, one per text."""
        from trainer.model.encoding import mean_states

        model, inputs = self._opened
        return mean_states(model, inputs, [inputs.tokenize_text(text) for text in texts], 64)

    def close(self) -> None:
        """Frees the weights; they are read again when they are asked for."""
        self.__dict__.pop("_opened", None)


class BackboneEncoder:
    """The backbone's states of glosses, each number standardised over the inventory's glosses.

    Raw states of a pretrained model lie in a narrow cone, in which all cosines are alike.
    """

    def __init__(
        self,
        states: BackboneStates,
        mean: NDArray[np.float32],
        deviation: NDArray[np.float32],
    ) -> None:
        self._states, self._mean, self._deviation = states, mean, deviation
        self._known: tuple[tuple[str, ...], NDArray[np.float32]] | None = None

    @classmethod
    def fit(cls, states: BackboneStates, texts: Sequence[str], cache: Path) -> Self:
        """Standardised over ``texts``, whose states are kept in ``cache``."""
        raw = stored_vectors(cache, states, texts)
        deviation = np.maximum(raw.std(axis=0), 1e-4).astype(np.float32)
        encoder = cls(states, raw.mean(axis=0).astype(np.float32), deviation)
        encoder._known = (tuple(texts), raw)
        states.close()
        return encoder

    @property
    def width(self) -> int:
        """The length of a vector."""
        return len(self._mean)

    @property
    def fingerprint(self) -> str:
        """A digest of the backbone's and of the moments."""
        moments = (self._mean.tobytes().hex(), self._deviation.tobytes().hex())
        return content_digest(self._states.fingerprint, *moments)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, width) vectors, one per text."""
        if self._known is not None and self._known[0] == tuple(texts):
            raw = self._known[1]
        else:
            raw = self._states.encode(texts)
        return np.asarray((raw - self._mean) / self._deviation, dtype=np.float32)

    def save(self, folder: Path) -> dict[str, object]:
        """Writes the moments; the backbone is named."""
        from safetensors.numpy import save_file

        with replacing(folder / _ARRAYS) as temporary:
            save_file({"mean": self._mean, "deviation": self._deviation}, temporary)
        return {"kind": "backbone", **asdict(self._states)}

    @classmethod
    def load(cls, folder: Path, states: BackboneStates) -> Self:
        """The encoder written by :meth:`save`."""
        from safetensors.numpy import load_file

        with explained(folder):
            arrays = load_file(folder / _ARRAYS)
        return cls(states, arrays["mean"], arrays["deviation"])
