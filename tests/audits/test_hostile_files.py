"""Files that would take the import down with them are refused, and the others are imported."""

from __future__ import annotations

import os
import re
import zipfile

import pytest
import xlsxwriter
from openpyxl import load_workbook

from audits.answers import files
from audits.answers.findings import Fault
from audits.answers.importing import import_files
from tests.audits.world import TEXTS, all_good, filled, rows

NOW = "2026-01-01T00:00:00+00:00"


def refused(folder, file):
    """The one finding of a file, after which another is imported whole."""
    good = filled(folder, "lan", all_good)
    bad, result = import_files(folder, [file, good], NOW, TEXTS)
    assert (result.findings, result.complete) == ((), len(rows(folder, "lan")))
    [finding] = bad.findings
    assert finding.fault is Fault.UNREADABLE_FILE
    assert str(finding).count("\n") == 0
    return finding.detail


@pytest.mark.parametrize("cell", ["XFD1048576", "XFD30000", "B1048576"])
def test_one_cell_far_away_ends_no_more_than_its_own_file(audit, tmp_path, cell):
    book = load_workbook(audit / "workbooks" / "lan.xlsx")
    book[TEXTS.rows_sheet][cell] = "x"
    book.save(tmp_path / "far.xlsx")
    if cell.startswith("B"):  # a million empty rows are no harm
        [result] = import_files(audit, [tmp_path / "far.xlsx"], NOW, TEXTS)
        assert [finding.row for finding in result.findings] in ([], [1048576])
        assert result.blank == len(rows(audit, "lan"))
    else:
        assert re.search(r"within 1,024 MB .* to the right", refused(audit, tmp_path / "far.xlsx"))


def test_a_file_that_unpacks_to_more_than_any_sheet_has(audit, tmp_path):
    with zipfile.ZipFile(tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", "x" * 12_345)
    whole = (tmp_path / "bomb.xlsx").read_bytes()
    size, claimed = (12_345).to_bytes(4, "little"), (1040 << 20).to_bytes(4, "little")
    (tmp_path / "bomb.xlsx").write_bytes(whole.replace(size, claimed))
    assert "unpack to 1,040 MB" in refused(audit, tmp_path / "bomb.xlsx")


def test_a_sheet_that_unpacks_to_more_than_its_header_says(audit, tmp_path):
    """100 MB of one text, said to be 10 bytes: within the limits nothing of it gets in."""
    path = tmp_path / "liar.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet()
        page.write_string(0, 0, TEXTS.columns.key)
        page.write_string(1, 0, "x" * 32_000)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/sharedStrings.xml"] = parts["xl/sharedStrings.xml"].replace(
        b"x" * 32_000, b"x" * (100 << 20)
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    size = len(parts["xl/sharedStrings.xml"]).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(size, (10).to_bytes(4, "little")))
    [result] = import_files(audit, [path], NOW, TEXTS)
    assert result.new == 0
    assert result.faults


@pytest.mark.parametrize("suffix", [".xlsx", ".ods", ".xls", ".csv"])
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04",
        b"PK\x05\x06" + bytes(18),
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"\x00" * 4096,
    ],
)
def test_rubbish(audit, tmp_path, suffix, content):
    path = tmp_path / f"rubbish{suffix}"
    path.write_bytes(content)
    assert refused(audit, path).startswith(str(path))


def test_a_workbook_cut_off_anywhere(audit, tmp_path):
    whole = (audit / "workbooks" / "lan.xlsx").read_bytes()
    for part in range(1, 8):
        path = tmp_path / f"{part}.xlsx"
        path.write_bytes(whole[: len(whole) * part // 8])
        assert "cannot be read as a spreadsheet: its end is missing" in refused(audit, path)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "it is empty"),
        (b"\xef\xbb\xbf\n<!doctype html><table>", "it is a web page"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "it has a password"),
        (b"\x89PNG\r\n", "it is something else"),
        (b"PK\x05\x06" + bytes(18), "a part of it is damaged"),
    ],
)
def test_what_happened_to_a_spreadsheet_is_said_in_words(audit, tmp_path, content, told):
    (tmp_path / "lan.xlsx").write_bytes(content)
    assert f"cannot be read as a spreadsheet: {told}" in refused(audit, tmp_path / "lan.xlsx")


def test_what_is_no_file(audit, tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "folder.xlsx").mkdir()
    (tmp_path / "link.csv").symlink_to("nowhere.csv")
    assert "not a file" in refused(audit, tmp_path / "pipe.csv")
    assert "not a file" in refused(audit, tmp_path / "folder.xlsx")
    assert "no such file" in refused(audit, tmp_path / "link.csv")


def test_a_text_larger_than_any_sheet(audit, tmp_path):
    with open(tmp_path / "large.csv", "wb") as file:
        file.truncate(files.LARGEST_FILE + 1)
    assert "more than any sheet" in refused(audit, tmp_path / "large.csv")


def test_a_workbook_with_a_chart(audit, tmp_path):
    """A chart in a sheet of its own is passed over; calamine has no rows for it."""
    path = tmp_path / "chart.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, [TEXTS.columns.key])
        page.write_row(1, 0, [rows(audit, "lan")[0].row_key, 3])
        chart = book.add_chart({"type": "bar"})
        chart.add_series({"values": "=Sheet1!$B$2:$B$2"})
        book.add_chartsheet().set_chart(chart)
    [result] = import_files(audit, [path], NOW, TEXTS)
    assert Fault.UNREADABLE_FILE not in [finding.fault for finding in result.findings]
    assert result.rows == 1
