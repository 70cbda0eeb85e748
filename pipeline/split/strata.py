"""Strata: part of speech by polysemy, and how far a part is from what it should hold of each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline.select.senses import NumberedSenses
from schemas.records import Polysemy, Pos

POS = tuple(Pos)
POLYSEMY = tuple(Polysemy)
N_STRATA = len(POS) * len(POLYSEMY)
"""A stratum is a number: the place of its POS times 3 plus the place of its polysemy."""


def stratum(pos: Pos, polysemy: Polysemy) -> int:
    """The number of a stratum."""
    return POS.index(pos) * len(POLYSEMY) + POLYSEMY.index(polysemy)


def strata_of_senses(senses: NumberedSenses) -> NDArray[np.int64]:
    """(n,): the stratum of each sense."""
    pos = pc.index_in(senses.columns["pos"], pa.array([pos.value for pos in POS]))
    ambiguous = senses.columns["n_siblings"].to_numpy() > 0
    same_pos = senses.columns["n_siblings_same_pos"].to_numpy() > 0
    strata: NDArray[np.int64] = pos.to_numpy() * len(POLYSEMY) + np.maximum(ambiguous, 2 * same_pos)
    return strata


def strata_of(polysemy: Polysemy) -> tuple[int, ...]:
    """The strata of one polysemy, over all parts of speech."""
    return tuple(stratum(pos, polysemy) for pos in POS)


_MARGINS = (
    tuple((number,) for number in range(N_STRATA))
    + tuple(strata_of(polysemy) for polysemy in POLYSEMY)
    + tuple(tuple(stratum(pos, polysemy) for polysemy in POLYSEMY) for pos in POS)
    + (tuple(range(N_STRATA)),)
)


def distance(rows: Sequence[float], targets: Sequence[float]) -> float:
    """The sum of |rows - target| over the strata, each polysemy, each POS and the whole.

    The sums over several strata keep a small part balanced where a stratum's own target is less
    than one sense's rows.
    """
    gap = [have - want for have, want in zip(rows, targets, strict=True)]
    return sum(abs(sum([gap[number] for number in margin])) for margin in _MARGINS)


def rounded(targets: Sequence[float], limits: Sequence[int], total: int) -> list[int]:
    """Whole numbers near the targets that add up to ``total`` if the limits allow it.

    Largest remainders first; a stratum never gets more than its limit.
    """
    counts = [min(int(target), limit) for target, limit in zip(targets, limits, strict=True)]
    order = sorted(range(len(counts)), key=lambda i: (int(targets[i]) - targets[i], i))
    while sum(counts) < total:
        open_strata = [i for i in order if counts[i] < limits[i]]
        if not open_strata:
            break
        for i in open_strata[: total - sum(counts)]:
            counts[i] += 1
    return counts
