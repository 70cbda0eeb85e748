"""Rows of seen senses: which of them validate and test, while every sense stays in training."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipeline.select.grams import I64, U64
from pipeline.split.pins import FREE, Parts
from pipeline.split.strata import N_STRATA, POLYSEMY, rounded
from schemas.records import Polysemy

TRAIN, VALIDATION, TEST_SEEN = range(3)

_MIDDLE = np.uint64(1 << 63)
_NO_PART = 9


def seen_parts(
    unit: I64,
    sense: I64,
    rank: U64,
    stratum: I64,
    targets: dict[int, list[float]],
    pinned: Parts,
) -> Parts:
    """(n,): TRAIN, VALIDATION or TEST_SEEN of n rows of seen senses, or FREE: left out.

    Rows of one ``unit`` (near-duplicates of each other) go together. ``pinned`` (n,) is the part
    that a row must have, or FREE; the others of its unit follow it, or are left out where the
    pinned ones differ. ``rank`` (m,) is a hash per unit: validation takes the lowest of each
    stratum, test_seen the highest, until ``targets`` (rows per stratum) are reached, so that more
    rows move few of the others. Of each sense without a pinned row in training the unit that
    ranks nearest to the middle is kept for it.
    """
    n_units = len(rank)
    least, most = np.full(n_units, _NO_PART), np.full(n_units, FREE)
    fixed = pinned != FREE
    np.minimum.at(least, unit[fixed], pinned[fixed])
    np.maximum.at(most, unit[fixed], pinned[fixed])
    torn = (least < most) & (most != FREE)
    part = np.where(most == FREE, TRAIN, most).astype(np.int8)
    sizes = np.bincount(unit, minlength=n_units)
    stratum_of = np.full(n_units, N_STRATA, dtype=np.int64)
    np.minimum.at(stratum_of, unit, stratum)
    taught = sense[fixed & (pinned == TRAIN)]
    untaught = (most[unit] == FREE) & ~np.isin(sense, taught)
    anchors = _anchors(unit[untaught], sense[untaught], rank)
    free = np.flatnonzero((sizes > 0) & (most == FREE) & ~anchors)
    open_targets = {
        code: _less(wanted, stratum[fixed & (pinned == code)]) for code, wanted in targets.items()
    }
    quotas = _quotas(stratum_of[free], sizes[free], open_targets)
    for number in range(N_STRATA):
        units = free[stratum_of[free] == number]
        units = units[np.argsort(rank[units], kind="stable")]
        for code, ordered in ((VALIDATION, units), (TEST_SEEN, units[::-1])):
            ordered = ordered[part[ordered] == TRAIN]
            before = np.cumsum(sizes[ordered]) - sizes[ordered]
            part[ordered[before < quotas[code][number]]] = code
    return np.where(fixed, pinned, np.where(torn[unit], FREE, part[unit])).astype(np.int8)


def _less(wanted: list[float], strata: I64) -> list[float]:
    """The targets without the rows that there are already."""
    there = np.bincount(strata, minlength=N_STRATA)
    return [max(0.0, want - have) for want, have in zip(wanted, there.tolist(), strict=True)]


def _anchors(unit: I64, sense: I64, rank: U64) -> NDArray[np.bool_]:
    """(m,): True for one unit of every sense, that whose rank is nearest to the middle."""
    away = np.where(rank >= _MIDDLE, rank - _MIDDLE, _MIDDLE - rank)[unit]
    order = np.lexsort((unit, away, sense))
    first = np.append(True, sense[order][1:] != sense[order][:-1])[: len(order)]
    anchors = np.zeros(len(rank), dtype=bool)
    anchors[unit[order[first]]] = True
    return anchors


def _quotas(strata: I64, sizes: I64, targets: dict[int, list[float]]) -> dict[int, list[int]]:
    """Whole rows per stratum for each part, within what is free; ambiguous lemmas in each part."""
    free = np.bincount(strata, weights=sizes, minlength=N_STRATA).astype(int).tolist()
    quotas = {}
    for code, wanted in targets.items():
        total = min(max(1, round(sum(wanted))) if sum(wanted) else 0, sum(free))
        counts = rounded(wanted, free, total)
        same_pos = [i for i in range(N_STRATA) if POLYSEMY[i % len(POLYSEMY)] is Polysemy.SAME_POS]
        if total and not any(counts[i] for i in same_pos) and any(free[i] for i in same_pos):
            if total > 1:
                counts[max(range(N_STRATA), key=lambda i: counts[i])] -= 1
            counts[max(same_pos, key=lambda i: free[i])] += 1
        quotas[code] = counts
        free = [have - used for have, used in zip(free, counts, strict=True)]
    return quotas
