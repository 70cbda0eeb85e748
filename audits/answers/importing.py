"""Imports sheets that came back: checks every row, takes every valid answer, names the rest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from audits.answers.checking import CheckedRow, TableCheck, TypedAnswer
from audits.answers.expected import ExpectedRows, expected_rows
from audits.answers.files import read_tables
from audits.answers.findings import Fault, Notice, SheetFinding
from audits.answers.history import AnswerEvent, append, latest_answers, read_history
from audits.questions import REMARK
from languages.audit import AuditTexts
from schemas.errors import InputError, StorageError
from schemas.numbers import counted


@dataclass(frozen=True, slots=True)
class FileResult:
    """What one file brought."""

    file: str
    findings: tuple[SheetFinding, ...]
    rows: int = 0
    """Rows with anything in them."""
    complete: int = 0
    """Valid rows of this file with an answer to every question."""
    partial: int = 0
    blank: int = 0
    new: int = 0
    """Answers that were not there before."""
    changed: int = 0
    """Answers that replace an older one."""

    @property
    def faults(self) -> tuple[SheetFinding, ...]:
        """The findings because of which something was not imported."""
        return tuple(finding for finding in self.findings if finding.harmful)


class ChangedAnswer(NamedTuple):
    """An answer that is new, or another than before."""

    row_key: str
    question: str
    answer: TypedAnswer


FileAnswers = dict[str, dict[str, TypedAnswer]]
"""Row key -> question -> answer, of every valid row of a file."""


def import_files(
    folder: Path, files: Sequence[Path], imported_at: str, texts: AuditTexts
) -> list[FileResult]:
    """Imports files in order; where two answer the same question of a row, the later one wins."""
    expected = expected_rows(folder, texts)
    answers = latest_answers(read_history(folder))
    results = []
    for file in files:
        try:
            found, n_rows, findings = _read(file, expected)
        except (InputError, StorageError) as error:
            unreadable = SheetFinding(Fault.UNREADABLE_FILE, str(error), file.name)
            results.append(FileResult(file.name, (unreadable,)))
            continue
        given = [
            ChangedAnswer(row_key, question, answer)
            for row_key, row in found.items()
            for question, answer in row.items()
            if answers.get(row_key, {}).get(question) != answer.code
        ]
        new = [one.question not in answers.get(one.row_key, {}) for one in given]
        results.append(_result(file.name, found, n_rows, findings, len(expected.asked), new))
        if given:
            append(folder, _events(given, expected, file.name, imported_at))
        for row_key, question, answer in given:
            answers.setdefault(row_key, {})[question] = answer.code
    return results


def _read(file: Path, expected: ExpectedRows) -> tuple[FileAnswers, int, list[SheetFinding]]:
    """The answers of a file's valid rows, the number of its rows, and what is wrong with it."""
    findings: list[SheetFinding] = []
    copies: dict[str, list[CheckedRow]] = defaultdict(list)
    n_rows = 0
    for table in read_tables(file, expected.texts):
        check = TableCheck(file.name, table, expected)
        for row in check.rows():
            copies[row.row_key].append(row)
        n_rows += check.n_rows
        findings += check.findings
    found: FileAnswers = {}
    agreeing: list[list[CheckedRow]] = []
    for row_key, rows in copies.items():
        merged = _merged(rows)
        if merged is None:
            detail = f"{_places(rows)} are the same row with different answers; none was imported"
            fault, at = Fault.DUPLICATE_ROW, rows[0].number
            findings.append(SheetFinding(fault, detail, file.name, row=at, row_key=row_key))
            continue
        found[row_key] = merged
        if len(rows) > 1:
            agreeing.append(rows)
    if agreeing:
        detail = f"{counted(len(agreeing), 'row')} more than once, without contradiction: "
        detail += f"{_places(agreeing[0])}" + (", ..." if len(agreeing) > 1 else "")
        findings.append(SheetFinding(Notice.SAME_ROW_TWICE, detail, file.name))
    return found, n_rows, sorted(findings, key=lambda finding: (finding.sheet, finding.row))


def _places(copies: list[CheckedRow]) -> str:
    """``row 2 and row 14``, or ``sheet Tờ 1, row 2 and sheet Tờ 2, row 2``."""
    return " and ".join(copy.place for copy in copies)


def _merged(copies: list[CheckedRow]) -> dict[str, TypedAnswer] | None:
    """The answers of all copies of a row together; None where two copies contradict.

    Remarks do not contradict: all are kept.
    """
    merged: dict[str, TypedAnswer] = {}
    remarks: dict[str, None] = {}
    for copy in copies:
        for question, answer in copy.answers.items():
            if question == REMARK:
                remarks[answer.code] = None
            elif merged.setdefault(question, answer).code != answer.code:
                return None
    if remarks:
        remark = " / ".join(remarks)
        merged[REMARK] = TypedAnswer(remark, remark)
    return merged


def _result(
    file: str,
    found: FileAnswers,
    n_rows: int,
    findings: list[SheetFinding],
    n_questions: int,
    new: list[bool],
) -> FileResult:
    """What a file brought; ``new`` says of each answer given whether it is no change."""
    n_answered = [len(row.keys() - {REMARK}) for row in found.values()]
    complete, blank = n_answered.count(n_questions), n_answered.count(0)
    return FileResult(
        file=file,
        findings=tuple(findings),
        rows=n_rows,
        complete=complete,
        partial=len(found) - complete - blank,
        blank=blank,
        new=new.count(True),
        changed=new.count(False),
    )


def _events(
    given: Iterable[ChangedAnswer], expected: ExpectedRows, file: str, imported_at: str
) -> Iterator[AnswerEvent]:
    for row_key, question, (code, typed) in given:
        shown = expected.rows[row_key]
        yield AnswerEvent(
            row_key=row_key,
            sheet=shown.sheet.name,
            context_id=shown.context_id,
            question=question,
            answer=code,
            typed=typed,
            file=file,
            imported_at=imported_at,
        )
