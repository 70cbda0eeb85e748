"""The usages of all words in two files: a byte a number, found by binary search.

``dictionary.safetensors`` (U words, T usages, w numbers in a vector)::

    offsets     int64 (U + 1)   a word's usages are the rows offsets[u] to offsets[u + 1]
    places      int64 (U + 1)   a word's line in units.txt begins at this byte
    centres     int8  (T, w)    times its scale a centre; off by half a scale at most
    scales      fp16  (T)
    mass        int32 (T)       how many of the vectors that were clustered
"""

from __future__ import annotations

import mmap
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from schemas.errors import InputError
from schemas.files import explained, replacing
from trainer.senses.clustering import Usages
from trainer.senses.kmeans import Floats

ARRAYS, UNITS = "dictionary.safetensors", "units.txt"
_STEPS = 127
_NAMES = ("offsets", "places", "centres", "scales", "mass")


def array_bytes(n_units: int, n_usages: int, width: int) -> int:
    """What the numbers of ``dictionary.safetensors`` take, its header of names apart."""
    return 2 * 8 * (n_units + 1) + n_usages * (width + 2 + 4)


def quantised(centres: Floats) -> tuple[NDArray[np.int8], NDArray[np.float16]]:
    """Centres (T, w) as whole numbers and a scale each; the scale is never rounded down."""
    wanted = np.abs(centres).max(axis=1, initial=0.0) / _STEPS
    scales = wanted.astype(np.float16)
    short = scales.astype(np.float64) < wanted
    scales[short] = np.nextafter(scales[short], np.float16(np.inf))
    scales[scales == 0] = 1.0
    return np.rint(centres / scales.astype(np.float32)[:, None]).astype(np.int8), scales


@dataclass(frozen=True)
class SenseDictionary:
    """The usages of words; a word is known by its key in the language's spelling."""

    offsets: NDArray[np.int64]
    places: NDArray[np.int64]
    centres: NDArray[np.int8]
    scales: NDArray[np.float16]
    mass: NDArray[np.int32]
    lines: mmap.mmap | bytes

    @classmethod
    def open(cls, folder: Path) -> Self:
        """The dictionary in a folder; InputError for files that are damaged or do not fit."""
        from safetensors import SafetensorError
        from safetensors.numpy import load_file

        path = folder / ARRAYS
        try:
            with explained(path):
                arrays = load_file(path)
            with explained(folder / UNITS), open(folder / UNITS, "rb") as file:
                lines = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            found = cls(**{name: arrays[name] for name in _NAMES}, lines=lines)
            found.check(folder)
        except (SafetensorError, KeyError, ValueError) as error:
            raise InputError(
                f"{path}: damaged ({error}): run `viconwsd senses build` again"
            ) from error
        return found

    def check(self, folder: Path) -> None:
        """Raises ValueError where the parts do not fit together."""
        fits = (
            len(self.offsets) == len(self.places)
            and len(self.centres) == len(self.scales) == len(self.mass) == int(self.offsets[-1])
            and self.centres.ndim == 2
            and int(self.places[-1]) == len(self.lines)
        )
        if not fits:
            raise ValueError(f"its arrays do not fit each other, nor {folder / UNITS}")

    def __len__(self) -> int:
        """The number of words."""
        return len(self.offsets) - 1

    @property
    def width(self) -> int:
        """The length of a vector."""
        return int(self.centres.shape[1])

    def unit(self, row: int) -> str:
        """The word of a row."""
        return self._line(row).decode()

    def _line(self, row: int) -> bytes:
        return self.lines[self._starts[row] : self._starts[row + 1] - 1]

    @cached_property
    def _starts(self) -> list[int]:
        """``places`` as Python's own numbers, which are met five times as fast one by one."""
        found: list[int] = self.places.tolist()
        return found

    def row_of(self, unit: str) -> int | None:
        """The row of a word by its key; None for a word that the dictionary lacks."""
        wanted = unit.encode()
        row = bisect_left(range(len(self)), wanted, key=self._line)
        return row if row < len(self) and self._line(row) == wanted else None

    def usages(self, row: int) -> slice:
        """The rows of a word's usages."""
        return slice(int(self.offsets[row]), int(self.offsets[row + 1]))

    def vectors(self, rows: slice | NDArray[np.int64]) -> Floats:
        """(n, w) centres of those usages."""
        scales = self.scales[rows].astype(np.float32)
        vectors: Floats = self.centres[rows].astype(np.float32) * scales[:, None]
        return vectors

    @cached_property
    def most_usages(self) -> int:
        """The largest number of usages of a word."""
        return int(np.diff(self.offsets).max(initial=1))

    def padded(self, rows: NDArray[np.int64]) -> tuple[Floats, NDArray[np.bool_]]:
        """(n, k, w) usage vectors of words, zero on padding, and (n, k) where there are any."""
        first, n_own = self.offsets[rows], self.offsets[rows + 1] - self.offsets[rows]
        known = np.arange(int(n_own.max(initial=1))) < n_own[:, None]
        vectors = np.zeros((*known.shape, self.width), dtype=np.float32)
        flat = (first[:, None] + np.arange(known.shape[1]))[known]
        vectors[known] = self.vectors(flat)
        return vectors, known


def save_dictionary(folder: Path, units: Sequence[str], usages: Sequence[Usages]) -> None:
    """Writes the two files; ``units`` are keys in the order of their bytes."""
    from safetensors.numpy import save_file

    lines = [f"{unit}\n".encode() for unit in units]
    if lines != sorted(set(lines)):
        raise ValueError("the words of a dictionary are sorted by their bytes, each once")
    centres, scales = quantised(np.concatenate([own.centres for own in usages]))
    arrays: dict[str, NDArray[Any]] = {
        "offsets": _ends([len(own.mass) for own in usages]),
        "places": _ends([len(line) for line in lines]),
        "centres": centres,
        "scales": scales,
        "mass": np.concatenate([own.mass for own in usages]).astype(np.int32),
    }
    with replacing(folder / ARRAYS) as temporary:
        save_file(arrays, temporary)
    with replacing(folder / UNITS) as temporary:
        temporary.write_bytes(b"".join(lines))


def _ends(lengths: Sequence[int]) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
