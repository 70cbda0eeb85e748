"""Checks one table of a file that came back, row by row, against what was shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from audits.answers.expected import ExpectedRows, ShownRow
from audits.answers.files import FoundTable
from audits.answers.findings import Fault, Notice, SheetFinding
from audits.answers.given import TypedAnswer
from audits.key import Sheet
from audits.questions import REMARK, Question
from audits.sheets.rowkey import parse_row_key
from audits.text import canonical

_QUOTED = 40
"""The characters of a text that a finding shows: enough to find it, and a line holds it."""


class CheckedRow(NamedTuple):
    """A row whose key and protected cells are right."""

    place: str
    """Where it stands in the file."""
    number: int
    row_key: str
    answers: dict[str, TypedAnswer]
    """By question."""


class TableCheck:
    """Reads the rows of one table; ``findings`` fills as the rows are read."""

    def __init__(self, file: str, table: FoundTable, expected: ExpectedRows) -> None:
        self.findings: list[SheetFinding] = []
        self.n_rows = 0
        """Rows with anything in them."""
        self._file = file
        self._table = table
        self._expected = expected
        self._fold = expected.texts.fold
        self._columns = expected.texts.columns
        self._asked = [(question, question.header(expected.texts)) for question in expected.asked]
        self._places = self._find_columns()
        self._incomplete: set[str] = set()

    def rows(self) -> Iterator[CheckedRow]:
        """The valid rows; what is wrong with others goes to the findings."""
        key_header = self._fold(self._columns.key)
        if key_header not in self._places:
            return
        for number, cells in self._table.rows:
            texts = {name: cells[at] for name, at in self._places.items() if at < len(cells)}
            texts = {name: text for name, text in texts.items() if canonical(text)}
            row_key = canonical(texts.get(key_header, ""))
            if not texts or self._fold(row_key) == key_header:  # empty, or the header once more
                continue
            self.n_rows += 1
            if parse_row_key(row_key) is None and not self._belongs_to_the_audit(texts):
                beside = quoted(max(texts.values(), key=len))
                self._add(Notice.OTHER_ROW, f"no row of the audit, beside {beside}", number)
                continue
            shown = self._expected.rows.get(row_key)
            if shown is None:
                fault, detail = self._expected.unknown_key(row_key)
                beside = quoted(max(texts.values(), key=len))
                self._add(fault, f"{detail}, beside {beside}", number, row_key, self._columns.key)
            elif self._has_columns(shown.sheet) and self._is_as_shown(number, shown, texts):
                answers = self._answers(number, shown, texts)
                if not self._is_misplaced(number, shown, texts, cells, answers):
                    sheet = f"sheet {self._table.sheet}, " if self._table.sheet else ""
                    yield CheckedRow(f"{sheet}row {number}", number, row_key, answers)

    def _belongs_to_the_audit(self, texts: dict[str, str]) -> bool:
        """Whether a row without a key has a sentence of the audit or an answer."""
        for text in texts.values():
            if canonical(text) in self._expected.sentences:
                return True
        return any(
            self._read(question, texts.get(self._fold(header), ""), 0, plain=True)
            for question, header in self._asked
        )

    def _read(
        self, question: Question, typed: str, n_choices: int, *, plain: bool = False
    ) -> str | None:
        plain = plain or self._expected.key.format_version == 1
        return question.read(typed, n_choices, self._expected.texts, plain=plain)

    def _is_misplaced(
        self,
        number: int,
        shown: ShownRow,
        texts: dict[str, str],
        cells: list[str],
        answers: dict[str, TypedAnswer],
    ) -> bool:
        """Whether an answer of the row stands elsewhere than in its question's column.

        Where every question has an answer of its own, what else is in the row is no answer that
        slid away; a remark may then be any text.
        """
        beside = [
            (f"column {place + 1}", cell)
            for place, cell in enumerate(cells)
            if canonical(cell) and not self._fold("".join(self._table.header[place : place + 1]))
        ]
        if all(question.code in answers for question, _ in self._asked):
            found: list[tuple[str, str]] = []
        else:
            found = [(at, cell) for at, cell in beside if self._is_an_answer(cell, shown)]
            remark = texts.get(self._fold(self._columns.remark), "")
            if remark and self._is_an_answer(remark, shown):
                found.append((self._columns.remark, remark))
            if any(self._fold(header) not in self._places for _, header in self._asked):
                found += [
                    (header, cell)
                    for header, cell in zip(self._table.header, cells, strict=False)
                    if self._fold(header) not in self._expected.headers
                    and self._fold(header)
                    and self._is_an_answer(cell, shown)
                ]
        for question, header in self._asked:
            typed = texts.get(self._fold(header), "")
            if question.code not in answers and self._is_of_another(question, typed, shown):
                found.append((header, typed))
        for column, typed in found:
            detail = f"{quoted(typed)} is an answer to another question; none of the row was taken"
            self._add(Fault.MISPLACED_ANSWER, detail, number, shown.row_key, column)
        told = {at for at, _ in found}
        for at, cell in beside:
            if at not in told:
                detail = f"{quoted(cell)} stands beside the columns of the sheet"
                self._add(Notice.OTHER_CELL, detail, number, shown.row_key, at)
        return bool(found)

    def _is_an_answer(self, typed: str, shown: ShownRow) -> bool:
        return any(
            self._read(question, typed, shown.n_choices, plain=True) for question, _ in self._asked
        )

    def _is_of_another(self, question: Question, typed: str, shown: ShownRow) -> bool:
        own = self._read(question, typed, shown.n_choices, plain=True)
        return bool(typed) and own is None and self._is_an_answer(typed, shown)

    def _find_columns(self) -> dict[str, int]:
        """The places of the audit's columns by folded header; those there twice are left out."""
        places: dict[str, int] = {}
        doubles: set[str] = set()
        for place, header in enumerate(self._table.header):
            name = self._fold(header)
            if name in places:
                doubles.add(name)
                self._add(Fault.DOUBLE_COLUMN, "is there twice; keep one of them", column=header)
            elif name in self._expected.headers:
                places[name] = place
            elif name:
                self._add(Notice.OTHER_COLUMN, "is no column of the audit", column=header)
        for _, header in self._asked:
            if self._fold(header) not in places:
                self._add(Notice.NO_ANSWER_COLUMN, "is not there: no answers", column=header)
        return {name: place for name, place in places.items() if name not in doubles}

    def _has_columns(self, sheet: Sheet) -> bool:
        missing = [column for column in sheet.columns if self._fold(column) not in self._places]
        if missing and sheet.name not in self._incomplete:
            self._incomplete.add(sheet.name)
            why = f"is not there, so no row of {sheet.name} can be checked; none was imported"
            for column in missing:
                self._add(Fault.MISSING_COLUMN, why, column=column)
        return not missing

    def _is_as_shown(self, number: int, shown: ShownRow, texts: dict[str, str]) -> bool:
        same = True
        for column, cell in zip(shown.sheet.columns, shown.cells, strict=True):
            was, found = canonical(cell), canonical(texts.get(self._fold(column), ""))
            if was != found:
                same = False
                detail = difference(was, found)
                self._add(Fault.CHANGED_CELL, detail, number, shown.row_key, column)
        return same

    def _answers(
        self, number: int, shown: ShownRow, texts: dict[str, str]
    ) -> dict[str, TypedAnswer]:
        answers = {}
        whole = all(texts.get(self._fold(header)) for _, header in self._asked)
        for question, header in self._asked:
            typed = texts.get(self._fold(header), "")
            if not typed:
                continue
            code = self._read(question, typed, shown.n_choices, plain=whole)
            if code is None and self._is_of_another(question, typed, shown):
                continue  # the whole row is looked at
            if code is None:
                detail = f"{quoted(typed)} is none of the options"
                if self._read(question, typed, 0, plain=True):
                    detail += " that are this question's alone; choose from the list"
                self._add(Fault.UNKNOWN_ANSWER, detail, number, shown.row_key, header)
            else:
                answers[question.code] = TypedAnswer(code, typed)
        remark = canonical(texts.get(self._fold(self._columns.remark), ""))
        if remark:
            answers[REMARK] = TypedAnswer(remark, remark)
            for question, _ in self._asked:
                given = answers.get(question.code)
                reason = given and question.reason_in(remark, given.code, self._expected.texts)
                if reason:
                    answers[question.why] = TypedAnswer(reason, remark)
        return answers

    def _add(
        self,
        fault: Fault | Notice,
        detail: str,
        row: int = 0,
        row_key: str = "",
        column: str = "",
    ) -> None:
        self.findings.append(
            SheetFinding(fault, detail, self._file, self._table.sheet, row, row_key, column)
        )


def quoted(text: str) -> str:
    """The beginning of a text in quotes."""
    text = text if len(text) <= _QUOTED else text[: _QUOTED - 1] + "…"
    return f"“{text}”"


def difference(shown: str, found: str) -> str:
    """Where two texts part, with some of either around the place."""
    place = next(
        (at for at, (a, b) in enumerate(zip(shown, found, strict=False)) if a != b),
        min(len(shown), len(found)),
    )
    start = max(0, place - 10)
    was, now = shown[start : place + 20], found[start : place + 20]
    hint = ""
    if found.count("?") > shown.count("?") and len(found) == len(shown):
        hint = "; letters became “?”: save the file as .xlsx or as “CSV UTF-8”"
    return f"shown as {quoted(was)}, came back as {quoted(now)} (character {place + 1}){hint}"
