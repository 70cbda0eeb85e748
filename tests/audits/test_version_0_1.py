"""An audit that version 0.1 drew goes on: ``version_0_1`` is such a folder, with one sheet back."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from audits.adjudication import write_adjudication
from audits.answers.history import latest_answers, read_history
from audits.answers.importing import import_files
from audits.key import read_key
from audits.reports.report import write_report
from languages.find import find_language
from tests.audits.world import VI

NOW = "2026-01-01T00:00:00+00:00"


@pytest.fixture
def old(tmp_path):
    """A copy of the folder."""
    return shutil.copytree(Path(__file__).parent / "version_0_1", tmp_path / "audit")


def test_its_key_is_read_and_its_language_is_vietnamese(old):
    assert '"language"' not in (old / "key.json").read_text(encoding="utf-8")
    assert find_language(read_key(old).language) is VI


def test_its_sheets_are_imported_reported_and_adjudicated(old):
    before = latest_answers(read_history(old))
    assert len(before) == 8
    [result] = import_files(old, [old / "minh.csv"], NOW, VI.audit)
    assert (result.findings, result.complete, result.new) == ((), 8, 29)
    after = latest_answers(read_history(old))
    assert len(after) == 16
    assert {key: after[key] for key in before} == before
    report = write_report(old, VI)
    assert (report.outcomes.good, report.outcomes.bad, report.disagreements) == (0, 6, 7)
    path, n_rows = write_adjudication(old, VI)
    assert (path.name, n_rows) == ("adjudication-1.xlsx", 7)
