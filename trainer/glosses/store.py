"""Gloss vectors computed once and mapped into memory, under a fingerprint."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from schemas.files import replacing
from schemas.ids import content_digest
from trainer.storage.arrays import mapped_array


class Encoder(Protocol):
    """What makes vectors that can be kept."""

    @property
    def fingerprint(self) -> str:
        """A digest of everything that decides the vectors."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, width) vectors, one per text."""


def stored_vectors(folder: Path, encoder: Encoder, texts: Sequence[str]) -> NDArray[np.float32]:
    """(n, width) read-only vectors of the texts, from ``folder`` or computed into it.

    The file is named by a digest of the encoder and the texts in order, so that it can never
    be stale.
    """
    path = folder / f"{content_digest(encoder.fingerprint, *texts)[:32]}.npy"
    if not path.exists():
        vectors = encoder.encode(texts)
        with replacing(path) as temporary, open(temporary, "wb") as file:
            np.save(file, vectors)
    return mapped_array(path)
