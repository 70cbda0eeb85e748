"""Gloss vectors of a sentence-transformers model, its input segmented into words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from languages.language import Language
from schemas.errors import UsageError
from schemas.ids import content_digest
from trainer.storage.pretrained import opening_pretrained


class SentenceEncoder:
    """A frozen sentence-transformers model.

    ``segmented`` joins the units of a word by ``_``, as models over PhoBERT were trained.
    """

    def __init__(self, name: str, language: Language, segmented: bool | None = None) -> None:
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise UsageError(
                f"gloss_encoder {name!r} needs the package sentence-transformers: "
                "pip install sentence-transformers"
            ) from error
        self.name = name
        self._segment = language.segmentation.segment
        with opening_pretrained(name):
            self._model: Any = SentenceTransformer(name)
        pho = type(self._model.tokenizer).__name__.startswith("Phobert")
        self.segmented = pho if segmented is None else segmented

    @property
    def width(self) -> int:
        """The length of a vector."""
        return len(self.encode(["a"])[0])

    @property
    def fingerprint(self) -> str:
        """A digest of the name and of a probe of the weights."""
        total = sum(float(p.detach().float().sum()) for p in self._model.parameters())
        return content_digest("sentence", self.name, f"{total:.6e}", str(self.segmented))

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, width) vectors."""
        if self.segmented:
            texts = [" ".join(w.replace(" ", "_") for w in self._segment(t)) for t in texts]
        vectors = self._model.encode(list(texts), show_progress_bar=False, convert_to_numpy=True)
        return np.asarray(vectors, dtype=np.float32)

    def save(self, folder: Path) -> dict[str, object]:
        """The weights stay where they are: they are named, not copied."""
        return {"kind": "sentence", "name": self.name}
