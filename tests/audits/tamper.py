"""Tampers with filled-in sheets in seeded ways, and looks at what an import makes of them.

    python -m tests.audits.tamper [HOW_MANY]

Of what annotators may do: no answer wrong, none lost, no false alarm. Of the rest: no answer wrong,
and none left out without a finding that names its row. 1,500 unless another number is given; one
in 50 is read back from an .xlsx file, the others as .csv. The exit code is 1 for any fault.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from pathlib import Path

import xlsxwriter

from audits.answers.expected import ExpectedRows, expected_rows
from audits.answers.importing import read_sheet
from audits.questions import FLUENT, GLOSS, REMARK, USAGE
from testing.tampering import Content, Layout, Tampered, tampered
from tests.audits.test_importing import by_number, expected
from tests.audits.world import TEXTS, draw_audit, table, write_csv

AT = "2026-01-01T00:00:00+00:00"


def faults_of(folder: Path, seeds: range) -> Counter[str]:
    """How often which fault was seen, by ``kind: fault``, and the number of "sheets"."""
    known, content = expected(folder, "lan"), table(folder, "lan", by_number)
    rows = expected_rows(folder, TEXTS)
    asked = (FLUENT, USAGE, GLOSS)
    labels = tuple(tuple(question.labels(TEXTS).values()) for question in asked)
    layout = Layout(content[0].index(FLUENT.header(TEXTS)), len(asked), labels)
    found: Counter[str] = Counter()
    for seed in seeds:
        one = tampered(seed, content, layout)
        found["sheets"] += 1
        for fault in _faults(folder, seed, one, rows, known, content):
            found[f"{one.kind}: {fault}"] += 1
    return found


def _faults(
    folder: Path,
    seed: int,
    one: Tampered,
    rows: ExpectedRows,
    known: dict[str, dict[str, str]],
    content: Content,
) -> list[str]:
    """One word for every fault of a sheet."""
    file = _saved(folder / f"tampered-{seed % 50}", one.content, as_workbook=seed % 50 == 0)
    read = read_sheet(file, rows, AT)
    faults = [finding for finding in read.findings if finding.harmful]
    given: dict[str, dict[str, str]] = {}
    for answer in read.answers:
        given.setdefault(answer.row_key, {})[answer.question] = answer.answer.code
    told = {finding.row for finding in faults}
    seen: list[str] = []
    if one.kept and faults:
        seen.append("false alarm")
    lines = {row[0]: n for n, row in enumerate(content)}
    there = {cell for row in one.content for cell in row}
    for row_key, answers in given.items():
        right = known[row_key]
        wrong = any(q != REMARK and right.get(q) != code for q, code in answers.items())
        seen += ["wrong"] * wrong
    for row_key, answers in known.items():
        lost = {q for q in answers if q != REMARK} - given.get(row_key, {}).keys()
        if not lost or (one.kept and not _shown(row_key, there)):
            continue
        line = lines[row_key]
        named = line + 1 in told or 0 in told or any(f.row_key == row_key for f in faults)
        if one.kept or line not in one.touched or not named:
            seen.append("lost")
    return seen


def _shown(row_key: str, there: set[str]) -> bool:
    """Whether a row is in the sheet at all."""
    return any(cell.strip() == row_key for cell in there)


def _saved(stem: Path, content: Content, *, as_workbook: bool) -> Path:
    if not as_workbook:
        return write_csv(stem.with_suffix(".csv"), content)
    path = stem.with_suffix(".xlsx")
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False}) as book:
        page = book.add_worksheet()
        for number, row in enumerate(content):
            for place, cell in enumerate(row):
                page.write_string(number, place, cell)
    return path


def main(how_many: int) -> int:
    """Prints what was found; 1 for any fault."""
    with tempfile.TemporaryDirectory() as place:
        folder = draw_audit(Path(place) / "audit", repeats=0.2)
        found = faults_of(folder, range(how_many))
    sys.stdout.write(f"{found.pop('sheets', 0):,} sheets tampered with, {found.total()} faults\n")
    for fault, count in sorted(found.items()):
        sys.stdout.write(f"{count:5} {fault}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1500))
