"""Populations of known quality and what is drawn from them, for tests of intervals."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from audits.sampling.allocation import allocate


class Design(NamedTuple):
    """Rows, share of good rows and sampled rows of every stratum."""

    population: list[int]
    quality: list[float]
    sampled: list[int]

    @property
    def good(self) -> list[int]:
        """The number of good rows of every stratum."""
        return np.round(np.array(self.population) * self.quality).astype(int).tolist()

    @property
    def truth(self) -> float:
        """The share of good rows in the whole population."""
        return sum(self.good) / sum(self.population)


def allocated(population, quality, total, allocation="proportional") -> Design:
    named = {f"{place:02d}": count for place, count in enumerate(population)}
    sizes = allocate(total, named, allocation)
    return Design(population, quality, [sizes[name] for name in named])


BY_POS_AND_POLYSEMY = [4000, 3000, 6000, 900, 700, 1500, 500, 300, 800, 120, 60, 150, 40, 30, 25]
GOOD = [0.92, 0.85, 0.8, 0.95, 0.9, 0.85, 0.93, 0.88, 0.8, 0.9, 0.85, 0.75, 0.9, 0.8, 0.6]
VERY_GOOD = [0.99, 0.98, 0.95, 0.99, 0.97, 0.95, 0.98, 0.96, 0.9, 0.97, 0.95, 0.9, 0.95, 0.9, 0.8]
TWELVE = [0.9, 0.8, 0.95, 0.85, 0.7, 0.9, 0.9, 0.8, 0.95, 0.85, 0.7, 0.9]
UNLIKE = [0.99, 0.5, 0.95, 0.3, 0.9, 0.99, 0.6, 0.8, 0.95, 0.2, 0.97, 0.9]

DESIGNS = {
    "15 strata, 100 rows": allocated(BY_POS_AND_POLYSEMY, GOOD, 100),
    "15 strata, 200 rows": allocated(BY_POS_AND_POLYSEMY, GOOD, 200),
    "15 strata, 200 rows, equal": allocated(BY_POS_AND_POLYSEMY, GOOD, 200, "equal"),
    "15 very good strata, 200 rows": allocated(BY_POS_AND_POLYSEMY, VERY_GOOD, 200),
    "15 very good strata, 200 rows, equal": allocated(BY_POS_AND_POLYSEMY, VERY_GOOD, 200, "equal"),
    "12 strata of 4 rows": Design([100] * 12, TWELVE, [4] * 12),
    "12 strata of 3 rows": Design([100] * 12, TWELVE, [3] * 12),
    "12 unlike strata of 4 rows": Design([100] * 12, UNLIKE, [4] * 12),
    "skewed sizes": allocated([10_000, 200, 50, 10], [0.95, 0.6, 0.4, 0.2], 100),
    "skewed sizes, equal": allocated([10_000, 200, 50, 10], [0.95, 0.6, 0.4, 0.2], 100, "equal"),
    "most rows in the smallest strata": Design([9000, 500, 300], [0.97, 0.5, 0.3], [20, 60, 60]),
    "one good and one bad stratum": Design([3000, 1000], [0.99, 0.4], [75, 25]),
    "some strata read in full": Design(
        [20, 15, 500, 2000], [0.75, 0.6, 0.9, 0.95], [20, 15, 30, 60]
    ),
    "a tiny population": Design([30, 20, 12, 8], [0.8, 0.7, 0.75, 0.5], [10, 8, 6, 4]),
}

EXTREME = {
    "15 strata, 60 rows": allocated(BY_POS_AND_POLYSEMY, GOOD, 60),
    "12 strata of 2 rows": Design([100] * 12, TWELVE, [2] * 12),
    "skewed sizes, 10 rows each": Design([10_000, 200, 50, 10], [0.9, 0.6, 0.4, 0.2], [10] * 4),
    "1 stratum, 50 rows": Design([5000], [0.9], [50]),
    "1 stratum, 30 of 60 rows": Design([60], [0.9], [30]),
}
