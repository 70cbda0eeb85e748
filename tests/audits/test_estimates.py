from __future__ import annotations

import pytest

from audits.answers.judgements import majority, row_verdict
from audits.key import Stratum
from audits.questions import OPEN
from audits.reports.quality import JudgedItem, quality
from audits.statistics.exact import exact
from audits.statistics.intervals import stratified

STRATA = (
    Stratum(name="noun", population=300, sampled=10),
    Stratum(name="verb", population=100, sampled=10),
)


def items(stratum, *verdicts):
    """So many items per (count, verdict)."""
    return [
        JudgedItem(stratum, v, {"a": v} if v else {}, (v,) if v else ())
        for count, v in verdicts
        for _ in range(count)
    ]


def of(parts, rule="not_good"):
    return quality("fluent", "", STRATA, [item for part in parts for item in part], rule)


def test_an_unsure_answer_counts_as_not_good():
    found = of(
        [
            items("noun", (8, "good"), (1, "bad"), (1, "unsure")),
            items("verb", (5, "good"), (5, "bad")),
        ]
    )
    assert found.share.value == pytest.approx(0.75 * 0.8 + 0.25 * 0.5)
    expected = stratified([[8, 5]], [10, 10], [300, 100])
    assert (found.share.low, found.share.high) == (expected.low[0], expected.high[0])
    assert (found.answered, found.missing, found.unsure) == (20, 0, 1)
    noun = found.strata[0]
    assert (noun.share.value, noun.share.low, noun.share.high) == (0.8, *exact(8, 10, 300))
    assert [part.share.value for part in found.strata] == [0.8, 0.5]


def test_an_unsure_answer_can_be_left_out():
    """noun: 8 of 9 decided, which stand for 270 rows; verb: 5 of 10, which stand for 100."""
    found = of(
        [
            items("noun", (8, "good"), (1, "bad"), (1, "unsure")),
            items("verb", (5, "good"), (5, "bad")),
        ],
        "left_out",
    )
    assert found.share.value == pytest.approx((270 * 8 / 9 + 100 * 0.5) / 370)


def test_missing_answers_are_represented_by_their_stratum():
    found = of(
        [items("noun", (4, "good"), (1, "bad"), (5, None)), items("verb", (5, "good"), (5, "bad"))]
    )
    assert found.share.value == pytest.approx(0.75 * 0.8 + 0.25 * 0.5)
    assert (found.answered, found.missing) == (15, 5)


def test_strata_without_answers_are_not_covered():
    found = of([items("noun", (9, "good"), (1, "bad")), items("verb", (10, None))])
    assert found.share.value == pytest.approx(0.9)
    assert found.covered == 0.75
    assert found.strata[1].share is None


def test_no_answers_give_no_estimate():
    found = of([items("noun", (10, None)), items("verb", (10, None))])
    assert found.share is None
    assert found.covered == 0


def test_partly_is_not_good_and_has_its_share():
    found = of([items("noun", (8, "good"), (2, "partly")), items("verb", (10, "good"))], "left_out")
    assert found.share.value == pytest.approx(0.75 * 0.8 + 0.25)
    shares = {answer.code: answer.share for answer in found.answers}
    assert shares == pytest.approx({"good": 0.85, "partly": 0.15})


def test_more_than_half_decide_and_else_the_answer_is_open():
    assert majority([]) is None
    assert majority(["yes"]) == "yes"
    assert majority(["yes", "no"]) == OPEN
    assert majority(["yes", "no", "yes"]) == "yes"
    assert majority(["yes", "no", "unsure"]) == OPEN
    assert majority(["yes", "yes", "no", "no"]) == OPEN


@pytest.mark.parametrize(
    ("verdicts", "row"),
    [
        (["good", "good", "good"], "good"),
        (["good", "partly", "good"], "partly"),
        (["unsure", "partly", "good"], "unsure"),
        (["unsure", "bad", "good"], "bad"),
        (["good", None, "good"], None),
        (["bad", None, "good"], None),
    ],
)
def test_a_row_is_as_good_as_its_worst_answer_once_all_are_there(verdicts, row):
    assert row_verdict(verdicts) == row
