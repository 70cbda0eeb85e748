"""Imports sheets that came back: checks every row, takes every valid answer, names the rest."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from audits.answers.checking import CheckedRow, TableCheck, quoted
from audits.answers.dates import saved_at
from audits.answers.expected import ExpectedRows, expected_rows
from audits.answers.files import read_tables
from audits.answers.findings import Fault, Notice, SheetFinding
from audits.answers.given import GivenAnswer, ReadFile, TypedAnswer
from audits.answers.history import (
    AnswerEvent,
    DatedAnswer,
    DatedAnswers,
    append,
    newest_answers,
    read_history,
)
from audits.answers.saved import is_saved_by_a_page, read_saved
from audits.questions import REMARK, is_note
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


def import_files(
    folder: Path, files: Sequence[Path], imported_at: str, texts: AuditTexts
) -> list[FileResult]:
    """Imports files; where two answer the same question of a row, the one saved later wins.

    Every answer that is replaced, and every one that comes too late, is a finding.
    """
    expected = expected_rows(folder, texts)
    known = newest_answers(read_history(folder))
    results = []
    for file in files:
        try:
            if is_saved_by_a_page(file):
                read = read_saved(file, folder, expected, imported_at)
            else:
                read = read_sheet(file, expected, saved_at(file, imported_at))
        except (InputError, StorageError) as error:
            unreadable = SheetFinding(Fault.UNREADABLE_FILE, str(error), file.name)
            results.append(FileResult(file.name, (unreadable,)))
            continue
        taken, told = _settled(read, known)
        new = sum(one.question not in known.get(one.row_key, {}) for one in taken)
        results.append(_result(file.name, read, told, len(expected.asked), new, len(taken) - new))
        if taken:
            append(folder, _events(taken, imported_at))
        for one in taken:
            known.setdefault(one.row_key, {})[one.question] = DatedAnswer(
                one.answer.code, one.at, one.seconds
            )
    return results


def _settled(read: ReadFile, known: DatedAnswers) -> tuple[list[GivenAnswer], list[SheetFinding]]:
    """The answers of a file that count now, and what is told of those that differ from others."""
    taken, told = [], []
    for one in read.answers:
        there = known.get(one.row_key, {}).get(one.question)
        if there is None:
            taken.append(one)
        elif there.code != one.answer.code:
            older = one.at < there.at
            if not older:
                taken.append(one)
            told.append(_difference(one, there, older=older))
    return taken, told


def _difference(one: GivenAnswer, there: DatedAnswer, *, older: bool) -> SheetFinding:
    mine, other = f"{quoted(one.answer.code)} of {one.at}", f"{quoted(there.code)} of {there.at}"
    detail = f"{mine} is older than {other}, which stays" if older else f"{mine} replaces {other}"
    notice = Notice.OLDER_ANSWER if older else Notice.OVERWRITTEN
    return SheetFinding(notice, detail, one.file, row_key=one.row_key, column=one.question)


def read_sheet(file: Path, expected: ExpectedRows, at: str) -> ReadFile:
    """The answers of the valid rows of a spreadsheet or a text that was saved at a time."""
    findings: list[SheetFinding] = []
    copies: dict[str, list[CheckedRow]] = defaultdict(list)
    n_rows = 0
    for table in read_tables(file, expected.texts):
        check = TableCheck(file.name, table, expected)
        for row in check.rows():
            copies[row.row_key].append(row)
        n_rows += check.n_rows
        findings += check.findings
    found: dict[str, dict[str, TypedAnswer]] = {}
    agreeing: list[list[CheckedRow]] = []
    for row_key, rows in copies.items():
        merged = _merged(rows)
        if merged is None:
            detail = f"{_places(rows)} are the same row with different answers; none was imported"
            fault, number = Fault.DUPLICATE_ROW, rows[0].number
            findings.append(SheetFinding(fault, detail, file.name, row=number, row_key=row_key))
            continue
        found[row_key] = merged
        if len(rows) > 1:
            agreeing.append(rows)
    if agreeing:
        detail = f"{counted(len(agreeing), 'row')} more than once, without contradiction: "
        detail += f"{_places(agreeing[0])}" + (", ..." if len(agreeing) > 1 else "")
        findings.append(SheetFinding(Notice.SAME_ROW_TWICE, detail, file.name))
    answers = []
    for row_key, given in found.items():
        shown = expected.rows[row_key]
        answers += [
            GivenAnswer(
                row_key, shown.context_id, question, answer, at, shown.sheet.name, file.name
            )
            for question, answer in given.items()
        ]
    ordered = sorted(findings, key=lambda finding: (finding.sheet, finding.row))
    return ReadFile(tuple(answers), tuple(ordered), n_rows, tuple(found))


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
            elif is_note(question):
                merged.setdefault(question, answer)
            elif merged.setdefault(question, answer).code != answer.code:
                return None
    if remarks:
        remark = " / ".join(remarks)
        merged[REMARK] = TypedAnswer(remark, remark)
    return merged


def _result(
    file: str,
    read: ReadFile,
    told: list[SheetFinding],
    n_questions: int,
    new: int,
    changed: int,
) -> FileResult:
    answered = Counter(one.row_key for one in read.answers if not is_note(one.question))
    n_answered = [answered[row_key] for row_key in read.row_keys]
    complete, blank = n_answered.count(n_questions), n_answered.count(0)
    return FileResult(
        file=file,
        findings=(*read.findings, *told),
        rows=read.n_rows,
        complete=complete,
        partial=len(n_answered) - complete - blank,
        blank=blank,
        new=new,
        changed=changed,
    )


def _events(taken: Iterable[GivenAnswer], imported_at: str) -> Iterator[AnswerEvent]:
    for one in taken:
        yield AnswerEvent(
            row_key=one.row_key,
            sheet=one.annotator,
            context_id=one.context_id,
            question=one.question,
            answer=one.answer.code,
            typed=one.answer.typed,
            file=one.file,
            imported_at=imported_at,
            answered_at=one.at,
            seconds=one.seconds,
        )
