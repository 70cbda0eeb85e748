"""Arrays of many rows in files of 1,024 rows each: a killed writer goes on at its last file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from schemas.files import replacing

ROWS = 1024
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Parts:
    """The files that hold ``n`` rows, ``00000.npy`` the first 1,024 of them; whole or not there."""

    folder: Path
    n: int

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files, whether they are written yet or not."""
        return tuple(self.folder / f"{at // ROWS:05d}.npy" for at in range(0, self.n, ROWS))

    def missing(self) -> list[int]:
        """The numbers of the files that are still to be written."""
        return [number for number, path in enumerate(self.paths) if not path.exists()]

    def write(self, number: int, array: NDArray[np.generic]) -> None:
        """Writes one file under a temporary name, then renames it."""
        with replacing(self.paths[number]) as temporary, open(temporary, "wb") as file:
            np.save(file, array)


def of_part(rows: Sequence[T], number: int) -> Sequence[T]:
    """Those of all rows that stand in the file of that number."""
    return rows[number * ROWS : (number + 1) * ROWS]


def as_stored(values: Tensor) -> NDArray[np.generic]:
    """A tensor as NumPy keeps it: bf16, which NumPy lacks, as its bits."""
    stored = values.view(torch.int16) if values.dtype is torch.bfloat16 else values
    return np.asarray(stored.numpy())


def from_stored(values: NDArray[np.generic], dtype: torch.dtype) -> Tensor:
    """The tensor that :func:`as_stored` was given, copied into memory."""
    return torch.from_numpy(np.array(values)).view(dtype)
