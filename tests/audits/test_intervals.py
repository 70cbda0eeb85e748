from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audits.statistics.exact import exact
from audits.statistics.intervals import Z95, most_likely_shares, score, stratified, wilson


@pytest.mark.parametrize(
    ("good", "n", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_gives_the_published_limits(good, n, low, high):
    """Newcombe, Statistics in Medicine 17 (1998), table I, method 3."""
    assert wilson(good, n) == pytest.approx((low, high), abs=5e-5)


def test_the_score_interval_of_one_stratum_is_wilsons():
    for good, n in [(9, 10), (0, 20), (45, 50)]:
        bounds = score([[good]], [n], [1e12])
        assert (bounds.low[0], bounds.high[0]) == pytest.approx(wilson(good, n), abs=1e-6)


def test_the_score_interval_of_one_stratum_counts_n_as_more_where_the_population_is_small():
    """45 of 50 from 400 rows say as much as 57 of 57 * 45 / 50: 50 * 399 / 350 = 57."""
    bounds = score([[45]], [50], [400])
    assert (bounds.low[0], bounds.high[0]) == pytest.approx(wilson(51.3, 57), abs=1e-6)


def test_what_was_seen_bounds_what_can_be_true():
    """Of 10 rows of either stratum 8 were read and 4 were good: 8 to 12 of 20 are good."""
    bounds = score([[4, 4]], [8, 8], [10, 10])
    assert 0.4 <= bounds.low[0] < 0.5 < bounds.high[0] <= 0.6


def test_the_interval_of_one_stratum_is_exact():
    bounds = stratified(
        [[9], [10]],
        [
            10,
        ],
        [300],
    )
    assert (bounds.low[0], bounds.high[0]) == exact(9, 10, 300)
    assert (bounds.low[1], bounds.high[1]) == exact(10, 10, 300)


def test_the_interval_is_exact_where_one_stratum_alone_has_unread_rows():
    """The 7 good rows of the stratum that was read in full are known."""
    bounds = stratified([[7, 9]], [10, 10], [10, 300])
    low, high = exact(9, 10, 300)
    assert bounds.value[0] == pytest.approx((7 + 270) / 310)
    assert bounds.low[0] == pytest.approx((7 + 300 * low) / 310)
    assert bounds.high[0] == pytest.approx((7 + 300 * high) / 310)


def test_the_estimate_weights_strata_by_their_population():
    bounds = stratified([[9, 5]], [10, 10], [300, 100])
    assert bounds.value[0] == pytest.approx(0.75 * 0.9 + 0.25 * 0.5)


def test_strata_read_in_full_leave_no_doubt():
    bounds = stratified([[7, 3]], [10, 5], [10, 5])
    assert bounds.value[0] == pytest.approx(10 / 15)
    assert (bounds.low[0], bounds.high[0]) == pytest.approx((10 / 15, 10 / 15), abs=1e-9)


def plain_interval(good, n, population, steps=4001):
    """The same interval by brute force: every t of a grid, q by a search over a fine grid."""
    weight = np.array(population) / sum(population)
    size = np.array(n) * (np.array(population) - 1) / (np.array(population) - np.array(n))
    value = float((np.array(good) / np.array(n)) @ weight)
    inside = []
    first = np.linspace(1e-9, 1 - 1e-9, 20001)
    for t in np.linspace(0.0005, 0.9995, steps):
        second = (t - weight[0] * first) / weight[1]
        fits = (second > 0) & (second < 1)
        q = np.stack([first[fits], second[fits]])
        if not q.size:
            continue
        x, m = np.array(good)[:, None] + t, np.array(n)[:, None] + 1
        likelihood = (x * np.log(q) + (m - x) * np.log(1 - q)).sum(axis=0)
        best = q[:, likelihood.argmax()]
        if (value - t) ** 2 <= Z95**2 * (weight**2 * best * (1 - best) / size).sum():
            inside.append(t)
    return min(inside), max(inside)


@pytest.mark.parametrize(
    ("good", "n", "population"),
    [
        ((9, 3), (10, 6), (5000, 900)),
        ((4, 4), (4, 4), (1000, 1000)),
        ((0, 19), (3, 20), (80, 9000)),
    ],
)
def test_the_score_interval_is_that_of_a_slow_plain_search(good, n, population):
    bounds = score([list(good)], list(n), list(population))
    expected = plain_interval(good, n, population)
    assert (bounds.low[0], bounds.high[0]) == pytest.approx(expected, abs=5e-4)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 30), st.integers(1, 30), st.integers(1, 3000)),
        min_size=1,
        max_size=6,
    ),
    st.floats(0.02, 0.98),
)
def test_most_likely_shares_keep_their_sum_and_no_neighbour_is_likelier(strata, total):
    good = np.array([[min(x, n) for x, n, _ in strata]], dtype=float)
    n = np.array([n for _, n, _ in strata], dtype=float)
    weight = np.array([w for _, _, w in strata], dtype=float)
    weight /= weight.sum()
    q = most_likely_shares(np.array([total]), good, n, weight)
    assert q @ weight == pytest.approx(total, abs=1e-6)

    def likelihood(shares):
        x, m = good[0] + total, n + 1
        return float((x * np.log(shares) + (m - x) * np.log(1 - shares)).sum())

    rng = np.random.default_rng(0)
    for _ in range(5):
        step = rng.normal(size=len(n)) * 1e-3
        step -= weight * (step @ weight) / (weight @ weight)
        near = q[0] + step
        if (near > 1e-6).all() and (near < 1 - 1e-6).all():
            assert likelihood(near) <= likelihood(np.clip(q[0], 1e-12, 1 - 1e-12)) + 1e-6


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 40), st.integers(1, 40), st.integers(0, 500)),
        min_size=1,
        max_size=8,
    )
)
def test_an_interval_holds_its_estimate_and_lies_between_0_and_1(strata):
    good = [[min(x, n) for x, n, _ in strata]]
    n = [n for _, n, _ in strata]
    population = [n + more for _, n, more in strata]
    bounds = stratified(good, n, population)
    assert 0 <= bounds.low[0] <= bounds.value[0] <= bounds.high[0] <= 1
