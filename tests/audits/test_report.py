from __future__ import annotations

import pytest

from audits.adjudication import write_adjudication
from audits.answers.importing import import_files
from audits.answers.judgements import read_judgements
from audits.answers.outcomes import outcomes
from audits.figures import read_report
from audits.key import read_audit_items
from audits.reports.markdown import report_text
from audits.reports.report import write_report
from audits.reports.tables import by_stratum
from audits.statistics.intervals import wilson
from schemas.errors import InputError
from tests.audits.test_sampling import earlier
from tests.audits.world import (
    COLUMNS,
    TEXTS,
    VI,
    all_good,
    draw_audit,
    filled,
    right_sense,
    rows,
    sheet,
    table,
    write_csv,
)

NOW = "2026-01-01T00:00:00+00:00"


@pytest.fixture
def whole(tmp_path):
    """An audit of all 80 rows that lan and minh both read."""
    return draw_audit(tmp_path / "whole", size=80, overlap=1.0, repeats=0.1)


def give(folder, **answers):
    """Imports the sheets of annotators, filled in."""
    import_files(folder, [filled(folder, name, how) for name, how in answers.items()], NOW, TEXTS)


def misused(folder, lemma):
    """All good, but rows of one lemma have another sense."""
    items = read_audit_items(folder)
    return lambda row: (
        ("Có", "Nghĩa khác", "Giải nghĩa đúng")
        if items[row.context_id].lemma == lemma
        else all_good(row)
    )


def test_a_census_finds_the_exact_quality(whole):
    """80 of 80 rows read, 10 of them of "đậu" and bad: 70 / 80, without doubt."""
    give(whole, lan=misused(whole, "đậu"), minh=misused(whole, "đậu"))
    report = write_report(whole, VI)
    row = report.of("row")
    assert row.share.value == pytest.approx(0.875)
    assert (row.share.low, row.share.high) == pytest.approx((0.875, 0.875))
    assert report.of("fluent").share.value == 1.0
    assert report.of("usage").share.value == pytest.approx(0.875)
    assert (report.outcomes.good, report.outcomes.bad, report.outcomes.unsure) == (70, 10, 0)
    assert report.disagreements == 0
    assert report.worst_lemmas[0].name == "đậu"
    assert len(report.worst_lemmas) == 1
    assert report.worst_strata[0].name == "verb / monosemous"
    assert {group.name for group in report.worst_prompts} == {"context-v1", "context-v2"}


def test_outcomes_are_good_bad_and_unsure(whole):
    items = read_audit_items(whole)

    def of_lemma(row):
        return {
            "đậu": ("Không", "Nghĩa này", "Giải nghĩa đúng"),
            "trâu": ("Có", "Nghĩa này", "Đúng một phần"),
            "hoà": ("Có", "Không chắc: nghĩa", "Giải nghĩa đúng"),
            "hòa": ("Có", "Nghĩa này"),
            "nghễnh ngãng": ("Không",),
        }.get(items[row.context_id].lemma, all_good(row))

    give(whole, lan=of_lemma)
    found = outcomes(whole)
    by_lemma = {
        lemma: {found.get(name) for name, item in items.items() if item.lemma == lemma}
        for lemma in ("đậu", "trâu", "hoà", "hòa", "nghễnh ngãng", "khoan")
    }
    assert by_lemma == {
        "đậu": {"bad"},
        "trâu": {"unsure"},
        "hoà": {"unsure"},
        "hòa": {None},
        "nghễnh ngãng": {"bad"},
        "khoan": {"good"},
    }
    assert list(found) == sorted(found)


def test_agreement_is_over_shared_rows_and_repeats_are_for_oneself(whole):
    def moody(row):
        return ("Không", "Nghĩa này", "Giải nghĩa đúng") if row.is_repeat else all_good(row)

    give(whole, lan=all_good, minh=moody)
    report = write_report(whole, VI)
    fluent = report.agreement[0]
    assert fluent.items == 80
    assert fluent.raw.value == 1.0
    assert fluent.alpha.value is None  # every counted answer is the same
    mine = {(s.annotator, s.criterion): s for s in report.self_agreement}
    assert mine["minh", "fluent"].repeats == 8
    assert mine["minh", "fluent"].raw.value == 0.0
    assert mine["lan", "fluent"].raw.value == 1.0
    assert report.outcomes.bad == 0


def test_kappa_of_a_pair_in_the_report(whole):
    """lan says no to 20 rows (hoà, hòa), minh to 20 (hòa, đậu): 10 in common.

    Observed 60/80, expected (20*20 + 60*60) / 6400 = 0.625; kappa = 0.125 / 0.375 = 1/3.
    """
    items = read_audit_items(whole)

    def no_to(*lemmas):
        return lambda row: (
            "Không" if items[row.context_id].lemma in lemmas else "Có",
            "Nghĩa này",
            "Giải nghĩa đúng",
        )

    give(whole, lan=no_to("hoà", "hòa"), minh=no_to("hòa", "đậu"))
    report = write_report(whole, VI)
    [pair] = report.agreement[0].pairs
    assert pair.raw.value == pytest.approx(60 / 80)
    assert pair.kappa.value == pytest.approx(1 / 3)
    assert pair.kappa.low < 1 / 3 < pair.kappa.high
    assert report.disagreements == 20
    assert report.of("fluent").open == 20
    assert report.outcomes.bad == 10
    assert report.outcomes.unsure == 20


def test_adjudication_settles_disputes(whole):
    items = read_audit_items(whole)
    bad = misused(whole, "đậu")
    give(whole, lan=all_good, minh=lambda row: (*bad(row), "nghĩa khác mà"))
    path, n_rows = write_adjudication(whole, VI)
    assert (path.name, n_rows) == ("adjudication-1.xlsx", 10)
    made = sheet(whole, "adjudication-1")
    assert made.columns[-1] == COLUMNS.opinions
    opinions = {row.cells[-1] for row in rows(whole, "adjudication-1")}
    assert opinions == {
        "1) Có · Nghĩa này · Giải nghĩa đúng\n2) Có · Nghĩa khác · Giải nghĩa đúng — nghĩa khác mà",
        "1) Có · Nghĩa khác · Giải nghĩa đúng — nghĩa khác mà\n2) Có · Nghĩa này · Giải nghĩa đúng",
    }
    assert not any(name in text for text in opinions for name in ("lan", "minh"))

    half = rows(whole, "adjudication-1")[:5]

    def decide(row):
        return ("", "Nghĩa khác") if row in half else ()

    give(whole, **{"adjudication-1": decide})
    report = write_report(whole, VI)
    assert report.disagreements == 5
    assert {outcomes(whole)[row.context_id] for row in half} == {"bad"}
    assert report.agreement[1].raw.value == pytest.approx(70 / 80)  # as the annotators said

    path, n_rows = write_adjudication(whole, VI)
    assert (path.name, n_rows) == ("adjudication-2.xlsx", 5)
    give(whole, **{"adjudication-2": lambda row: ("", "Nghĩa này")})
    report = write_report(whole, VI)
    assert report.disagreements == 0
    assert (report.outcomes.good, report.outcomes.bad) == (75, 5)
    assert write_adjudication(whole, VI) is None
    assert all(
        item.lemma == "đậu" for name, item in items.items() if outcomes(whole)[name] == "bad"
    )


def test_a_changed_opinion_is_found(whole):
    give(whole, lan=all_good, minh=misused(whole, "đậu"))
    write_adjudication(whole, VI)
    content = table(whole, "adjudication-1", all_good)
    place = content[0].index(COLUMNS.opinions)
    content[1][place] = content[1][place].replace("Nghĩa khác", "Giải nghĩa đúng")
    [result] = import_files(whole, [write_csv(whole / "a.csv", content)], NOW, TEXTS)
    assert [finding.column for finding in result.faults] == [COLUMNS.opinions]


def test_a_blind_audit_counts_the_intended_sense(blind):
    right = right_sense(blind)
    items = read_audit_items(blind)

    def sometimes(row):
        return ("Không nghĩa nào",) if items[row.context_id].lemma == "đậu" else right(row)

    give(blind, lan=sometimes, minh=sometimes)
    report = write_report(blind, VI)
    bad = sum(item.lemma == "đậu" for item in items.values())
    assert report.outcomes.bad == bad > 0
    assert report.of("sense").share.value == pytest.approx(0.875, abs=0.02)
    assert {answer.code for answer in report.of("sense").answers} == {"intended", "none"}


def test_the_first_answer_may_be_that_of_a_repeat(whole):
    give(whole, lan=lambda row: all_good(row) if row.is_repeat else ())
    judgements = read_judgements(whole)
    assert len(judgements.given) == 8
    assert judgements.repeats == []


def test_the_report_is_read_back_and_rendered(whole):
    give(whole, lan=all_good, minh=misused(whole, "đậu"))
    report = write_report(whole, VI)
    assert read_report(whole) == report
    assert read_report(whole / "audit.json") == report
    text = report_text(report)
    assert (whole / "report.md").read_text(encoding="utf-8") == text
    assert "| row | every answer is good | 93.8 % |" in text  # ten rows of 80 are half good
    assert "| row | 93.8 % | [87.5, 100.0] | – | – |" in text
    assert "verb / monosemous" in text


def test_a_report_without_any_answer_says_nothing_and_does_not_fail(whole):
    report = write_report(whole, VI)
    assert report.of("row").share is None
    assert report.agreement[0].alpha.value is None
    assert "–" in report_text(report)


def test_a_file_that_is_no_report_is_refused(tmp_path):
    (tmp_path / "audit.json").write_text("{}")
    with pytest.raises(InputError, match="not an audit report"):
        read_report(tmp_path)


def test_the_later_of_two_adjudications_counts_whichever_came_back_first(whole):
    """Sheet 10 after sheet 2, though its name stands before it in the alphabet."""
    give(whole, lan=all_good, minh=misused(whole, "đậu"))
    for _ in range(10):
        write_adjudication(whole, VI)
    give(whole, **{"adjudication-10": lambda row: ("", "Nghĩa khác")})
    give(whole, **{"adjudication-2": lambda row: ("", "Nghĩa này")})
    assert write_report(whole, VI).outcomes.bad == 10


def test_worst_lemmas_weigh_rows_by_how_many_they_stand_for(tmp_path):
    """Two noun rows of khoan, each for 5, are bad; two verb rows, each for 10, are good.

    2 * 5 / (2 * 5 + 2 * 10) = 1/3, from (2 * 5 + 2 * 10)^2 / (2 * 25 + 2 * 100) = 3.6 rows.
    """
    folder = draw_audit(
        tmp_path, size=14, allocation="equal", annotators=("lan",), overlap=0, repeats=0
    )
    items = read_audit_items(folder)

    def nouns_are_bad(row):
        item = items[row.context_id]
        return (
            "Không" if (item.lemma, item.pos) == ("khoan", "noun") else "Có",
            "Nghĩa này",
            "Giải nghĩa đúng",
        )

    give(folder, lan=nouns_are_bad)
    [group] = write_report(folder, VI).worst_lemmas
    assert (group.name, group.answered, group.bad) == ("khoan", 4, 2)
    assert group.share_bad.value == pytest.approx(1 / 3)
    assert (group.share_bad.low, group.share_bad.high) == pytest.approx(wilson(1.2, 3.6))


def test_the_worst_lemma_is_the_one_that_is_bad_for_certain(whole):
    """Eight bad rows of ten come before one of one."""
    items = read_audit_items(whole)
    of_lemma = {
        lemma: sorted(name for name, item in items.items() if item.lemma == lemma)
        for lemma in ("đậu", "trâu")
    }
    bad = {*of_lemma["đậu"][:8], of_lemma["trâu"][0]}

    def answer(row):
        if row.context_id in of_lemma["trâu"][1:]:
            return ()
        return ("Không", "Nghĩa này", "Giải nghĩa đúng") if row.context_id in bad else all_good(row)

    give(whole, lan=answer)
    groups = write_report(whole, VI).worst_lemmas
    assert [(g.name, g.bad, g.answered) for g in groups] == [("đậu", 8, 10), ("trâu", 1, 1)]


def test_a_row_is_begun_with_one_answer_and_complete_with_all(whole):
    def some(row):
        return [(), ("Có",), ("", "Nghĩa này", ""), all_good(row)][row.number % 4]

    give(whole, lan=some)
    lan, minh = write_report(whole, VI).annotators
    n = lan.rows // 4
    assert (lan.rows, lan.started, lan.complete) == (88, 3 * n, n)
    assert (minh.rows, minh.started, minh.complete) == (88, 0, 0)


def test_a_pair_agrees_over_the_rows_that_both_answered(tmp_path):
    """Three annotators: hoa answers the first half of the rows only, always as lan does."""
    folder = draw_audit(tmp_path, size=40, annotators=("lan", "minh", "hoa"), overlap=1, repeats=0)
    answered = sorted(read_audit_items(folder))[:20]
    no = set(answered[:10])

    def lan(row):
        return ("Không" if row.context_id in no else "Có", "Nghĩa này", "Giải nghĩa đúng")

    give(
        folder,
        lan=lan,
        minh=all_good,
        hoa=lambda row: lan(row) if row.context_id in answered else (),
    )
    fluent = write_report(folder, VI).agreement[0]
    pairs = {(pair.first, pair.second): (pair.items, pair.raw.value) for pair in fluent.pairs}
    assert pairs == {
        ("lan", "minh"): (40, 0.75),
        ("lan", "hoa"): (20, 1.0),
        ("minh", "hoa"): (20, 0.5),
    }


def test_the_table_of_strata_is_made_of_one_criterion_too():
    """As a blind audit has it."""
    report = earlier({"noun": 0.9, "verb": 0.5})
    told = by_stratum(report)
    assert told.header == ("stratum", "population", "sampled", "row")
    assert [row[:3] for row in told.rows] == [("noun", 1000, 100), ("verb", 1000, 100)]
    twice = report.model_copy(update={"quality": report.quality * 2})
    assert [row[:3] for row in by_stratum(twice).rows] == [row[:3] for row in told.rows]
