from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nltk.metrics.agreement import AnnotationTask

from audits.statistics.agreement import (
    alpha_of,
    cohen,
    fleiss,
    fleiss_of,
    gwet,
    kappa_of,
    krippendorff,
    raw_agreement,
)

# Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), C: nominal data, any number of
# observers, missing data; alpha = 0.743.
CANONICAL = {
    "A": [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
    "B": [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
    "C": [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
    "D": [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
}

# Fleiss's table as given in the literature: 10 subjects, 14 raters, 5 categories; kappa = 0.210.
FLEISS = [
    [0, 0, 0, 0, 14],
    [0, 2, 6, 4, 2],
    [0, 0, 3, 5, 6],
    [0, 3, 9, 2, 0],
    [2, 2, 8, 1, 1],
    [7, 7, 0, 0, 0],
    [3, 2, 6, 3, 0],
    [2, 5, 3, 2, 2],
    [6, 5, 2, 1, 0],
    [0, 2, 2, 3, 7],
]


def ratings_of(table):
    """One mapping per item from observers' columns; None is missing."""
    length = len(next(iter(table.values())))
    return [
        {who: str(codes[at]) for who, codes in table.items() if codes[at] is not None}
        for at in range(length)
    ]


def fleiss_ratings():
    return [
        {
            f"rater {place}": str(code)
            for place, code in enumerate(c for c, count in enumerate(row) for _ in range(count))
        }
        for row in FLEISS
    ]


def test_alpha_of_krippendorffs_example_is_0_743():
    assert krippendorff(ratings_of(CANONICAL)).value == pytest.approx(0.743, abs=5e-4)


def test_fleiss_kappa_of_the_published_table_is_0_210():
    assert fleiss(fleiss_ratings(), 14).value == pytest.approx(0.210, abs=5e-4)


def test_cohens_kappa_of_a_hand_computed_table():
    """20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: observed 0.7, expected 0.5, kappa 0.4."""
    pairs = ["yy"] * 20 + ["yn"] * 5 + ["ny"] * 10 + ["nn"] * 15
    ratings = [{"a": first, "b": second} for first, second in pairs]
    figure = cohen(ratings, "a", "b")
    assert figure.value == pytest.approx(0.4)
    assert figure.low < 0.4 < figure.high


def test_kappa_counts_only_items_that_both_answered():
    """NLTK divides the agreements by all items, so it is given the common ones only."""
    ratings = [{"a": "y", "b": "y"}, {"a": "n", "b": "y"}, {"a": "n", "b": "n"}, {"a": "y"}, {}]
    assert cohen(ratings, "a", "b").value == cohen(ratings[:3], "a", "b").value


def test_raw_agreement_is_the_share_of_items_with_one_answer():
    ratings = [
        {"a": "y", "b": "y"},
        {"a": "n", "b": "y"},
        {"a": "y"},
        {"a": "y", "b": "y", "c": "n"},
    ]
    assert raw_agreement(ratings).value == pytest.approx(1 / 3)


def test_figures_that_are_0_divided_by_0_are_none():
    same = [{"a": "y", "b": "y"}] * 5
    assert cohen(same, "a", "b").value is None
    assert krippendorff(same).value is None
    assert fleiss(same, 2).value is None
    assert raw_agreement(same).value == 1.0
    assert krippendorff([]).value is None
    assert raw_agreement([{"a": "y"}]).value is None


def counts(pairs, codes):
    table = np.zeros((len(pairs), len(codes)))
    for at, pair in enumerate(pairs):
        for code in pair:
            table[at, codes.index(code)] += 1
    return table


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(*[st.sampled_from("abc")] * 2), min_size=2, max_size=30))
def test_the_formulas_of_the_bootstrap_agree_with_nltk(pairs):
    codes = sorted({code for pair in pairs for code in pair})
    if len(codes) < 2:
        return
    task = AnnotationTask(data=[(w, i, p[w]) for i, p in enumerate(pairs) for w in (0, 1)])
    table, ones = counts(pairs, codes), np.ones((1, len(pairs)))
    assert alpha_of(ones, table)[0] == pytest.approx(task.alpha())
    confusion = np.zeros((len(codes), len(codes)))
    for first, second in pairs:
        confusion[codes.index(first), codes.index(second)] += 1
    kappa = float(kappa_of(confusion))
    if not np.isnan(kappa):
        assert kappa == pytest.approx(task.kappa_pairwise(0, 1))
    # Two raters: Fleiss' kappa is Scott's pi.
    assert fleiss_of(ones, table)[0] == pytest.approx(task.pi())


def test_a_pattern_with_a_weight_counts_as_so_many_items():
    table = counts([("a", "a"), ("a", "b"), ("b", "b")], ["a", "b"])
    weights = np.array([[3.0, 1.0, 2.0]])
    spread = np.repeat(table, [3, 1, 2], axis=0)
    ones = np.ones((1, 6))
    assert alpha_of(weights, table)[0] == pytest.approx(alpha_of(ones, spread)[0])
    assert fleiss_of(weights, table)[0] == pytest.approx(fleiss_of(ones, spread)[0])


def test_the_bootstrap_interval_is_that_of_a_plain_loop_over_items():
    rng = np.random.default_rng(5)
    truth = rng.random(120) < 0.7
    ratings = [
        {"a": str(bool(t)), "b": str(bool(t) if rng.random() < 0.85 else not t)} for t in truth
    ]
    figure = krippendorff(ratings, seed=1)
    plain = []
    for _ in range(400):
        some = [ratings[at] for at in rng.integers(0, len(ratings), len(ratings))]
        data = [(who, at, code) for at, item in enumerate(some) for who, code in item.items()]
        plain.append(AnnotationTask(data=data).alpha())
    low, high = np.quantile(plain, [0.025, 0.975])
    assert figure.low == pytest.approx(low, abs=0.04)
    assert figure.high == pytest.approx(high, abs=0.04)


@pytest.mark.parametrize(
    ("items", "ends"), [(6, (None, None)), (9, (None, None)), (10, (1.0, 1.0))]
)
def test_fewer_than_ten_items_have_no_bootstrap_interval(items, ends):
    ratings = [{"a": "y", "b": "y"}] * (items - 3) + [{"a": "n", "b": "n"}] * 3
    figure = cohen(ratings, "a", "b")
    assert (figure.value, (figure.low, figure.high)) == (1.0, ends)


def test_the_bootstrap_is_the_same_for_the_same_seed():
    ratings = ratings_of(CANONICAL)
    assert krippendorff(ratings, seed=3) == krippendorff(ratings, seed=3)


@pytest.mark.parametrize(("minority", "bounded"), [(4, False), (5, True)])
def test_fewer_than_five_minority_answers_give_no_interval(minority, bounded):
    """Of 60 answers 4, or 5, are not the commonest one."""
    differing = [{"a": "n", "b": "y"}] * (minority % 2) + [{"a": "n", "b": "n"}] * (minority // 2)
    ratings = [{"a": "y", "b": "y"}] * (30 - len(differing)) + differing
    for figure in (cohen(ratings, "a", "b"), krippendorff(ratings), gwet(ratings, 2)):
        assert figure.value is not None
        assert (figure.low is not None) is bounded


def test_ac1_is_the_published_example():
    """Gwet 2008: 118 times both yes, 5 and 2 times one of them, never both no.

    Agreement 118 / 125 = 0.944; the share of yes is (118 + 3.5) / 125 = 0.972, so chance agrees in
    2 * 0.972 * 0.028 = 0.054432; (0.944 - 0.054432) / (1 - 0.054432) = 0.940777.
    """
    ratings = [{"a": "y", "b": "y"}] * 118 + [{"a": "y", "b": "n"}] * 5 + [{"a": "n", "b": "y"}] * 2
    assert gwet(ratings, 2).value == pytest.approx(0.940777, abs=1e-6)
    assert cohen(ratings, "a", "b").value == pytest.approx(-0.0234, abs=1e-3)


def test_ac1_of_three_annotators_and_three_answers_by_hand():
    """Items yyy, yyn, nn: agreement (1 + 1/3 + 1) / 3 = 7/9.

    Shares of y: (1 + 2/3 + 0) / 3 = 5/9, of n 4/9, of the third answer 0, so chance is
    (2 * 20/81) / 2 = 20/81; (63/81 - 20/81) / (61/81) = 43/61.
    """
    ratings = [{"a": "y", "b": "y", "c": "y"}, {"a": "y", "b": "y", "c": "n"}, {"a": "n", "b": "n"}]
    assert gwet(ratings, 3).value == pytest.approx(43 / 61)


def test_ac1_is_one_where_all_answers_are_the_same():
    assert gwet([{"a": "y", "b": "y"}] * 4, 2).value == 1.0
    assert gwet([{"a": "y"}], 2).value is None
