"""Probabilities are those of the formula, and rows that want one candidate share it."""

import math

import numpy as np
import pytest

from pipeline.link.evidence import SIGNS, Evidence, LinkRow
from pipeline.link.posterior import (
    NONE,
    NONE_OF_ANY_NOUN,
    WEIGHTS,
    edges_of,
    given_each_other,
    scored,
    with_none,
)


def evidence(supersense: str = "noun.animal", cosine: float = 0.5) -> Evidence:
    signs = np.zeros((2, len(SIGNS)))
    signs[:, SIGNS.index("resembles")] = cosine, 0.0
    return Evidence(LinkRow("v-1", supersense, ("mèo",)), np.array([3, 8], dtype=np.int32), signs)


def test_scores_are_weighted_signs_and_a_catch_all_is_less_likely_to_have_a_counterpart() -> None:
    scores, none = scored(evidence())
    assert scores.tolist() == [0.5 * WEIGHTS[SIGNS.index("resembles")], 0.0]
    assert none == NONE
    assert scored(evidence("noun.tops"))[1] == NONE + NONE_OF_ANY_NOUN


def test_probabilities_sum_to_one_with_none_among_them() -> None:
    likely, none = with_none(np.log([2.0, 5.0]), math.log(3.0))
    assert likely == pytest.approx([0.2, 0.5])
    assert none == pytest.approx(0.3)
    assert with_none(np.array([1000.0]), 0.0)[0] == pytest.approx([1.0])


def test_pairs_that_are_hardly_probable_count_for_none() -> None:
    edges = edges_of([(evidence(), np.log([96.0, 0.5]), math.log(3.5))])
    assert edges.candidate.tolist() == [3]
    assert edges.odds == pytest.approx([96 / 4])
    assert edges.probability == pytest.approx([0.96])
    assert len(edges_of([]).odds) == 0


def test_a_row_alone_keeps_its_probability() -> None:
    found = given_each_other(
        np.array([0, 0], dtype=np.int32), np.array([1, 2], dtype=np.int32), np.array([2.0, 5.0])
    )
    assert found == pytest.approx([2 / 8, 5 / 8])


def test_of_two_rows_that_want_one_candidate_the_better_has_it_and_the_other_hardly() -> None:
    row, candidate = np.array([0, 1, 1], dtype=np.int32), np.array([4, 4, 5], dtype=np.int32)
    alone = np.array([9.0 / 10, 3.0 / 6, 2.0 / 6])
    found = given_each_other(row, candidate, np.array([9.0, 3.0, 2.0]))
    assert found[0] > 0.8
    assert found[1] < alone[1] / 2
    assert found[2] > alone[2]
    assert found[1] + found[2] < 1
