"""k-means against numbers by hand, and what is true of it for any points."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from trainer.senses.kmeans import k_means, lloyd, spread_starts, squared_distances

LINE = np.array([0, 1, 10, 11], dtype=np.float32).reshape(1, 4, 1)
Points = NDArray[np.float32]


def points(most: int = 9) -> st.SearchStrategy[Points]:
    shape = st.tuples(st.just(1), st.integers(3, most), st.integers(1, 3))
    whole = st.integers(-9, 9).map(float)
    return shape.flatmap(lambda s: arrays(np.float32, s, elements=whole))


def noise(n_words: int, n: int, width: int, seed: int = 0) -> Points:
    return np.random.default_rng(seed).standard_normal((n_words, n, width)).astype(np.float32)


def test_two_pairs_on_a_line() -> None:
    found = k_means(LINE, 2, [7], steps=25, restarts=4)
    assert sorted(found.centres[0, :, 0]) == [0.5, 10.5]
    assert found.inertia.tolist() == [1.0]
    assert found.labels[0, 0] == found.labels[0, 1] != found.labels[0, 2] == found.labels[0, 3]


def test_with_a_centre_for_each_point_nothing_is_left() -> None:
    assert k_means(LINE, 4, [7], steps=25, restarts=1).inertia.tolist() == [0.0]


def test_one_centre_is_the_mean() -> None:
    found = k_means(LINE, 1, [7], steps=25, restarts=1)
    assert found.centres[0, 0, 0] == 5.5
    assert found.inertia.tolist() == [5.5**2 + 4.5**2 + 4.5**2 + 5.5**2]


@given(points(), st.integers(1, 3), st.integers(0, 100))
@settings(max_examples=40)
def test_no_step_makes_the_sum_of_squares_larger(own: Points, k: int, seed: int) -> None:
    draws = np.random.default_rng(seed).random((1, k))
    starts = spread_starts(own, draws)
    sums = [lloyd(own, starts, steps).inertia[0] for steps in range(6)]
    assert all(b <= a + 1e-4 for a, b in pairwise(sums)), sums


@given(points(), st.integers(1, 3), st.randoms(use_true_random=False))
@settings(max_examples=40)
def test_another_order_of_the_points_changes_only_the_order_of_the_labels(
    own: Points, k: int, random
) -> None:
    order = list(range(own.shape[1]))
    random.shuffle(order)
    one = k_means(own, k, [3], steps=25, restarts=2)
    other = k_means(own[:, order], k, [3], steps=25, restarts=2)
    assert one.centres.tobytes() == other.centres.tobytes()
    assert one.labels[:, order].tolist() == other.labels.tolist()


def test_a_word_has_the_same_bytes_alone_and_among_others() -> None:
    many = noise(5, 40, 16)
    seeds = [11, 12, 13, 14, 15]
    together = k_means(many, 4, seeds, steps=25, restarts=3)
    for at in range(5):
        alone = k_means(many[at : at + 1], 4, seeds[at : at + 1], steps=25, restarts=3)
        assert alone.centres.tobytes() == together.centres[at : at + 1].tobytes()
        assert alone.labels.tolist() == together.labels[at : at + 1].tolist()


def test_the_second_run_has_the_same_bytes_and_another_seed_may_differ() -> None:
    own = noise(1, 60, 4)
    runs = [k_means(own, 6, [seed], steps=3, restarts=1).centres.tobytes() for seed in (5, 5, 6)]
    assert runs[0] == runs[1] != runs[2]


def test_more_restarts_are_never_worse() -> None:
    own = noise(1, 60, 4)
    few, many = (k_means(own, 6, [5], steps=25, restarts=r).inertia[0] for r in (1, 6))
    assert many <= few


def test_an_empty_centre_takes_the_farthest_point() -> None:
    starts = np.array([[[0.0], [100.0]]], dtype=np.float32)
    found = lloyd(LINE, starts, steps=25)
    assert sorted(found.centres[0, :, 0]) == [0.5, 10.5]


def test_points_that_are_all_equal_have_one_centre_with_points() -> None:
    found = k_means(np.ones((1, 6, 2), dtype=np.float32), 3, [1], steps=25, restarts=2)
    assert len(set(found.labels[0])) == 1
    assert found.inertia.tolist() == [0.0]


def test_distances_are_those_of_the_plain_loop() -> None:
    own, centres = noise(2, 5, 3), noise(2, 4, 3, seed=1)
    pairs = zip(own, centres, strict=True)
    plain = [[[((p - c) ** 2).sum() for c in cs] for p in ps] for ps, cs in pairs]
    assert squared_distances(own, centres) == pytest.approx(np.array(plain), abs=1e-5)
