"""The exact interval of one stratum: by hand, against plain fractions, and what it never does."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audits.statistics.exact import exact, mid_p


def probability(x: int, good: int, n: int, population: int) -> Fraction:
    """Of x good rows among n, of a population with so many good ones."""
    return Fraction(comb(good, x) * comb(population - good, n - x), comb(population, n))


def plain_mid_p(x: int, good: int, n: int, population: int) -> Fraction:
    seen = probability(x, good, n, population)
    others = [probability(other, good, n, population) for other in range(n + 1)]
    rarer = sum((p for p in others if p < seen), Fraction(0))
    return rarer + sum((p for p in others if p == seen), Fraction(0)) / 2


def test_three_of_three_from_six_by_hand():
    """Samples of 3 from 6 rows with K good ones, 20 in all; 3 good: comb(K, 3) of them.

    K = 3: 1 of 20 is like this, as is 1 with no good row, and none is rarer: 2 / 20 / 2 = 5 %, not
    more. K = 4: 4 samples have 1 good row, 12 have 2, 4 have 3: 8 / 20 / 2 = 20 %. K = 5 and K = 6
    are likelier still.
    """
    assert mid_p(np.array([3, 4]), 3, 3, 6) == pytest.approx([0.05, 0.2])
    assert exact(3, 3, 6) == (4 / 6, 1.0)


def test_two_of_two_from_twenty_by_hand():
    """Both good: K (K - 1) / 380. K = 7: 42 / 380, the rarest of the three, half of it 5.5 %.

    K = 6: 30 / 380, half of it 3.9 %.
    """
    assert mid_p(np.array([6, 7]), 2, 2, 20) == pytest.approx([15 / 380, 21 / 380])
    assert exact(2, 2, 20) == (0.35, 1.0)


@pytest.mark.parametrize(("n", "population"), [(1, 7), (6, 7), (7, 7), (5, 60), (30, 60), (12, 90)])
def test_the_interval_is_that_of_plain_fractions(n, population):
    for good in range(n + 1):
        counts = range(good, population - (n - good) + 1)
        inside = [k for k in counts if plain_mid_p(good, k, n, population) > Fraction(1, 20)]
        low, high = exact(good, n, population)
        assert low == min(min(inside) / population, good / n)
        assert high == max(max(inside) / population, good / n)


def test_in_a_large_population_it_is_the_binomial_interval():
    """All of 10 good: no quality below the lower end is inside, the lower end is."""
    low, high = exact(10, 10, 100_000)

    def binomial_mid_p(quality: float) -> float:
        p = [comb(10, x) * quality**x * (1 - quality) ** (10 - x) for x in range(11)]
        return sum(other for other in p if other < p[10]) + p[10] / 2

    assert binomial_mid_p(low + 1e-4) > 0.05
    assert max(binomial_mid_p(q) for q in np.arange(0.3, low - 1e-4, 1e-4)) <= 0.05
    assert high == 1


def test_a_stratum_that_was_read_in_full_leaves_no_doubt():
    assert exact(7, 10, 10) == (0.7, 0.7)


def test_a_part_of_a_row_is_a_row():
    """Left out unsure rows: 8 of 9 decided stand for 80 / 9 rows of 10."""
    assert exact(6, 8, 80 / 9) == exact(6, 8, 9)
    assert exact(6, 8, 9 + 1e-12) == exact(6, 8, 9)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 60), st.integers(0, 2000), st.integers(0, 60))
def test_an_interval_holds_its_share_and_mirrors_that_of_the_bad_rows(n, more, good):
    good = min(good, n)
    low, high = exact(good, n, n + more)
    assert 0 <= low <= good / n <= high <= 1
    assert low >= good / (n + more) - 1e-12
    assert high <= 1 - (n - good) / (n + more) + 1e-12
    bad_low, bad_high = exact(n - good, n, n + more)
    assert (1 - bad_high, 1 - bad_low) == pytest.approx((low, high), abs=1e-9)
