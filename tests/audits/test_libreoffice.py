"""Sheets that LibreOffice has opened and saved, in each of its formats."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace

import pytest
from openpyxl import load_workbook

from audits.answers.history import latest_answers, read_history
from audits.answers.importing import import_files
from audits.create import create_audit
from audits.key import read_sheet_rows, read_sheets
from audits.questions import questions
from audits.settings import AuditSettings
from tests.audits.test_importing import by_number, expected, fill_workbook
from tests.audits.world import TEXTS, VI, candidates, draw_audit, senses

SOFFICE = shutil.which("soffice")
NOW = "2026-01-01T00:00:00+00:00"
CSV = "csv:Text - txt - csv (StarCalc):{separator},34,76,1,,0,false,true,false,false,false,2"

pytestmark = [
    pytest.mark.libreoffice,
    pytest.mark.skipif(SOFFICE is None, reason="LibreOffice's soffice is not on the PATH"),
]


@pytest.fixture(scope="session")
def profile(tmp_path_factory):
    """A LibreOffice profile of the tests' own."""
    return tmp_path_factory.mktemp("libreoffice")


@pytest.fixture
def saved(profile):
    """Opens a file in LibreOffice and saves it in another format; returns the new file."""

    def save(source, kind, out):
        out.mkdir(exist_ok=True)
        command = [
            SOFFICE,
            f"-env:UserInstallation={profile.as_uri()}",
            "--headless",
            "--convert-to",
            kind,
            "--outdir",
            str(out),
            str(source),
        ]
        subprocess.run(command, check=True, capture_output=True, timeout=180)
        [made] = [path for path in out.iterdir() if path.stem.startswith(source.stem)]
        return made

    return save


def odd_audit(folder):
    """An audit with texts that programs like to change: blanks, quotes, numbers, line ends."""
    rows = candidates(4)
    rows[0] = replace(rows[0], gloss="hai  dấu cách, “ngoặc”, 'nháy' và \"nháy kép\"; 1/2")
    rows[1] = replace(rows[1], gloss="2024")
    rows[2] = replace(rows[2], gloss="1-2")
    rows[3] = replace(rows[3], gloss="3,50")
    rows[4] = replace(rows[4], gloss="=SUM(A1:A9)")
    rows[5] = replace(rows[5], gloss="@người dùng")
    rows[6] = replace(rows[6], gloss="+84 912 345 678")
    rows[7] = replace(rows[7], gloss="TRUE")
    rows[8] = replace(rows[8], gloss="_x0041_ <b>&amp; 𠀋 😀")
    rows[9] = replace(rows[9], gloss="dòng một\ndòng hai")
    long = "khoan " + "á " * 15_890 + "đã."
    rows[10] = replace(rows[10], sentence=long, target_start=0, target_end=5)
    rows[11] = replace(rows[11], sentence="_x0041_ khoan", target_start=8, target_end=13)
    create_audit(folder, rows, senses(), AuditSettings(size=32, annotators=("lan",)), VI)
    return folder


@pytest.mark.parametrize(
    "way",
    [
        ("xlsx",),
        ("ods",),
        ("xls",),
        ("ods", "xlsx"),
        (CSV.format(separator=44),),
        (CSV.format(separator=59),),
        ("ods", CSV.format(separator=9)),
    ],
    ids=lambda way: (
        "-".join(kind.partition(":")[0] for kind in way) if isinstance(way, tuple) else way
    ),
)
def test_answers_survive_libreoffice(tmp_path, saved, way):
    folder = odd_audit(tmp_path / "audit")
    file = fill_workbook(
        folder / "workbooks" / "lan.xlsx", tmp_path / "lan.xlsx", by_number, folder, "lan"
    )
    for step, kind in enumerate(way):
        file = saved(file, kind, tmp_path / f"step{step}")
    [result] = import_files(folder, [file], NOW, TEXTS)
    assert result.findings == ()
    assert latest_answers(read_history(folder)) == expected(folder, "lan")


@pytest.mark.parametrize("mode", ["review", "blind"])
@pytest.mark.parametrize(
    "kind", ["ods", "xlsx", CSV.format(separator=44)], ids=["ods", "xlsx", "csv"]
)
def test_the_workbook_as_written_survives_libreoffice(tmp_path, saved, mode, kind):
    folder = draw_audit(tmp_path / "audit", mode=mode)
    file = saved(folder / "workbooks" / "lan.xlsx", kind, tmp_path / "saved")
    [result] = import_files(folder, [file], NOW, TEXTS)
    assert result.findings == ()
    assert result.rows == result.blank > 0


def test_libreoffice_counts_the_progress(tmp_path, saved):
    folder = draw_audit(tmp_path / "audit")
    filled = fill_workbook(
        folder / "workbooks" / "lan.xlsx",
        tmp_path / "lan.xlsx",
        lambda row: ("Có", "Nghĩa này", "Giải nghĩa đúng") if row.number <= 7 else ("Có",),
        folder,
        "lan",
    )
    again = saved(filled, "xlsx", tmp_path / "again")
    value = load_workbook(again, data_only=True).worksheets[1]["A1"].value
    assert re.fullmatch(r"Đã xong 7 / \d+ dòng", value)


def test_libreoffice_counts_valid_answers_only(tmp_path, saved):
    """In a blind audit the numbers that the row shows, and no others."""
    folder = draw_audit(tmp_path / "audit", mode="blind")

    def answer(row):
        past = str(row.n_choices + 1)
        return ((str(row.n_choices), past, "Không chắc", "ừ", "", ".")[row.number % 6],)

    made = fill_workbook_of(folder, answer, tmp_path / "lan.xlsx")
    again = saved(made, "xlsx", tmp_path / "again")
    value = load_workbook(again, data_only=True).worksheets[1]["A1"].value
    shown = list(read_sheet_rows(folder, read_sheets(folder)[0]))
    valid = sum(row.number % 6 in (0, 2) for row in shown)
    assert value == f"Đã xong {valid} / {len(shown)} dòng"


def fill_workbook_of(folder, answer, out):
    """Fills the one answer column of a blind workbook in."""
    book = load_workbook(folder / "workbooks" / "lan.xlsx")
    page = book[TEXTS.rows_sheet]
    by_key = {row.row_key: row for row in read_sheet_rows(folder, read_sheets(folder)[0])}
    column = [cell.value for cell in page[2]].index(questions("blind")[0].header(TEXTS)) + 1
    for line in page.iter_rows(min_row=3):
        [typed] = answer(by_key[line[0].value])
        page.cell(line[0].row, column).value = typed or None
    book.save(out)
    return out


def test_libreoffice_keeps_protection_and_drop_downs(tmp_path, saved):
    folder = draw_audit(tmp_path / "audit")
    again = saved(folder / "workbooks" / "lan.xlsx", "xlsx", tmp_path / "again")
    page = load_workbook(again)[TEXTS.rows_sheet]
    assert page.protection.sheet
    assert len(page.data_validations.dataValidation) == 3
    assert not any(sheet.kind == "adjudication" for sheet in read_sheets(folder))
