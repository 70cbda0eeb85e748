"""Seconds and peak memory of a large audit workbook: written, filled in, imported, reported.

    python -m benchmarks.bench_audit [--rows 50000] [--mode review|blind] [--format xlsx|csv]

Every step runs in a process of its own, so that its peak memory is its own. The limits are 60 s
and 500 MB for writing, and for importing, 50,000 rows.
"""

from __future__ import annotations

import argparse
import csv
import tempfile
from pathlib import Path

from benchmarks.apart import apart
from testing.made_up_audit import sample


def fill(folder: Path, file: Path) -> None:
    """Fills the sheet in; for .xlsx plainly, as some program might write it."""
    from audits.key import read_key, read_sheet_rows, read_sheets
    from audits.questions import questions
    from languages.find import find_language

    texts = find_language("vi").audit
    [sheet] = read_sheets(folder)
    asked = questions(read_key(folder).mode)
    header = [texts.columns.key, *sheet.columns, *(q.header(texts) for q in asked)]
    labels = [list(question.labels(texts).values()) for question in asked]
    filled = (
        [row.row_key, *row.cells, *(each[row.number % 7 == 0] for each in labels)]
        for row in read_sheet_rows(folder, sheet)
    )
    if file.suffix == ".csv":
        with open(file, "w", encoding="utf-8", newline="") as out:
            csv.writer(out).writerows([header, *filled])
        return
    import xlsxwriter

    with xlsxwriter.Workbook(str(file), {"constant_memory": True}) as book:
        page = book.add_worksheet()
        for at, cells in enumerate([header, *filled]):
            for place, cell in enumerate(cells):
                page.write_string(at, place, cell)


def take(folder: Path, file: Path) -> None:
    from audits.answers.importing import import_files
    from languages.find import find_language

    texts = find_language("vi").audit
    [result] = import_files(folder, [file], "2026-01-01T00:00:00+00:00", texts)
    assert not result.findings, result.findings[:3]
    assert result.complete == result.rows > 0


def report(folder: Path) -> None:
    from audits.reports.report import write_report
    from languages.find import find_language

    write_report(folder, find_language("vi"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--mode", choices=["review", "blind"], default="review")
    parser.add_argument("--format", choices=["xlsx", "csv"], default="xlsx")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        file = folder / f"filled.{given.format}"
        print(f"{given.rows:,} rows, {given.mode}, {given.format}")
        steps = (
            ("sample", sample, (folder, given.rows, given.mode)),
            ("(fill in)", fill, (folder, file)),
            ("import", take, (folder, file)),
            ("report", report, (folder,)),
        )
        for name, step, arguments in steps:
            print(f"{name:<10} {apart(step, *arguments)}")
        size = (folder / "workbooks" / "lan.xlsx").stat().st_size / 1e6
        print(f"workbook   {size:7.1f} MB on disk")


if __name__ == "__main__":
    main()
