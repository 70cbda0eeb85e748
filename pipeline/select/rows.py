"""Some contexts as arrays: what deciding between equal sentences needs of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.select.codes import KEPT, SelectCode
from pipeline.select.grams import I64, U64


@dataclass(frozen=True, slots=True)
class Rows:
    """n contexts; what is dropped is changed in place."""

    sense: NDArray[np.int32]
    lemma: NDArray[np.int32]
    judged: NDArray[np.int8]
    priority: U64
    """Of two that cannot both stay, the lower stays: by verdict, then by digest of the id."""
    sentence: U64
    """A number of the sentence: equal for exact duplicates only."""
    place: NDArray[np.uint16]
    """How many units precede the target."""
    code: NDArray[np.int8]
    """KEPT, or the number of the code by which it is dropped."""
    partner: NDArray[np.int64]
    """The row it was dropped for, or -1."""

    @classmethod
    def of(cls, found: NDArray[np.void]) -> Rows:
        """Contexts that are all kept so far, from an array with fields of these names."""
        names = ("sense", "lemma", "judged", "priority", "sentence", "place")
        return cls(
            **{name: np.ascontiguousarray(found[name]) for name in names},
            code=np.full(len(found), KEPT, dtype=np.int8),
            partner=np.full(len(found), -1, dtype=np.int64),
        )

    @property
    def kept_mask(self) -> NDArray[np.bool_]:
        """(n,): which rows are not dropped so far."""
        mask: NDArray[np.bool_] = self.code == KEPT
        return mask

    @property
    def kept(self) -> I64:
        """The rows that are not dropped so far, ascending."""
        return np.flatnonzero(self.kept_mask)

    def is_kept(self, row: int) -> bool:
        """True if the row is not dropped so far."""
        return bool(self.code[row] == KEPT)

    def drop(self, row: int, code: SelectCode, partner: int) -> None:
        """Drops a row for the sake of ``partner``."""
        self.code[row] = code.number
        self.partner[row] = partner


def runs(sorted_values: NDArray[np.generic]) -> Iterator[tuple[int, int]]:
    """The bounds of each run of equal values."""
    starts = np.flatnonzero(np.append(True, sorted_values[1:] != sorted_values[:-1]))
    for start, end in zip(starts, np.append(starts[1:], len(sorted_values)), strict=True):
        yield int(start), int(end)
