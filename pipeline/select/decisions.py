"""What is decided of all contexts so far: a byte for each, and a little more for the dropped."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipeline.select.codes import CODES, KEPT
from pipeline.select.grams import I64

DROP = np.dtype([("row", "<u4"), ("partner", "<u4"), ("similarity", "<f4"), ("code", "i1")])
"""A row that is dropped for the sake of another one, which stays."""


class Decisions:
    """The code of every row, and the partner of those that were dropped for another one."""

    def __init__(self, code: NDArray[np.int8]) -> None:
        self.code = code
        """(n,): KEPT, or the number of the code by which it is dropped."""
        self._drops: list[NDArray[np.void]] = [np.zeros(0, dtype=DROP)]

    @property
    def staying(self) -> NDArray[np.bool_]:
        """(n,): which rows are not dropped so far."""
        mask: NDArray[np.bool_] = self.code == KEPT
        return mask

    def stays(self, rows: I64) -> NDArray[np.bool_]:
        """(len(rows),): which of these rows are not dropped so far."""
        mask: NDArray[np.bool_] = self.code[rows] == KEPT
        return mask

    def drop(self, drops: NDArray[np.void]) -> None:
        """Drops rows for the sake of others."""
        self.code[drops["row"]] = drops["code"]
        self._drops.append(drops)

    def drops(self) -> NDArray[np.void]:
        """All that were dropped for the sake of others, ascending."""
        drops = np.concatenate(self._drops)
        return drops[np.argsort(drops["row"], kind="stable")]

    def by_code(self) -> dict[str, int]:
        """How many rows were dropped by each code."""
        counts = np.bincount(self.code - KEPT, minlength=len(CODES) + 1).tolist()
        return {code.value: counts[code.number - KEPT] for code in CODES}
