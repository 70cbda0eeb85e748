import random
from collections import Counter
from dataclasses import replace

import pytest

from audits.figures import AuditReport, CriterionQuality, StratumQuality
from audits.sampling.draw import draw, sample_sizes
from audits.sampling.margin import expected_margin
from audits.settings import AuditSettings
from schemas.errors import InputError, UsageError
from tests.audits.world import candidates


def ids(sample):
    return [drawn.candidate.context_id for drawn in sample.drawn]


def earlier(shares, fields=("pos", "polysemy")):
    """The report of an audit of 100 answers per stratum with these shares of good rows."""
    strata = tuple(
        StratumQuality(
            stratum=name,
            population=1000,
            sampled=100,
            answered=100,
            good=round(100 * share),
            unsure=0,
            share=None,
        )
        for name, share in shares.items()
    )
    row = CriterionQuality(
        criterion="row",
        question="",
        share=None,
        answered=100 * len(shares),
        missing=0,
        unsure=0,
        open=0,
        covered=1.0,
        disputes=None,
        missing_counted=None,
        modelled=None,
        annotators=(),
        answers=(),
        strata=strata,
    )
    return AuditReport(
        audit_id="x",
        name="first",
        mode="review",
        seed=0,
        strata_fields=fields,
        allocation="proportional",
        unsure_rule="not_good",
        population=1000 * len(shares),
        sampled=100 * len(shares),
        annotators=(),
        adjudicators=(),
        outcomes={"good": 0, "bad": 0, "unsure": 0},
        disagreements=0,
        quality=(row,),
        agreement=(),
        self_agreement=(),
        worst_strata=(),
        worst_lemmas=(),
        worst_prompts=(),
    )


def test_the_same_seed_draws_the_same_rows_in_whatever_order_they_come():
    rows = candidates()
    settings = AuditSettings(size=30)
    first = ids(draw(rows, settings))
    assert first == sorted(first)
    random.Random(3).shuffle(rows)
    assert ids(draw(iter(rows), settings)) == first
    assert ids(draw(rows, settings.model_copy(update={"seed": 1}))) != first


def test_every_row_knows_its_inclusion_probability():
    sample = draw(candidates(), AuditSettings(size=30, allocation="equal"))
    sampled = Counter(drawn.stratum for drawn in sample.drawn)
    assert sampled == sample.sizes
    assert sum(sampled.values()) == 30
    for drawn in sample.drawn:
        expected = sampled[drawn.stratum] / sample.population[drawn.stratum]
        assert drawn.inclusion_probability == expected


def test_the_default_strata_are_pos_by_polysemy():
    sample = draw(candidates(), AuditSettings(size=30))
    assert set(sample.population) == {
        "verb / same_pos",
        "noun / cross_pos",
        "noun / monosemous",
        "verb / cross_pos",
        "adj / cross_pos",
        "adj / monosemous",
        "verb / monosemous",
    }
    assert sample.population["verb / same_pos"] == 20


def test_every_row_of_a_stratum_is_as_likely_as_any_other():
    """Chi-square over 400 seeds: 20 rows, each wanted 100 times; 43.8 is the 0.1 % point."""
    rows = candidates(per_sense=20)[:20]
    settings = AuditSettings(size=5, strata=())
    counts = Counter()
    for seed in range(400):
        counts.update(ids(draw(rows, settings.model_copy(update={"seed": seed}))))
    assert sum((counts[row.context_id] - 100) ** 2 / 100 for row in rows) < 43.8


def test_strata_of_unknown_provenance_are_refused():
    rows = [replace(row, round=None) for row in candidates()]
    with pytest.raises(UsageError, match="no provenance"):
        draw(rows, AuditSettings(strata=("round",)))
    assert draw(candidates(), AuditSettings(strata=("round", "model"), size=10)).sizes == {
        "1 / mô-hình-bí-mật": 5,
        "2 / mô-hình-bí-mật": 5,
    }


def test_a_population_that_is_smaller_than_the_sample_is_drawn_whole():
    sample = draw(candidates(2), AuditSettings(size=500))
    assert len(sample.drawn) == 16
    assert {drawn.inclusion_probability for drawn in sample.drawn} == {1.0}


def test_nothing_to_draw_from_and_double_rows_are_refused():
    with pytest.raises(InputError, match="nothing to audit"):
        draw([], AuditSettings())
    row = candidates()[0]
    with pytest.raises(InputError, match="twice"):
        draw([row, row], AuditSettings(strata=()))


def test_a_margin_works_the_size_out():
    """An undivided population: Wilson's half width 0.03 at 0.5 needs n + z^2 = (z / 0.06)^2.

    That is 1067.07 - 3.84 = 1063.2, so 1064; and fewer where the population is small.
    """
    settings = AuditSettings(margin=0.03, strata=())
    assert sample_sizes({"all": 10**9}, settings) == {"all": 1064}
    few = sample_sizes({"all": 1000}, settings)["all"]
    assert 500 < few < 530


@pytest.mark.parametrize("allocation", ["proportional", "equal"])
def test_the_size_for_a_margin_is_the_least_that_reaches_it(allocation):
    population = {"a": 6000, "b": 3000, "c": 60}
    settings = AuditSettings(margin=0.05, expected=0.9, allocation=allocation)
    sizes = sample_sizes(population, settings)
    good = dict.fromkeys(population, 0.9)
    assert expected_margin(sizes, population, good) <= 0.05
    one_less = settings.model_copy(update={"margin": None, "size": sum(sizes.values()) - 1})
    assert expected_margin(sample_sizes(population, one_less), population, good) > 0.05


def test_a_margin_is_drawn_with_what_is_kept_per_stratum():
    sample = draw(candidates(60), AuditSettings(margin=0.05, expected=0.9))
    assert len(sample.drawn) == sum(sample.sizes.values()) < 480


def test_neyman_takes_more_where_the_earlier_audit_was_in_doubt():
    population = {"good": 1000, "doubtful": 1000, "new": 1000}
    settings = AuditSettings(size=100, allocation="neyman")
    report = earlier({"good": 0.99, "doubtful": 0.5})
    sizes = sample_sizes(population, settings, report)
    assert sizes["doubtful"] > 3 * sizes["good"]
    assert sizes["good"] < sizes["new"] < sizes["doubtful"]


def test_neyman_adds_a_row_of_either_kind_to_what_the_earlier_audit_saw():
    """101/102 and 51/102: sizes as sqrt(101) to 51, so 16.5 and 83.5, not 0 and 100."""
    population = {"good": 1000, "doubtful": 1000}
    settings = AuditSettings(size=100, allocation="neyman", min_per_stratum=1)
    sizes = sample_sizes(population, settings, earlier({"good": 1.0, "doubtful": 0.5}))
    assert sizes == {"good": 16, "doubtful": 84}


def test_neyman_over_other_strata_is_refused():
    report = earlier({"1": 0.9}, fields=("round",))
    with pytest.raises(UsageError, match="must be the same"):
        sample_sizes({"a": 10}, AuditSettings(allocation="neyman"), report)
