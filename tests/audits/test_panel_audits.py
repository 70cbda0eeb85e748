"""Less work for the same certainty, in populations that are known; docs/audits.md has more."""

from __future__ import annotations

import numpy as np
import pytest

from audits.sampling.draw import sample_sizes
from audits.sampling.margin import assured_margin, expected_margin
from audits.settings import AuditSettings, minutes
from audits.statistics.intervals import score
from testing.panel_audits import BEFORE_SELECT, RELEASED, audits_by_strata, audits_in_looks


@pytest.mark.parametrize(("shares", "most"), [(BEFORE_SELECT, 0.65), (RELEASED, 0.8)])
def test_strata_by_votes_and_doubt_need_fewer_answers(shares, most):
    found = audits_by_strata(shares, first=200, more=400, audits=60, seed=1)
    assert found.coverage > 0.85  # two standard errors and more below; the page has 600 audits
    assert found.half_width / found.simple <= most + 0.01  # of 60 audits, known to 0.01
    assert abs(found.bias) < 0.004


@pytest.mark.parametrize("good", [0.8, 0.92, 0.98])
def test_stopping_when_the_margin_is_met_keeps_the_coverage(good):
    covered, size = audits_in_looks(good, margin=0.03, first=100, step=50, audits=1000, seed=2)
    assert 0.93 <= covered <= 0.975
    assert size > 100


def test_an_assurance_is_met_by_as_many_audits_as_it_says():
    """Of 1,000 audits of the size for 0.8 so many meet the margin; of the plain size half."""
    population, good = {"a": 4000, "b": 1000}, {"a": 0.95, "b": 0.8}
    settings = {"margin": 0.03, "expected": 0.92, "strata": ()}
    plain = sample_sizes({"all": 5000}, AuditSettings(**settings))
    assured = sample_sizes({"all": 5000}, AuditSettings(**settings, assurance=0.8))
    generator = np.random.default_rng(4)
    met = []
    for sizes in (plain, assured):
        seen = generator.hypergeometric(4600, 400, sizes["all"], 1000)
        bounds = score(
            seen[:, None].astype(float), np.array([float(sizes["all"])]), np.array([5e3])
        )
        met.append(float(((bounds.high - bounds.low) / 2 <= 0.03).mean()))
    assert 0.4 < met[0] < 0.7
    assert met[1] == pytest.approx(0.8, abs=0.06)
    assert assured["all"] > plain["all"]
    sizes = {"a": 200, "b": 100}
    assert assured_margin(sizes, population, good, 0.8) > expected_margin(sizes, population, good)


def test_minutes_are_rounded_to_five():
    assert [minutes(n, "review") for n in (1, 40, 100)] == [5, 30, 75]
    assert minutes(90, "blind") == 60
