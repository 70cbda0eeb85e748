"""How many usages a word has, and in which order they stand."""

from __future__ import annotations

import numpy as np
import pytest

from trainer.senses.clustering import cluster_words, in_order, smallest_good
from trainer.senses.settings import SensesSettings


def settings(**changes: object) -> SensesSettings:
    return SensesSettings(**{"restarts": 4, **changes})


def groups(n_groups: int, n_each: int, seed: int = 0) -> np.ndarray:
    """(1, n, 64) points in groups far from each other, the first twice as large."""
    random = np.random.default_rng(seed)
    sizes = [2 * n_each, *[n_each] * (n_groups - 1)]
    parts = [
        20.0 * np.eye(64)[g] + 0.1 * random.standard_normal((size, 64))
        for g, size in enumerate(sizes)
    ]
    return np.concatenate(parts).astype(np.float32)[None]


@pytest.mark.parametrize("n_groups", [1, 2, 3, 5])
def test_explained_finds_as_many_usages_as_there_are_groups(n_groups: int) -> None:
    (found,) = cluster_words(groups(n_groups, 20), ["khoan"], [0], settings())
    assert len(found.mass) == n_groups
    assert found.mass.tolist() == [40, *[20] * (n_groups - 1)]
    assert (found.labels[:40] == 0).all()


def test_the_smallest_number_within_two_hundredths_of_the_best() -> None:
    assert smallest_good({1: 0.0, 2: 0.30, 3: 0.49, 5: 0.50, 8: 0.505}) == 3
    assert smallest_good({1: 0.0, 2: -0.1, 3: 0.015}) == 1


@pytest.mark.parametrize(("n", "k"), [(4, 1), (9, 1), (10, 2), (49, 9), (200, 20)])
def test_fixed_is_a_fifth_of_the_points_and_twenty_at_most(n: int, k: int) -> None:
    own = np.random.default_rng(n).standard_normal((1, n, 4)).astype(np.float32)
    (found,) = cluster_words(own, ["khoan"], [0], settings(choice="fixed", restarts=1))
    assert len(found.mass) == k
    assert found.mass.sum() == n


def test_inventory_is_the_number_of_senses_where_there_are_points_for_it() -> None:
    own = np.random.default_rng(0).standard_normal((3, 12, 4)).astype(np.float32)
    chosen = settings(choice="inventory", restarts=1)
    found = cluster_words(own, ["a", "b", "c"], [3, 0, 40], chosen)
    assert [len(usages.mass) for usages in found] == [3, 1, 12]
    few = cluster_words(own[:1, :4], ["a"], [3], chosen)
    assert [len(usages.mass) for usages in few] == [1]


def test_fewer_than_five_points_have_their_mean() -> None:
    own = np.array([[[0.0], [1.0], [5.0]]], dtype=np.float32)
    (found,) = cluster_words(own, ["khoan"], [0], settings())
    assert found.centres.tolist() == [[2.0]]
    assert found.mass.tolist() == [3]


def test_centres_stand_by_mass_and_those_without_points_are_left_out() -> None:
    centres = np.array([[1.0], [2.0], [3.0], [0.5]], dtype=np.float32)
    found = in_order(centres, np.array([3, 2, 2, 0, 2, 3]))
    assert found.centres[:, 0].tolist() == [3.0, 0.5, 1.0]
    assert found.mass.tolist() == [3, 2, 1]
    assert found.labels.tolist() == [1, 0, 0, 2, 0, 1]


def test_what_is_chosen_does_not_depend_on_the_order_nor_on_other_words() -> None:
    own, other = groups(3, 20), groups(1, 40, seed=1)
    both = np.concatenate([own[:, ::-1], other[:, :80]])
    (alone,) = cluster_words(own, ["khoan"], [0], settings())
    first, _ = cluster_words(both, ["khoan", "bàn"], [0, 0], settings())
    assert first.centres.tobytes() == alone.centres.tobytes()
    assert first.labels[::-1].tolist() == alone.labels.tolist()
