"""Coverage without simulation: the sum over all samples that a design can give."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations
from math import comb

import numpy as np
import pytest

from audits.statistics.exact import exact
from audits.statistics.intervals import stratified
from tests.audits.designs import EXTREME, Design

Sample = tuple[tuple[int, int, int], ...]
"""Rows, sampled rows and good sampled rows of every stratum."""


def chances(population: int, good: int, n: int) -> np.ndarray:
    """The hypergeometric probabilities of 0 to n good rows."""
    ways = [comb(good, x) * comb(population - good, n - x) for x in range(n + 1)]
    return np.array([way / comb(population, n) for way in ways])


def samples(design: Design) -> dict[Sample, float]:
    """All samples with their probabilities, those below 1e-12 left out.

    Strata that have as many rows and sampled rows are interchangeable, so that samples which
    differ only in their order are one.
    """
    found: dict[Sample, float] = {(): 1.0}
    for population, good, n in zip(design.population, design.good, design.sampled, strict=True):
        longer: defaultdict[Sample, float] = defaultdict(float)
        for sample, chance in found.items():
            for x, p in enumerate(chances(population, good, n)):
                longer[tuple(sorted((*sample, (population, n, x))))] += chance * p
        found = {sample: chance for sample, chance in longer.items() if chance > 1e-12}
    return found


def coverage(design: Design) -> float:
    """The probability that the interval holds the population's quality."""
    found = samples(design)
    strata = np.array(list(found))  # (samples, strata, 3)
    bounds = stratified(strata[:, :, 2], strata[0, :, 1], strata[0, :, 0])
    holds = (bounds.low <= design.truth + 1e-12) & (design.truth - 1e-12 <= bounds.high)
    return float(np.array(list(found.values())) @ holds)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("12 strata of 2 rows", 0.9313),
        ("skewed sizes, 10 rows each", 0.9301),
        ("1 stratum, 50 rows", 0.9429),
    ],
)
def test_small_and_skewed_strata_are_covered_93_to_97_percent_of_the_time(name, expected):
    found = coverage(EXTREME[name])
    assert found == pytest.approx(expected, abs=5e-5)
    assert 0.93 <= found <= 0.97


def test_of_one_population_no_interval_can_be_right_93_to_97_percent_of_the_time():
    """30 of 60 rows, 6 of which are bad: whatever samples an interval is right for, these have
    together less than 93 % or more than 97 %."""
    design = EXTREME["1 stratum, 30 of 60 rows"]
    possible = [float(p) for p in chances(60, 54, 30) if p]
    sums = [sum(chosen) for size in range(8) for chosen in combinations(possible, size)]
    assert len(possible) == 7
    assert max(p for p in sums if p < 0.95) == pytest.approx(0.9146, abs=5e-5)
    assert min(p for p in sums if p >= 0.95) == pytest.approx(0.9763, abs=5e-5)
    assert coverage(design) == min(p for p in sums if p >= 0.95)


@pytest.mark.parametrize("n", [5, 8, 12, 20, 30])
@pytest.mark.parametrize("population", [60, 1000])
def test_over_qualities_one_stratum_is_covered_93_to_97_percent_and_never_below_90(n, population):
    """At one quality coverage jumps with the few possible samples; here it is 0.5 to 1 in turn."""
    ends = np.array([exact(x, n, population) for x in range(n + 1)])
    coverages = []
    for good in range(population // 2, population + 1):
        truth = good / population
        holds = (ends[:, 0] <= truth + 1e-12) & (truth - 1e-12 <= ends[:, 1])
        coverages.append(chances(population, good, n) @ holds)
    assert 0.93 <= np.mean(coverages) <= 0.97
    assert min(coverages) > 0.9
