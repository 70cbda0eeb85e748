"""Several annotators' verdicts in one estimate, by hand and against a population that is known."""

from __future__ import annotations

import numpy as np
import pytest

from audits.statistics.dawid_skene import fit
from audits.statistics.intervals import score, stratified
from audits.statistics.verdicts import Rated, rater_variance, score_input, share_of_good
from testing.raters import AuditOfRaters, simulated


def test_a_row_is_worth_the_mean_of_its_verdicts():
    """Two of ten rows are disputed, one is bad: (7 + 2 / 2) / 10, with a narrower interval."""
    both = [Rated(0, {"a": 1.0, "b": 1.0})] * 7
    both += [Rated(0, {"a": 1.0, "b": 0.0}), Rated(0, {"a": 0.0, "b": 1.0})]
    both += [Rated(0, {"a": 0.0, "b": 0.0})]
    found = share_of_good(both, np.array([1e6]))
    assert found.value[0] == pytest.approx(0.8)
    ratio = (7 * 0.2**2 + 2 * 0.3**2 + 0.8**2) / 10 / 0.16
    expected = score(np.array([8.0]), np.array([10.0]), np.array([1e6]), ratio, 5e-7)
    assert score_input(both, np.array([1e6])).ratio == pytest.approx(ratio)
    assert (found.low[0], found.high[0]) == pytest.approx((expected.low[0], expected.high[0]), 1e-4)


def test_rows_with_one_verdict_have_the_stratified_interval():
    rows = [Rated(0, {"a": 1.0})] * 9 + [Rated(0, {"b": 0.0})]
    rows += [Rated(1, {"a": 1.0}), Rated(1, {"b": 0.0})] * 4
    rows = [Rated(row.stratum, {"a": row.value}) for row in rows]
    found = share_of_good(rows, np.array([300.0, 100.0]))
    expected = stratified(np.array([9.0, 4.0]), np.array([10.0, 8.0]), np.array([300.0, 100.0]))
    assert (found.value[0], found.low[0], found.high[0]) == (
        expected.value[0],
        expected.low[0],
        expected.high[0],
    )


def test_annotators_who_differ_widen_the_interval():
    """One calls 90 of 100 rows good, the other 50 of the same: d = 0.4, s^2 = d^2 / 2 - ...

    On common rows the difference is 1 in 40 rows and 0 in 60: its variance is that of 100 values
    of mean 0.4, 0.24 / 99. (0.16 - 0.24 / 99) / 2, by two annotators with half of the verdicts
    each: times 1/4 + 1/4.
    """
    rows = [Rated(0, {"a": 1.0, "b": 1.0})] * 50 + [Rated(0, {"a": 1.0, "b": 0.0})] * 40
    rows += [Rated(0, {"a": 0.0, "b": 0.0})] * 10
    assert rater_variance(rows) == pytest.approx((0.16 - 0.24 / 99) / 2 / 2)
    assert rater_variance([Rated(0, {"a": row.value}) for row in rows]) == 0


def test_a_first_step_of_the_model_by_hand():
    """Three annotators, rows 111, 110, 000: the start is 1, 2/3, 0.

    Prior of class 1: 5/9. Annotator c says 1 of class 1 with (1 + 0.9) / (5/3 + 1) = 0.7125.
    """
    ratings = [{"a": 1, "b": 1, "c": 1}, {"a": 1, "b": 1, "c": 0}, {"a": 0, "b": 0, "c": 0}]
    found = fit(ratings, 2, steps=0)
    assert found.posterior[:, 1] == pytest.approx([1, 2 / 3, 0])
    assert found.prior[1] == pytest.approx(5 / 9)
    assert found.errors[2, 1, 1] == pytest.approx(1.9 / (5 / 3 + 1))
    assert found.errors[2, 0, 1] == pytest.approx(0.1 / (4 / 3 + 1))


def test_a_second_posterior_by_hand():
    """Row 110 of the same: by Bayes from the prior and the errors of the first step."""
    ratings = [{"a": 1, "b": 1, "c": 1}, {"a": 1, "b": 1, "c": 0}, {"a": 0, "b": 0, "c": 0}]
    able, unable = (5 / 3 + 0.9) / (8 / 3), (1 / 3 + 0.1) / (7 / 3)  # says 1 of class 1, of class 0
    good = 5 / 9 * able * able * (1 - 1.9 / (8 / 3))
    bad = 4 / 9 * unable * unable * (1 - 0.1 / (7 / 3))
    assert fit(ratings, 2, steps=1).posterior[1, 1] == pytest.approx(good / (good + bad))


@pytest.mark.parametrize("annotators", [2, 3])
def test_the_estimate_does_not_depend_on_the_overlap(annotators):
    """Of a random annotator it is 0.894 true: 0.92 * 0.95 + 0.08 * 0.25."""
    means = []
    for overlap in (0.0, 0.3, 1.0):
        found = simulated(AuditOfRaters(annotators, overlap), audits=400, seed=3)
        assert found.coverage == pytest.approx(0.95, abs=0.03)  # docs/audits.md has all designs
        means.append(found.mean)
    assert max(means) - min(means) < 0.005
    assert means == pytest.approx([0.894] * 3, abs=0.005)


def test_the_model_tells_what_rows_are_from_three_annotators_on():
    assert abs(simulated(AuditOfRaters(3, 1.0), audits=60, seed=5).modelled - 0.92) < 0.015
