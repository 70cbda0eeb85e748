"""Rows of seen senses: which of them validate and test, while every sense stays in training.

Rows of one unit (near-duplicates of each other) go together. Validation takes the units of the
lowest ranks of each stratum, test_seen those of the highest, until the targets (rows per stratum)
are reached, so that more rows move few of the others. Of each sense without a pinned row in
training the unit that ranks nearest to the middle is kept for it. Pinned rows keep their parts; the
others of their unit follow them, or are left out where the pinned ones differ.

A :class:`SeenRows` is one part of all rows, those of some ranks; what is decided for all of them is
little: a number per sense, and per stratum.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pipeline.select.grams import I64, U64
from pipeline.split.pins import FREE, Parts
from pipeline.split.strata import N_STRATA, POLYSEMY, rounded
from schemas.records import Polysemy

TRAIN, VALIDATION, TEST_SEEN = range(3)

_MIDDLE = np.uint64(1 << 63)
_NO_PART = 9
_FAR = np.iinfo(np.uint64).max


@dataclass(frozen=True)
class SeenRows:
    """n rows of seen senses, with all rows of their units."""

    rank: U64
    """(n,): of its unit."""
    sense: I64
    stratum: I64
    pinned: Parts
    """(n,): the part that a row must have, or FREE."""

    @cached_property
    def _units(self) -> tuple[U64, I64]:
        return np.unique(self.rank, return_inverse=True)

    @cached_property
    def _follow(self) -> tuple[Parts, NDArray[np.bool_]]:
        """(m,): the part that the pinned rows of each unit want, or FREE; whether they differ."""
        ranks, unit = self._units
        least, most = np.full(len(ranks), _NO_PART), np.full(len(ranks), FREE)
        fixed = self.pinned != FREE
        np.minimum.at(least, unit[fixed], self.pinned[fixed])
        np.maximum.at(most, unit[fixed], self.pinned[fixed])
        return most.astype(np.int8), (least < most) & (most != FREE)

    @property
    def taught(self) -> I64:
        """The senses that have a pinned row in training."""
        return np.unique(self.sense[self.pinned == TRAIN])

    def pinned_rows(self, part: int) -> I64:
        """(strata,): how many rows are pinned to a part."""
        return _by_stratum(self.stratum[self.pinned == part])

    def nearest(self, taught: NDArray[np.bool_]) -> tuple[I64, U64, U64]:
        """The senses that are not ``taught``, and the unit of each that is nearest to the middle.

        Ascending senses, how far from the middle, and the rank.
        """
        _, unit = self._units
        some = (self._follow[0][unit] == FREE) & ~taught[self.sense]
        sense, rank = self.sense[some], self.rank[some]
        away = np.where(rank >= _MIDDLE, rank - _MIDDLE, _MIDDLE - rank)
        order = np.lexsort((rank, away, sense))
        first = np.append(True, sense[order][1:] != sense[order][:-1])[: len(order)]
        kept = order[first]
        return sense[kept], away[kept], rank[kept]

    def free(self, taught: NDArray[np.bool_], anchor: U64) -> tuple[I64, I64]:
        """What may validate or test: (m,) rows of each unit, 0 if none; and its stratum.

        ``anchor`` (senses,) is the rank of the unit that is kept in training.
        """
        ranks, unit = self._units
        most, _ = self._follow
        anchors = np.zeros(len(ranks), dtype=bool)
        anchors[unit[~taught[self.sense] & (self.rank == anchor[self.sense])]] = True
        sizes = np.where((most == FREE) & ~anchors, np.bincount(unit, minlength=len(ranks)), 0)
        stratum = np.full(len(ranks), N_STRATA - 1, dtype=np.int64)
        np.minimum.at(stratum, unit, self.stratum)
        return sizes, stratum

    def parts(self, taken: I64) -> Parts:
        """(n,): the part of each row, or FREE: left out; ``taken`` is that of each free unit."""
        _, unit = self._units
        most, torn = self._follow
        part = np.where(most == FREE, taken, most)
        part = np.where(self.pinned != FREE, self.pinned, np.where(torn[unit], FREE, part[unit]))
        return part.astype(np.int8)


def taken_in_order(sizes: I64, stratum: I64, before: I64, quota: I64) -> NDArray[np.bool_]:
    """(m,): the units, in their order, before which fewer rows of their stratum are than wanted.

    ``before`` (strata,): rows before the first of them; units without rows are never taken.
    """
    taken = np.zeros(len(sizes), dtype=bool)
    for number in range(N_STRATA):
        units = np.flatnonzero((stratum == number) & (sizes > 0))
        done = before[number] + np.cumsum(sizes[units]) - sizes[units]
        taken[units[done < quota[number]]] = True
    return taken


class Anchors:
    """Of each sense, the unit nearest to the middle of all ranks so far."""

    def __init__(self, n_senses: int) -> None:
        self._away = np.full(n_senses, _FAR)
        self.rank: U64 = np.zeros(n_senses, dtype=np.uint64)
        """(n senses,)"""

    def add(self, sense: I64, away: U64, rank: U64) -> None:
        """The nearest units of some senses among further rows, of higher ranks."""
        nearer = away < self._away[sense]
        self._away[sense[nearer]], self.rank[sense[nearer]] = away[nearer], rank[nearer]


def _by_stratum(strata: I64) -> I64:
    counts: I64 = np.bincount(strata, minlength=N_STRATA)
    return counts


def rows_by_stratum(sizes: I64, stratum: I64) -> I64:
    """(strata,): rows of all units."""
    return np.bincount(stratum, weights=sizes, minlength=N_STRATA).astype(np.int64)


def quotas(free_rows: I64, targets: dict[int, list[float]]) -> dict[int, I64]:
    """Whole rows per stratum for each part, within what is free; ambiguous lemmas in each part."""
    free = free_rows.tolist()
    found = {}
    for code, wanted in targets.items():
        total = min(max(1, round(sum(wanted))) if sum(wanted) else 0, sum(free))
        counts = rounded(wanted, free, total)
        same_pos = [i for i in range(N_STRATA) if POLYSEMY[i % len(POLYSEMY)] is Polysemy.SAME_POS]
        if total and not any(counts[i] for i in same_pos) and any(free[i] for i in same_pos):
            if total > 1:
                counts[max(range(N_STRATA), key=lambda i: counts[i])] -= 1
            counts[max(same_pos, key=lambda i: free[i])] += 1
        found[code] = np.array(counts, dtype=np.int64)
        free = [have - used for have, used in zip(free, counts, strict=True)]
    return found
