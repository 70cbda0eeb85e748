"""Answers that are there and cannot be read are an error, never "no answers"."""

from __future__ import annotations

import os
import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from audits.adjudication import write_adjudication
from audits.answers.history import append, read_history
from audits.answers.importing import import_files
from audits.answers.outcomes import outcomes
from audits.reports.report import write_report
from pipeline.cli.main import exit_code
from schemas.errors import InputError, RunError, StorageError
from tests.audits.world import TEXTS, VI, all_good, filled

NOW = "2026-01-01T00:00:00+00:00"


def all_bad(row):
    return ("Không", "Nghĩa khác", "Sai")


@pytest.fixture
def answered(audit):
    """An audit with two imports, of which the first judged every row of lan bad."""
    import_files(audit, [filled(audit, "lan", all_bad)], NOW, TEXTS)
    import_files(audit, [filled(audit, "minh", all_good)], NOW, TEXTS)
    assert "bad" in outcomes(audit).values()
    return audit


def test_where_nothing_was_drawn_there_are_no_outcomes(tmp_path):
    assert outcomes(tmp_path / "audits" / "none") == {}


def test_where_nothing_was_imported_there_are_no_outcomes(audit):
    assert outcomes(audit) == {}


def test_a_file_in_the_place_of_the_folder(answered):
    shutil.rmtree(answered / "answers")
    (answered / "answers").write_text("")
    with pytest.raises(StorageError, match="answers: "):
        outcomes(answered)


def test_a_link_to_nowhere_in_the_place_of_the_folder(answered):
    shutil.rmtree(answered / "answers")
    (answered / "answers").symlink_to("nowhere")
    with pytest.raises(StorageError, match="answers: no such file or folder"):
        outcomes(answered)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_without_permission(answered):
    (answered / "answers").chmod(0)
    try:
        with pytest.raises(StorageError, match="no permission"):
            outcomes(answered)
    finally:
        (answered / "answers").chmod(0o755)


def test_an_import_that_is_missing(answered):
    (answered / "answers" / "0001.parquet").unlink()
    with pytest.raises(InputError, match=r"0001\.parquet: this import is missing"):
        outcomes(answered)


@pytest.mark.parametrize("keep", [0, 100, -100])
def test_an_import_that_was_cut_off(answered, keep):
    path = answered / "answers" / "0001.parquet"
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(InputError, match=r"0001\.parquet: .*put a copy of it back"):
        outcomes(answered)


def test_a_key_that_is_missing_beside_answers(answered):
    (answered / "key.json").unlink()
    with pytest.raises(InputError, match="no audit here"):
        outcomes(answered)


def test_a_key_that_cannot_be_read(answered):
    (answered / "key.json").write_text("{}")
    with pytest.raises(RunError, match=r"key\.json: not a file of an audit"):
        outcomes(answered)


def test_an_adjudication_that_was_answered_and_whose_sheet_is_missing(answered):
    write_adjudication(answered, VI)
    import_files(answered, [filled(answered, "adjudication-1", all_bad)], NOW, TEXTS)
    (answered / "sheets" / "adjudication-1.json").unlink()
    with pytest.raises(InputError, match="which was answered, is missing"):
        outcomes(answered)


def test_a_folder_that_a_later_import_cannot_read_stays_as_it_is(answered):
    (answered / "answers" / "0001.parquet").write_bytes(b"")
    with pytest.raises(InputError):
        import_files(answered, [filled(answered, "lan", all_good)], NOW, TEXTS)
    assert sorted(path.name for path in (answered / "answers").iterdir()) == [
        "0001.parquet",
        "0002.parquet",
    ]


def test_an_import_waits_for_no_other_and_takes_no_number_twice(answered):
    """Behind the lock of another import nothing is written; the number is taken behind it."""
    event = next(read_history(answered))

    def events():
        assert (answered / "answers" / "import.lock").exists()
        with pytest.raises(StorageError, match=r"import\.lock: another import is writing"):
            append(answered, [event])
        yield event

    assert append(answered, events()).name == "0003.parquet"
    assert sorted(path.name for path in (answered / "answers").iterdir()) == [
        "0001.parquet",
        "0002.parquet",
        "0003.parquet",
    ]


def test_the_command_line_says_it_in_one_line(answered, capsys):
    write_report(answered, VI)
    (answered / "answers" / "0002.parquet").write_bytes(b"PAR1")
    assert exit_code(["audit", "report", "--folder", str(answered)]) == 1
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "0002.parquet" in told


def test_an_import_with_a_text_that_is_no_utf8(answered):
    path = answered / "answers" / "0001.parquet"
    table = pq.read_table(path)
    column = table.schema.get_field_index("row_key")
    broken = pa.array([b"\xc3"] * len(table)).view(pa.string())
    pq.write_table(table.set_column(column, "row_key", broken), path)
    with pytest.raises(InputError, match=r"0001\.parquet: a table of the audit that cannot be re"):
        outcomes(answered)
