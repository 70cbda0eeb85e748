"""Arrays that workers leave for each other: files of bare numbers in a folder."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from schemas.files import explained

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Arrays:
    """A folder of arrays, each a file of bare numbers that is whole or absent."""

    folder: Path

    def save(self, name: str, array: Array) -> None:
        """Writes an array; one of this name is replaced."""
        path = self.folder / name
        temporary = path.with_name(f".{name}.{os.getpid()}")
        with explained(path):
            with open(temporary, "wb") as file:
                file.write(np.ascontiguousarray(array).data)
            temporary.replace(path)

    def load(self, name: str, dtype: DTypeLike, start: int = 0, count: int = -1) -> Array:
        """``count`` items from ``start`` on, or all there are."""
        path, size = self.folder / name, np.dtype(dtype).itemsize
        with explained(path):
            return np.fromfile(path, dtype=dtype, count=count, offset=start * size)

    def mapped(self, name: str, dtype: DTypeLike) -> Array:
        """The array on disk, of which only what is looked at is read."""
        path = self.folder / name
        with explained(path):
            if not path.stat().st_size:
                return np.zeros(0, dtype=dtype)
            return np.memmap(path, dtype=dtype, mode="r")

    def save_in_parts(self, name: str, array: Array, part: Array, n_parts: int) -> None:
        """Writes an array so that the items of each part lie together, in their order."""
        order = np.argsort(part, kind="stable")
        bounds = np.append(0, np.cumsum(np.bincount(part, minlength=n_parts)))
        self.save(name, array[order])
        self.save(f"{name}.parts", bounds.astype(np.int64))

    def bounds(self, name: str) -> Array:
        """(parts + 1,): part i of what :meth:`save_in_parts` wrote lies from item i to i + 1."""
        return self.load(f"{name}.parts", np.int64)

    def load_part(self, names: Sequence[str], dtype: DTypeLike, part: int) -> Array:
        """The items of one part in several arrays, one after the other."""
        found = [np.zeros(0, dtype=dtype)]
        for name in names:
            start, end = self.load(f"{name}.parts", np.int64, part, 2).tolist()
            found.append(self.load(name, dtype, start, end - start))
        return np.concatenate(found)
