"""Every occurrence is drawn with the same probability."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainer.senses.reservoir import Reservoir, seed_of


def drawn(capacity: int, seed: int, n: int) -> list[int]:
    reservoir = Reservoir(capacity, seed)
    for number in range(n):
        reservoir.offer(number)
    return list(reservoir.kept)


@pytest.mark.parametrize(("capacity", "n", "share"), [(2, 3, 2 / 3), (1, 4, 1 / 4)])
def test_over_30_000_seeds_each_item_is_kept_as_often(capacity: int, n: int, share: float) -> None:
    kept = Counter(number for seed in range(30_000) for number in drawn(capacity, seed, n))
    assert sorted(kept) == list(range(n))
    for times in kept.values():
        assert times / 30_000 == pytest.approx(share, abs=0.01)


def test_seeds_that_differ_in_one_bit_draw_alike_only_by_chance() -> None:
    """The draw of seed s for the n-th item is that of seed s + 1 for the one before."""
    same = sum(drawn(3, 2 * s, 12) == drawn(3, 2 * s + 1, 12) for s in range(500))
    assert same < 25


@given(st.integers(1, 8), st.integers(0, 2**64 - 1), st.integers(0, 60))
@settings(max_examples=50)
def test_no_more_than_capacity_no_item_twice_and_one_seed_repeats(
    capacity: int, seed: int, n: int
) -> None:
    kept = drawn(capacity, seed, n)
    assert len(kept) == len(set(kept)) == min(capacity, n)
    assert set(kept) <= set(range(n))
    assert kept == drawn(capacity, seed, n)


def test_a_word_has_its_own_seed_and_names_do_not_run_together() -> None:
    assert seed_of("reservoir", "khoan") == 0 + seed_of("reservoir", "khoan")
    assert seed_of("a", "bc") != seed_of("ab", "c")
    assert 0 <= seed_of("khoan") < 2**64
