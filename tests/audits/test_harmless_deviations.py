"""What people do to a sheet without meaning harm costs no answer and raises no alarm."""

from __future__ import annotations

import pytest
from openpyxl import load_workbook

from audits.answers.findings import Fault, Notice
from audits.answers.history import latest_answers, read_history
from audits.answers.importing import import_files
from audits.questions import REMARK
from tests.audits.test_importing import by_number, expected, fill_workbook, spoil
from tests.audits.world import TEXTS, all_good, rows, table, write_csv

NOW = "2026-01-01T00:00:00+00:00"


def take(folder, content):
    file = content if not isinstance(content, list) else write_csv(folder / "x.csv", content)
    return import_files(folder, [file], NOW, TEXTS)[0]


def answers(folder):
    return latest_answers(read_history(folder))


def faults(result):
    return [finding.fault for finding in result.findings]


@pytest.fixture
def copied(audit, tmp_path):
    """A workbook whose sheet of rows stands in it twice, filled in."""
    file = tmp_path / "lan.xlsx"
    fill_workbook(audit / "workbooks" / "lan.xlsx", file, by_number, audit, "lan")
    book = load_workbook(file)
    book.copy_worksheet(book["Trang 1"]).title = "Bản sao"
    book.save(file)
    return file


def test_a_copy_of_the_sheet_in_the_same_file_is_one_notice(audit, copied):
    result = take(audit, copied)
    [finding] = result.findings
    n = len(rows(audit, "lan"))
    assert finding.fault is Notice.SAME_ROW_TWICE
    assert f"{n} rows more than once" in finding.detail
    assert "sheet Trang 1, row 3 and sheet Bản sao, row 3" in finding.detail
    assert answers(audit) == expected(audit, "lan")


def test_a_copy_that_was_emptied_takes_nothing_away(audit, copied):
    book = load_workbook(copied)
    for line in book["Bản sao"].iter_rows(min_row=3):
        for cell in line[-4:]:
            cell.value = None
    book.save(copied)
    assert take(audit, copied).faults == ()
    assert answers(audit) == expected(audit, "lan")


def test_a_header_that_is_repeated_is_passed_over(audit):
    header, *lines = table(audit, "lan", by_number)
    result = take(audit, [header, *lines[:9], header, *lines[9:]])
    assert (result.findings, result.rows) == ((), len(lines))
    assert answers(audit) == expected(audit, "lan")


@pytest.mark.parametrize(
    "line",
    [
        ["Tổng cộng", "", "", "", "", "", "30", "28", "31", ""],
        ["", "Tổng cộng", "", "", "", "", "30", "28", "31", ""],
        ["", "", "", "", "", "", "94 %", "", "", ""],
        ["", "", "", "", "", "", "", "", "", "làm xong ngày 3/1"],
    ],
)
def test_a_line_of_totals_is_told_and_no_fault(audit, line):
    content = table(audit, "lan", by_number)
    result = take(audit, [*content[:9], line, *content[9:]])
    assert faults(result) == [Notice.OTHER_ROW]
    assert max(line, key=len) in result.findings[0].detail
    assert answers(audit) == expected(audit, "lan")


@pytest.mark.parametrize(("column", "text"), [(1, ""), (6, "")])
def test_a_row_whose_key_was_lost_stays_a_fault(audit, column, text):
    """By its sentence or by its answers it is known as one of the audit's."""
    content = spoil(table(audit, "lan", all_good), 2, 0, "")
    result = take(audit, spoil(content, 2, column, text))
    assert faults(result) == [Fault.MISSING_KEY]


def test_copies_that_differ_in_the_remark_keep_both(audit):
    content = table(audit, "lan", all_good)
    one = [*content[1][:-1], "hơi dài"]
    other = [*content[1][:-1], "nhưng hay"]
    result = take(audit, [content[0], one, *content[2:], other])
    assert faults(result) == [Notice.SAME_ROW_TWICE]
    assert result.complete == len(content) - 1
    assert answers(audit)[content[1][0]][REMARK] == "hơi dài / nhưng hay"
    result = take(audit, [content[0], one, *content[2:], other])
    assert (result.new, result.changed) == (0, 0)


def test_plain_answers_are_read_where_the_whole_row_is_answered(audit):
    """Nothing has slid from there. In a row with gaps "đúng" could be of either question."""

    def plain(row):
        return ("Có", "đúng", "Không chắc") if row.number > 2 else ("Có", "đúng", "")

    result = take(audit, table(audit, "lan", plain))
    assert faults(result) == [Fault.UNKNOWN_ANSWER] * 2
    assert "choose from the list" in result.findings[0].detail
    assert {tuple(given.values()) for given in answers(audit).values()} == {
        ("yes", "yes", "unsure"),
        ("yes",),
    }


def test_answers_with_a_full_stop_or_in_short_are_taken(audit):
    def careless(row):
        return [("Có.", "nn", "Đúng 1 phần"), ("k", "Nghĩa khác!", "ls")][row.number % 2]

    content = table(audit, "lan", careless)
    assert take(audit, content).findings == ()
    assert {tuple(given.values()) for given in answers(audit).values()} == {
        ("yes", "yes", "partly"),
        ("no", "other", "no"),
    }
