"""The assignment is one-to-one and as good as the best of all that there are."""

from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.link.assignment import assigned

PAIRS = st.dictionaries(
    st.tuples(st.integers(0, 4), st.integers(0, 4)), st.integers(-3, 9), max_size=9
)


def chosen(pairs: dict[tuple[int, int], int]) -> list[int]:
    rows = np.array([row for row, _ in pairs], dtype=np.int32)
    candidates = np.array([candidate for _, candidate in pairs], dtype=np.int32)
    return assigned(rows, candidates, np.array(list(pairs.values()), dtype=float)).tolist()


def best_of_all(pairs: dict[tuple[int, int], int]) -> int:
    """By trying every set of pairs."""
    items = list(pairs.items())
    best = 0
    for size in range(1, len(items) + 1):
        for some in combinations(items, size):
            rows, candidates = zip(*(pair for pair, _ in some), strict=True)
            if len(set(rows)) == len(set(candidates)) == size:
                best = max(best, sum(gain for _, gain in some))
    return best


@given(PAIRS)
def test_no_row_and_no_candidate_is_taken_twice_and_the_sum_is_the_largest(
    pairs: dict[tuple[int, int], int],
) -> None:
    taken = [list(pairs)[at] for at in chosen(pairs)]
    assert len({row for row, _ in taken}) == len({candidate for _, candidate in taken})
    assert len(taken) == len({row for row, _ in taken})
    assert all(pairs[pair] > 0 for pair in taken)
    assert sum(pairs[pair] for pair in taken) == best_of_all(pairs)


def test_a_row_gives_way_where_that_serves_the_whole() -> None:
    """The first would take 7 by itself, but another has nothing else."""
    assert chosen({(0, 7): 5, (0, 8): 4, (1, 7): 4}) == [1, 2]


def test_no_pairs_are_no_assignment() -> None:
    assert chosen({}) == []
    assert chosen({(0, 0): 0, (1, 0): -1}) == []
