"""All contexts as arrays: what deciding needs of each, 40 bytes, without its text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.select.codes import KEPT, SelectCode
from pipeline.select.grams import I64, U64

UNKNOWN = -1


@dataclass(frozen=True, slots=True)
class Rows:
    """n contexts in the order of their table; the arrays are filled and changed in place."""

    sense: NDArray[np.int32]
    lemma: NDArray[np.int32]
    judged: NDArray[np.int8]
    audited: NDArray[np.int8]
    priority: U64
    """Of two that cannot both stay, the lower stays: by verdict, then by digest of the id."""
    sentence: U64
    """A number of the sentence: equal for exact duplicates only."""
    place: NDArray[np.uint16]
    """How many units precede the target."""
    code: NDArray[np.int8]
    """KEPT, or the number of the code by which it is dropped."""
    partner: NDArray[np.int32]
    """The row it was dropped for, or -1."""
    similarity: NDArray[np.float32]

    @classmethod
    def empty(cls, n_rows: int) -> Rows:
        """``n_rows`` rows of which nothing is known yet."""
        return cls(
            sense=np.full(n_rows, UNKNOWN, dtype=np.int32),
            lemma=np.full(n_rows, UNKNOWN, dtype=np.int32),
            judged=np.zeros(n_rows, dtype=np.int8),
            audited=np.zeros(n_rows, dtype=np.int8),
            priority=np.zeros(n_rows, dtype=np.uint64),
            sentence=np.zeros(n_rows, dtype=np.uint64),
            place=np.zeros(n_rows, dtype=np.uint16),
            code=np.full(n_rows, KEPT, dtype=np.int8),
            partner=np.full(n_rows, -1, dtype=np.int32),
            similarity=np.zeros(n_rows, dtype=np.float32),
        )

    def __len__(self) -> int:
        return len(self.code)

    @property
    def kept(self) -> I64:
        """The rows that are not dropped so far, ascending."""
        return np.flatnonzero(self.code == KEPT)

    def is_kept(self, row: int) -> bool:
        """True if the row is not dropped so far."""
        return bool(self.code[row] == KEPT)

    def kept_of(self, rows: I64) -> NDArray[np.bool_]:
        """(len(rows),): which of these rows are not dropped so far."""
        mask: NDArray[np.bool_] = self.code[rows] == KEPT
        return mask

    def drop(self, row: int, code: SelectCode, partner: int = -1, similarity: float = 0.0) -> None:
        """Drops a row, for the sake of ``partner`` if there is one."""
        self.code[row] = code.number
        self.partner[row] = partner
        self.similarity[row] = similarity


def runs(sorted_values: NDArray[np.generic]) -> Iterator[tuple[int, int]]:
    """The bounds of each run of equal values."""
    starts = np.flatnonzero(np.append(True, sorted_values[1:] != sorted_values[:-1]))
    for start, end in zip(starts, np.append(starts[1:], len(sorted_values)), strict=True):
        yield int(start), int(end)
