"""Imports a sheet that came back: checks every row, takes every valid answer, names the rest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from audits.columns import KEY_HEADER
from audits.findings import Fault, Finding, Notice
from audits.history import AnswerEvent, Answers, append, latest_answers, read_history
from audits.key import AuditKey, Sheet, read_key, read_rows, read_sheets
from audits.questions import REMARK, REMARK_HEADER, Question, questions
from audits.rowkey import parse_row_key
from audits.sheetfile import FoundTable, read_tables
from audits.text import canonical, fold
from schemas.errors import InputError, RunError, StorageError

_QUOTED = 40  # characters of a text that a finding shows


@dataclass(frozen=True, slots=True)
class FileResult:
    """What one file brought."""

    file: str
    rows: int
    """Rows with anything in them."""
    complete: int
    """Valid rows of this file with an answer to every question."""
    partial: int
    blank: int
    new: int
    """Answers that were not there before."""
    changed: int
    """Answers that replace an older one."""
    findings: tuple[Finding, ...]

    @property
    def faults(self) -> tuple[Finding, ...]:
        """The findings because of which something was not imported."""
        return tuple(finding for finding in self.findings if finding.harmful)


@dataclass(frozen=True, slots=True)
class _Shown:
    """A row as it was shown."""

    sheet: Sheet
    row_key: str
    context_id: str
    n_choices: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Given:
    """An answer that is new, or another than before."""

    row: _Shown
    question: str
    code: str
    typed: str


@dataclass(frozen=True, slots=True)
class _Expected:
    """What the audit knows of its rows."""

    key: AuditKey
    sheets: dict[str, Sheet]
    rows: dict[str, _Shown]
    asked: tuple[Question, ...]
    places: frozenset[str]
    """The keys without their digests."""
    digests: frozenset[str]


@dataclass(slots=True)
class _Read:
    """A row as the file has it, after its checks."""

    number: int
    answers: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Question -> (code, text as typed)."""


def import_files(folder: Path, files: Sequence[Path], imported_at: str) -> list[FileResult]:
    """Imports files in order; where two answer the same question of a row, the later one wins."""
    expected = _expected(folder)
    answers = latest_answers(read_history(folder))
    results = []
    for file in files:
        try:
            result, given = _import(file, expected, answers)
        except (InputError, StorageError) as error:
            results.append(_unreadable(file, error))
            continue
        if given:
            append(folder, (_event(answer, file, imported_at) for answer in given))
        for answer in given:
            answers.setdefault(answer.row.row_key, {})[answer.question] = answer.code
        results.append(result)
    return results


def _unreadable(file: Path, error: RunError) -> FileResult:
    finding = Finding(
        fault=Fault.UNREADABLE_FILE,
        file=file.name,
        sheet="",
        row=0,
        row_key="",
        column="",
        detail=str(error),
    )
    return FileResult(file.name, 0, 0, 0, 0, 0, 0, (finding,))


def _event(answer: _Given, file: Path, imported_at: str) -> AnswerEvent:
    return AnswerEvent(
        row_key=answer.row.row_key,
        sheet=answer.row.sheet.name,
        context_id=answer.row.context_id,
        question=answer.question,
        answer=answer.code,
        typed=answer.typed,
        file=file.name,
        imported_at=imported_at,
    )


def _expected(folder: Path) -> _Expected:
    key = read_key(folder)
    sheets = {sheet.letter: sheet for sheet in read_sheets(folder)}
    rows = {
        row.row_key: _Shown(sheet, row.row_key, row.context_id, row.n_choices, row.cells)
        for sheet in sheets.values()
        for row in read_rows(folder, sheet)
    }
    parted = [row_key.rpartition("-") for row_key in rows]
    return _Expected(
        key,
        sheets,
        rows,
        questions(key.mode),
        places=frozenset(place for place, _, _ in parted),
        digests=frozenset(digest for _, _, digest in parted),
    )


def _import(file: Path, expected: _Expected, answers: Answers) -> tuple[FileResult, list[_Given]]:
    findings: list[Finding] = []
    read: dict[str, list[_Read]] = defaultdict(list)
    n_rows = 0
    for table in read_tables(file):
        reader = _TableReader(file.name, table, expected, findings)
        for row_key, found in reader.rows():
            read[row_key].append(found)
        n_rows += reader.n_rows
    given: list[_Given] = []
    complete = blank = 0
    for row_key, copies in read.items():
        merged = _merged(row_key, copies, file.name, findings)
        if merged is None:
            continue
        n_answered = sum(question.code in merged for question in expected.asked)
        complete += n_answered == len(expected.asked)
        blank += n_answered == 0
        row = expected.rows[row_key]
        given += [
            _Given(row, question, code, typed)
            for question, (code, typed) in merged.items()
            if answers.get(row_key, {}).get(question) != code
        ]
    n_valid = sum(len(copies) > 0 for copies in read.values())
    changed = sum(one.question in answers.get(one.row.row_key, {}) for one in given)
    n_conflicts = len({f.row_key for f in findings if f.fault is Fault.DUPLICATE_ROW})
    result = FileResult(
        file=file.name,
        rows=n_rows,
        complete=complete,
        partial=n_valid - n_conflicts - complete - blank,
        blank=blank,
        new=len(given) - changed,
        changed=changed,
        findings=tuple(sorted(findings, key=lambda finding: (finding.sheet, finding.row))),
    )
    return result, given


def _merged(
    row_key: str, copies: list[_Read], file: str, findings: list[Finding]
) -> dict[str, tuple[str, str]] | None:
    """The answers of all copies of a row together; None where two copies contradict."""
    if len(copies) == 1:
        return copies[0].answers
    merged: dict[str, tuple[str, str]] = {}
    contradiction = False
    for copy in copies:
        for question, (code, typed) in copy.answers.items():
            contradiction |= merged.setdefault(question, (code, typed))[0] != code
    numbers = ", ".join(str(copy.number) for copy in copies)
    findings.append(
        Finding(
            fault=Fault.DUPLICATE_ROW if contradiction else Notice.SAME_ROW_TWICE,
            file=file,
            sheet="",
            row=copies[0].number,
            row_key=row_key,
            column="",
            detail=f"rows {numbers} are the same row"
            + (" with different answers; none was imported" if contradiction else ""),
        )
    )
    return None if contradiction else merged


class _TableReader:
    """Reads the rows of one table of a file."""

    def __init__(
        self, file: str, table: FoundTable, expected: _Expected, findings: list[Finding]
    ) -> None:
        self._file = file
        self._table = table
        self._expected = expected
        self._findings = findings
        self._places = self._find_columns()
        self._unreadable: set[str] = set()
        self.n_rows = 0

    def rows(self) -> Iterator[tuple[str, _Read]]:
        """The valid rows with their keys; what is wrong with others goes to the findings."""
        key_header = fold(KEY_HEADER)
        if key_header not in self._places:
            return
        for number, cells in self._table.rows:
            texts = {name: cells[at] for name, at in self._places.items() if at < len(cells)}
            texts = {name: text for name, text in texts.items() if canonical(text)}
            if not texts:
                continue
            self.n_rows += 1
            row_key = canonical(texts.get(key_header, ""))
            if row_key not in self._expected.rows:
                self._report_key(number, row_key, texts)
                continue
            row = self._expected.rows[row_key]
            if not self._columns_are_there(row.sheet):
                continue
            if self._is_as_shown(number, row, texts):
                yield row_key, self._answers(number, row, texts)

    def _find_columns(self) -> dict[str, int]:
        known = {fold(KEY_HEADER), fold(REMARK_HEADER)}
        known |= {fold(question.header) for question in self._expected.asked}
        known |= {fold(c) for sheet in self._expected.sheets.values() for c in sheet.columns}
        places: dict[str, int] = {}
        doubles: set[str] = set()
        for place, header in enumerate(self._table.header):
            name = fold(header)
            if name in places:
                doubles.add(name)
                self._add(Fault.DOUBLE_COLUMN, 0, "", header, "is there twice; keep one of them")
            elif name in known:
                places[name] = place
            elif name:
                self._add(Notice.OTHER_COLUMN, 0, "", header, "is no column of the audit")
        for question in self._expected.asked:
            if fold(question.header) not in places:
                self._add(
                    Notice.NO_ANSWER_COLUMN, 0, "", question.header, "is not there: no answers"
                )
        return {name: place for name, place in places.items() if name not in doubles}

    def _columns_are_there(self, sheet: Sheet) -> bool:
        missing = [column for column in sheet.columns if fold(column) not in self._places]
        if missing and sheet.name not in self._unreadable:
            self._unreadable.add(sheet.name)
            for column in missing:
                self._add(
                    Fault.MISSING_COLUMN,
                    0,
                    "",
                    column,
                    f"is not there, so no row of {sheet.name} can be checked; none was imported",
                )
        return not missing

    def _report_key(self, number: int, row_key: str, texts: dict[str, str]) -> None:
        about = _quoted(max(texts.values(), key=len))
        if not row_key:
            self._add(Fault.MISSING_KEY, number, "", KEY_HEADER, f"empty beside {about}")
            return
        parts = parse_row_key(row_key)
        if parts is None:
            self._add(
                Fault.CHANGED_KEY, number, row_key, KEY_HEADER, f"not a row key, beside {about}"
            )
        elif parts.tag != self._expected.key.tag:
            self._add(
                Fault.FOREIGN_AUDIT,
                number,
                row_key,
                KEY_HEADER,
                f"of audit {parts.tag}; this one is {self._expected.key.tag} "
                f"({self._expected.key.audit_id})",
            )
        else:
            place = row_key.rpartition("-")[0]
            near = place in self._expected.places or parts.digest in self._expected.digests
            fault = Fault.CHANGED_KEY if near else Fault.FOREIGN_ROW
            self._add(
                fault, number, row_key, KEY_HEADER, f"this audit has no such row; beside {about}"
            )

    def _is_as_shown(self, number: int, row: _Shown, texts: dict[str, str]) -> bool:
        same = True
        for column, cell in zip(row.sheet.columns, row.cells, strict=True):
            found = canonical(texts.get(fold(column), ""))
            if found != canonical(cell):
                same = False
                self._add(
                    Fault.CHANGED_CELL,
                    number,
                    row.row_key,
                    column,
                    _difference(canonical(cell), found),
                )
        return same

    def _answers(self, number: int, row: _Shown, texts: dict[str, str]) -> _Read:
        read = _Read(number)
        for question in self._expected.asked:
            typed = texts.get(fold(question.header), "")
            if not typed:
                continue
            code = question.read(typed, row.n_choices)
            if code is None:
                self._add(
                    Fault.UNKNOWN_ANSWER,
                    number,
                    row.row_key,
                    question.header,
                    f"{_quoted(typed)} is none of the options",
                )
            else:
                read.answers[question.code] = (code, typed)
        remark = canonical(texts.get(fold(REMARK_HEADER), ""))
        if remark:
            read.answers[REMARK] = (remark, remark)
        return read

    def _add(self, fault: Fault | Notice, row: int, row_key: str, column: str, detail: str) -> None:
        self._findings.append(
            Finding(
                fault=fault,
                file=self._file,
                sheet=self._table.sheet,
                row=row,
                row_key=row_key,
                column=column,
                detail=detail,
            )
        )


def _quoted(text: str) -> str:
    text = text if len(text) <= _QUOTED else text[: _QUOTED - 1] + "…"
    return f"“{text}”"


def _difference(shown: str, found: str) -> str:
    """Where two texts part, with some of either around the place."""
    place = next(
        (at for at, (a, b) in enumerate(zip(shown, found, strict=False)) if a != b),
        min(len(shown), len(found)),
    )
    start = max(0, place - 10)
    was, now = shown[start : place + 20], found[start : place + 20]
    hint = ""
    if "?" in found and found.count("?") > shown.count("?") and len(found) == len(shown):
        hint = "; letters became “?”: save the file as .xlsx or as “CSV UTF-8”"
    return f"shown as {_quoted(was)}, came back as {_quoted(now)} (character {place + 1}){hint}"
