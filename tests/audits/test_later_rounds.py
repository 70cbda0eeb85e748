"""A later round goes on with the draw: no row is read twice, and all answers make one estimate."""

from __future__ import annotations

import pytest

from audits.answers.importing import import_files
from audits.answers.judgements import read_judgements
from audits.key import read_audit_items, read_key
from audits.reports.report import make_report
from audits.rounds import run_outcomes
from audits.sampling.earlier import READ_BEFORE, earlier_rounds
from audits.settings import AuditSettings
from schemas.errors import InputError, UsageError
from tests.audits.test_rounds import bad, bad_lemma
from tests.audits.world import TEXTS, VI, all_good, candidates, draw_audit, filled, rows

NOW = "2026-01-01T00:00:00+00:00"


def go_on(audits, name, rows_now=None, **settings):
    """Draws a round after those that are there."""
    there = list(candidates() if rows_now is None else rows_now)
    ids = {row.context_id for row in there}
    chosen = {"name": name, "size": 20, "annotators": ("lan", "minh"), "overlap": 0.0} | settings
    rounds = earlier_rounds(audits / name, AuditSettings(**chosen), lambda some: some & ids)
    return draw_audit(audits / name, rows=there, rounds=rounds, **chosen)


def answer(folder, how):
    files = [filled(folder, name, how) for name in read_key(folder).annotators]
    import_files(folder, files, NOW, TEXTS)


@pytest.fixture
def audits(tmp_path):
    first = draw_audit(tmp_path / "audits" / "first", name="first", overlap=0.0)
    answer(first, bad_lemma(first, "đậu"))
    return first.parent


def test_no_row_is_read_twice_and_the_estimate_is_that_of_one_draw(audits):
    """40 and then 20 of 80 rows: by the same seed what a draw of 60 would have drawn."""
    second = go_on(audits, "second")
    first_ids = {row.context_id for name in ("lan", "minh") for row in rows(audits / "first", name)}
    second_ids = {row.context_id for name in ("lan", "minh") for row in rows(second, name)}
    assert len(second_ids) == 20
    assert not first_ids & second_ids
    whole = draw_audit(audits.parent / "whole", name="whole", size=60, overlap=0.0)
    assert first_ids | second_ids == set(read_audit_items(whole))
    items = read_audit_items(second)
    assert {item.drawn_in for name, item in items.items() if name in first_ids} == {"first"}
    assert {item.inclusion_probability for item in items.values()} == {
        item.inclusion_probability for item in read_audit_items(whole).values()
    }
    answer(second, bad_lemma(second, "đậu"))
    answer(whole, bad_lemma(whole, "đậu"))
    one = make_report(read_judgements(whole), VI, "not_good").of("row")
    both = make_report(read_judgements(second), VI, "not_good").of("row")
    assert both.share == one.share
    assert both.strata == one.strata


def test_rows_that_were_dropped_count_in_the_round_that_follows(audits):
    """Drawn from what is left, the second round is still one sample of the 80 rows there were."""
    dropped = bad(run_outcomes(audits))
    assert dropped
    left = [row for row in candidates() if row.context_id not in dropped]
    second = go_on(audits, "second", left)
    items = read_audit_items(second)
    assert dropped <= items.keys()
    assert (read_key(second).population, read_key(second).sampled) == (80, 60)
    answer(second, bad_lemma(second, "đậu"))
    whole = draw_audit(audits.parent / "whole", name="whole", size=60, overlap=0.0)
    answer(whole, bad_lemma(whole, "đậu"))
    assert make_report(read_judgements(second), VI, "not_good").of("row").share == (
        make_report(read_judgements(whole), VI, "not_good").of("row").share
    )


def test_rows_that_are_new_are_a_stratum_of_their_own(audits):
    more = candidates(12)
    second = go_on(audits, "second", more)
    strata = {stratum.name: stratum for stratum in read_key(second).strata}
    assert strata["new since first"].population == 16
    new = {row.context_id for row in more} - {row.context_id for row in candidates()}
    items = read_audit_items(second)
    assert {n for n, item in items.items() if item.stratum == "new since first"} <= new
    third = go_on(audits, "third", candidates(13), size=14)
    names = [stratum.name for stratum in read_key(third).strata]
    assert [name for name in names if name.startswith("new")] == [
        "new since first",
        "new since second",
    ]


def test_with_other_strata_the_rows_read_before_stand_apart(audits):
    second = go_on(audits, "second", strata=("judged",))
    strata = {stratum.name: stratum for stratum in read_key(second).strata}
    assert (strata[READ_BEFORE].population, strata[READ_BEFORE].sampled) == (40, 40)
    assert sum(s.sampled for s in strata.values()) == 60
    answer(second, bad_lemma(second, "đậu"))
    row = make_report(read_judgements(second), VI, "not_good").of("row")
    assert row.answered == 60


def test_another_mode_starts_anew(audits):
    second = go_on(audits, "second", mode="blind")
    assert read_key(second).earlier == ()
    assert (read_key(second).round, len(read_audit_items(second))) == (2, 20)


def test_an_audit_of_other_rows_is_not_gone_on_with(audits):
    other = [
        row for row in candidates(22) if row.context_id not in read_audit_items(audits / "first")
    ]
    assert read_key(go_on(audits, "second", other)).earlier == ()


def test_when_every_row_was_read_it_says_so(audits):
    go_on(audits, "second", size=40)
    with pytest.raises(UsageError, match="no row to draw: earlier rounds have read them all"):
        go_on(audits, "third")


def test_an_interrupted_draw_is_completed_with_what_was_before_it(audits):
    second = go_on(audits, "second")
    key = read_key(second)
    (second / "sheets" / "minh.json").unlink()
    go_on(audits, "second")
    assert (second / "sheets" / "minh.json").exists()
    go_on(audits, "third", size=10)
    go_on(audits, "second")
    assert read_key(second) == key


def test_neyman_follows_what_the_rounds_before_found(audits):
    """Verbs had bad rows, the others none: more of the new rows are verbs."""
    plain = go_on(audits, "second")
    sizes = {s.name: s.sampled for s in read_key(plain).strata}
    again = go_on(audits.parent / "audits", "second-neyman", allocation="neyman")
    found = {s.name: s.sampled for s in read_key(again).strata}
    assert found["verb / monosemous"] >= sizes["verb / monosemous"]


def test_a_round_whose_earlier_one_is_gone_is_an_error(audits):
    second = go_on(audits, "second")
    for path in sorted((audits / "first").rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    with pytest.raises(InputError, match="first: the audit that second goes on with is missing"):
        read_judgements(second)


def test_good_answers_of_a_later_round_leave_what_was_dropped_dropped(audits):
    before = bad(run_outcomes(audits))
    answer(go_on(audits, "second"), all_good)
    assert bad(run_outcomes(audits)) == before
