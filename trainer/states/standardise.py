"""States on one scale: each dimension of each layer standardised, few directions kept if wanted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from schemas.errors import InputError
from schemas.files import explained, replacing
from schemas.ids import content_digest

_FILE = "standardise.safetensors"
_LEAST = 1e-4
_CHUNK = 1024
Rows = Sequence[int] | NDArray[np.int64]
ReadRows = Callable[[Rows], NDArray[np.float32]]
"""(rows, layers, width) states of those rows."""


@dataclass(frozen=True)
class Standardiser:
    """(x - mean) / deviation per layer and dimension; then onto the components, where there are.

    ``mean`` and ``deviation`` are (layers, width), ``components`` (layers, width, kept) with
    orthonormal columns. Raw hidden states lie in a narrow cone and a few of their numbers are a
    hundred times larger than the rest, so that all cosines are alike and a squared error sees
    those numbers alone.
    """

    mean: NDArray[np.float32]
    deviation: NDArray[np.float32]
    components: NDArray[np.float32] | None = None

    @classmethod
    def fit(cls, read: ReadRows, rows: Sequence[int], reduce: int | None = None) -> Self:
        """By those rows, the training targets; ``reduce``: principal components kept per layer.

        Sums run in float64 over the rows in their order, so that equal rows give equal bits.
        """
        chunks = [rows[at : at + _CHUNK] for at in range(0, len(rows), _CHUNK)]
        if not chunks:
            raise InputError("no training targets to standardise states by: check the data")
        mean = sum(read(chunk).sum(axis=0, dtype=np.float64) for chunk in chunks) / len(rows)
        squares = sum(((read(c) - mean) ** 2).sum(axis=0, dtype=np.float64) for c in chunks)
        deviation = np.maximum(np.sqrt(squares / len(rows)), _LEAST)
        plain = cls(mean.astype(np.float32), deviation.astype(np.float32))
        if reduce is None or reduce >= mean.shape[1]:
            return plain
        layers, width = mean.shape
        covariance = np.zeros((layers, width, width))
        for chunk in chunks:
            x = plain.apply(read(chunk)).astype(np.float64).transpose(1, 0, 2)
            covariance += x.transpose(0, 2, 1) @ x
        return cls(plain.mean, plain.deviation, _leading(covariance / len(rows), reduce))

    @property
    def width(self) -> int:
        """Numbers per layer that come out."""
        return int((self.mean if self.components is None else self.components).shape[-1])

    @property
    def digest(self) -> str:
        """Of all numbers."""
        arrays = (self.mean, self.deviation, self.components)
        return content_digest(*("" if a is None else a.tobytes().hex() for a in arrays))

    def apply(self, states: NDArray[np.float32]) -> NDArray[np.float32]:
        """(n, layers, width) states on the common scale, (n, layers, kept) where it reduces."""
        found = (states - self.mean) / self.deviation
        if self.components is not None:
            found = np.einsum("nlw,lwk->nlk", found, self.components, optimize=True)
        return np.asarray(found, dtype=np.float32)

    def save(self, folder: Path) -> None:
        """Writes the numbers into the folder."""
        from safetensors.numpy import save_file

        arrays = {"mean": self.mean, "deviation": self.deviation}
        if self.components is not None:
            arrays["components"] = self.components
        with replacing(folder / _FILE) as temporary:
            save_file(arrays, temporary)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """What :meth:`save` wrote; InputError where it is missing or damaged."""
        from safetensors import SafetensorError
        from safetensors.numpy import load_file

        path = folder / _FILE
        try:
            with explained(path):
                arrays = load_file(path)
            found = cls(arrays["mean"], arrays["deviation"], arrays.get("components"))
        except (SafetensorError, KeyError) as error:
            raise InputError(f"{path}: damaged ({error}): train it again") from error
        if not all(np.isfinite(array).all() for array in arrays.values()):
            raise InputError(f"{path}: not all numbers: train it again")
        return found


def _leading(covariance: NDArray[np.float64], kept: int) -> NDArray[np.float32]:
    """(layers, width, kept) eigenvectors, largest first; each one's largest number is positive."""
    _, vectors = np.linalg.eigh(covariance)
    vectors = vectors[:, :, ::-1][:, :, :kept]
    largest = np.abs(vectors).argmax(axis=1)[:, None, :]
    signs = np.sign(np.take_along_axis(vectors, largest, axis=1))
    return np.ascontiguousarray(vectors * signs, dtype=np.float32)
