"""All audits of a run count: their outcomes, their figures, what is left of their rows."""

from __future__ import annotations

import shutil

import pytest

from audits.answers.importing import import_files
from audits.key import read_audit_items
from audits.reports.standing import release_audits
from audits.rounds import audit_folders, judged_otherwise, read_rounds, run_outcomes
from schemas.errors import InputError
from tests.audits.world import TEXTS, VI, all_good, candidates, draw_audit, filled, the_release

EARLY, LATE = "2026-01-01T00:00:00+00:00", "2026-03-01T00:00:00+00:00"


def bad_lemma(folder, lemma):
    items = read_audit_items(folder)
    return lambda row: (
        ("Có", "Nghĩa khác", "Giải nghĩa đúng")
        if items[row.context_id].lemma == lemma
        else all_good(row)
    )


def answered(folder, how, when, name="lan"):
    import_files(folder, [filled(folder, name, how)], when, TEXTS)


@pytest.fixture
def audits(tmp_path):
    """A run's folder of audits; the first found "đậu" bad."""
    first = draw_audit(tmp_path / "audits" / "first", name="first", size=80, overlap=1.0)
    answered(first, bad_lemma(first, "đậu"), EARLY)
    return first.parent


def bad(outcomes):
    return {name for name, outcome in outcomes.items() if outcome == "bad"}


def test_a_second_audit_does_not_undo_the_first(audits):
    """Of the same rows less those dropped; nothing that was dropped comes back."""
    before = bad(run_outcomes(audits))
    assert len(before) == 10
    left = [row for row in candidates() if row.context_id not in before]
    second = draw_audit(audits / "second", name="second", rows=left, size=20)
    assert bad(run_outcomes(audits)) == before
    answered(second, bad_lemma(second, "trâu"), LATE)
    after = bad(run_outcomes(audits))
    assert before < after
    assert {row.lemma for row in candidates() if row.context_id in after} == {"đậu", "trâu"}


@pytest.mark.parametrize(("when", "n_bad"), [(LATE, 0), ("2025-12-01T00:00:00+00:00", 10)])
def test_of_two_rounds_the_newer_answer_decides(audits, when, n_bad):
    second = draw_audit(audits / "second", name="second", size=80, overlap=1.0, seed=7)
    answered(second, all_good, when)
    assert len(bad(run_outcomes(audits))) == n_bad
    assert judged_otherwise(read_rounds(audits)) == 10


def test_a_run_without_audits_has_no_outcomes(tmp_path):
    assert run_outcomes(tmp_path / "audits") == {}
    (tmp_path / "audits" / "empty").mkdir(parents=True)
    assert audit_folders(tmp_path / "audits") == []


def test_an_audit_whose_key_is_gone_is_an_error_and_not_no_audit(audits):
    (audits / "first" / "key.json").unlink()
    with pytest.raises(InputError, match="first: no audit here"):
        run_outcomes(audits)


def test_a_copy_of_an_audit_beside_it_is_refused(audits):
    shutil.copytree(audits / "first", audits / "first copy")
    with pytest.raises(InputError, match=r"the same audit as first; move the copy out"):
        run_outcomes(audits)


def test_quality_as_drawn_and_after_what_was_dropped(tmp_path):
    """40 of 80 rows read, b of them bad: T = 80 (40 - b) / 40 good rows among 80 - b."""
    audits = tmp_path / "audits"
    folder = draw_audit(audits / "audit", strata=(), overlap=1.0, release="d1")
    answered(folder, bad_lemma(folder, "đậu"), EARLY)
    dropped = bad(run_outcomes(audits))
    b = len(dropped)
    assert b > 2
    left = [row for row in candidates() if row.context_id not in dropped]
    [found] = release_audits(read_rounds(audits), the_release(left, "d2"), VI, "not_good").rounds
    assert found.report.of("row").share.value == pytest.approx((40 - b) / 40)
    assert found.after.value == pytest.approx(80 * (40 - b) / 40 / (80 - b))
    assert (found.here, found.dropped, found.gone) == (40 - b, b, 0)
    assert (found.as_drawn, found.of_this_release, found.drawn_from.digest) == (False, True, "d1")
    share = found.report.of("row").share
    assert found.after.low == pytest.approx(80 * share.low / (80 - b))


def test_before_anything_was_dropped_both_are_the_same(tmp_path):
    audits = tmp_path / "audits"
    folder = draw_audit(audits / "audit", release="d1", overlap=1.0)
    answered(folder, bad_lemma(folder, "đậu"), EARLY)
    now = the_release(candidates(), "d1")
    [found] = release_audits(read_rounds(audits), now, VI, "not_good").rounds
    assert (found.as_drawn, found.here, found.dropped, found.gone) == (True, 40, 0, 0)
    assert found.after.model_dump() == pytest.approx(found.report.of("row").share.model_dump())


def test_a_row_with_another_gloss_is_not_the_row_that_was_read(tmp_path):
    audits = tmp_path / "audits"
    draw_audit(audits / "audit", release="d1")
    now = the_release(candidates(), "d2")
    glosses = dict.fromkeys(now.glosses, "nghĩa mới")
    [found] = release_audits(
        read_rounds(audits), now._replace(glosses=glosses), VI, "not_good"
    ).rounds
    assert (found.here, found.gone, found.of_this_release) == (0, 40, False)


def test_rows_gone_for_other_reasons_leave_the_sample(tmp_path):
    """Without the rows of "đậu", which were bad but are gone with their sense, all are good."""
    audits = tmp_path / "audits"
    folder = draw_audit(audits / "audit", strata=(), release="d1", overlap=1.0)
    unsure = bad_lemma(folder, "đậu")
    answered(
        folder,
        lambda row: (
            ("Có", "Không chắc: nghĩa", "Giải nghĩa đúng")
            if unsure(row)[1] != "Nghĩa này"
            else all_good(row)
        ),
        EARLY,
    )
    left = [row for row in candidates() if row.lemma != "đậu"]
    [found] = release_audits(read_rounds(audits), the_release(left, "d2"), VI, "not_good").rounds
    assert found.gone > 0
    assert found.after.value == 1.0
