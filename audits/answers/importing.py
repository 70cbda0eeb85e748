"""Imports sheets that came back: checks every row, takes every valid answer, names the rest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from audits.answers.checking import CheckedRow, TableCheck, TypedAnswer
from audits.answers.expected import ExpectedRows, expected_rows
from audits.answers.files import read_tables
from audits.answers.findings import Fault, Notice, SheetFinding
from audits.answers.history import AnswerEvent, Answers, append, latest_answers, read_history
from audits.questions import REMARK
from languages.audit import AuditTexts
from schemas.errors import InputError, StorageError


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
        events = list(_events(file.name, found, imported_at, expected, answers))
        new = [event.question not in answers.get(event.row_key, {}) for event in events]
        results.append(_result(file.name, found, n_rows, findings, len(expected.asked), new))
        if events:
            append(folder, events)
        for event in events:
            answers.setdefault(event.row_key, {})[event.question] = event.answer
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
    for row_key, rows in copies.items():
        merged = _merged(rows)
        if merged is not None:
            found[row_key] = merged
        if len(rows) > 1:
            numbers = ", ".join(str(row.number) for row in rows)
            detail = f"rows {numbers} are the same row"
            fault: Fault | Notice = Notice.SAME_ROW_TWICE
            if merged is None:
                fault, detail = Fault.DUPLICATE_ROW, f"{detail} with different answers"
                detail += "; none was imported"
            findings.append(
                SheetFinding(fault, detail, file.name, row=rows[0].number, row_key=row_key)
            )
    return found, n_rows, sorted(findings, key=lambda finding: (finding.sheet, finding.row))


def _merged(copies: list[CheckedRow]) -> dict[str, TypedAnswer] | None:
    """The answers of all copies of a row together; None where two copies contradict."""
    merged: dict[str, TypedAnswer] = {}
    for copy in copies:
        for question, answer in copy.answers.items():
            if merged.setdefault(question, answer).code != answer.code:
                return None
    return merged


def _result(
    file: str,
    found: FileAnswers,
    n_rows: int,
    findings: list[SheetFinding],
    n_questions: int,
    new: list[bool],
) -> FileResult:
    """What a file brought; ``new`` tells of its events which are no changes."""
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
    file: str, found: FileAnswers, imported_at: str, expected: ExpectedRows, answers: Answers
) -> Iterator[AnswerEvent]:
    """The answers that are new, or other than before."""
    for row_key, row in found.items():
        sheet, shown = expected.rows[row_key]
        for question, answer in row.items():
            if answers.get(row_key, {}).get(question) != answer.code:
                yield AnswerEvent(
                    row_key=row_key,
                    sheet=sheet.name,
                    context_id=shown.context_id,
                    question=question,
                    answer=answer.code,
                    typed=answer.typed,
                    file=file,
                    imported_at=imported_at,
                )
