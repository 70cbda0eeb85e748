"""The answers of an audit joined with its items: who said what, and what that comes to.

The answer to a question about an item is the adjudicated one; without it the one that more than
half of the item's annotators gave; without a majority it is :data:`audits.questions.OPEN`, which
counts as unsure. A repeat counts for the agreement of an annotator with themselves only, unless
the first row is empty.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from audits.answers.history import latest_answers, read_history
from audits.key import (
    SHEETS,
    AuditItem,
    AuditKey,
    Sheet,
    read_audit_items,
    read_key,
    read_sheet_rows,
    read_sheets,
)
from audits.questions import OPEN, REMARK, Question, Verdict, questions
from schemas.errors import InputError

Given = dict[str, str]
"""Question -> code; of :data:`audits.questions.REMARK`, its text."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """Both answers of one annotator to an item that came twice."""

    annotator: str
    first: Given
    second: Given


@dataclass(frozen=True, slots=True)
class Judgements:
    """All that annotators and adjudicators said in an audit."""

    key: AuditKey
    asked: tuple[Question, ...]
    items: dict[str, AuditItem]
    given: dict[str, dict[str, Given]]
    """Context id -> annotator -> answers; annotators without an answer are absent."""
    adjudicated: dict[str, Given]
    repeats: list[Repeat]
    rows: dict[str, list[Given]] = field(default_factory=dict)
    """Annotator -> the answers of every row of the sheet, empty ones too."""

    def answer(self, context_id: str, question: Question) -> str | None:
        """The answer to a question about an item; None if nobody gave one."""
        adjudicated = self.adjudicated.get(context_id, {}).get(question.code)
        if adjudicated is not None:
            return adjudicated
        return majority(self.codes(context_id, question).values())

    def codes(self, context_id: str, question: Question) -> dict[str, str]:
        """The answers of the annotators to a question about an item."""
        return {
            annotator: given[question.code]
            for annotator, given in self.given.get(context_id, {}).items()
            if question.code in given
        }

    def verdict(self, context_id: str, question: Question) -> Verdict | None:
        """What the answer to a question means for the item."""
        code = self.answer(context_id, question)
        if code is None:
            return None
        return question.verdict(code, self.items[context_id].intended)

    def verdicts(self, context_id: str) -> list[Verdict | None]:
        """What the answers to all questions mean for the item."""
        return [self.verdict(context_id, question) for question in self.asked]

    def disputed(self, context_id: str) -> bool:
        """True if annotators differ in a question that nobody has adjudicated."""
        settled = self.adjudicated.get(context_id, {})
        return any(
            question.code not in settled and len(set(self.codes(context_id, question).values())) > 1
            for question in self.asked
        )


def majority(codes: Iterable[str]) -> str | None:
    """The code that more than half gave, OPEN if there is none, None for no codes."""
    counts = Counter(codes)
    if not counts:
        return None
    code, count = counts.most_common(1)[0]
    return code if 2 * count > counts.total() else OPEN


def row_verdict(verdicts: Sequence[Verdict | None]) -> Verdict | None:
    """What the answers come to for the row as a whole; None while one is missing.

    Bad if one is bad, else unsure if one is unsure, else partly if one is partly, else good. A
    row with a missing answer is left out even if another answer is bad: unfinished rows would
    otherwise count only when they are bad.
    """
    if None in verdicts:
        return None
    for worst in ("bad", "unsure", "partly"):
        if worst in verdicts:
            return worst
    return "good"


def read_judgements(folder: Path) -> Judgements:
    """Everything said in the audit of a folder."""
    key = read_key(folder)
    answers = latest_answers(read_history(folder))
    given: dict[str, dict[str, Given]] = defaultdict(dict)
    adjudicated: dict[str, Given] = defaultdict(dict)
    repeats: list[Repeat] = []
    rows: dict[str, list[Given]] = {}
    for sheet in sorted(read_sheets(folder), key=_order):
        if sheet.kind == "adjudication":
            for row in read_sheet_rows(folder, sheet):
                adjudicated[row.context_id] |= _decided(answers.pop(row.row_key, {}))
            continue
        rows[sheet.name] = []
        first: dict[str, Given] = {}
        second: dict[str, Given] = {}
        for row in read_sheet_rows(folder, sheet):
            said = answers.pop(row.row_key, {})
            rows[sheet.name].append(said)
            if _decided(said):
                (second if row.is_repeat else first)[row.context_id] = said
        for context_id, said in first.items():
            given[context_id][sheet.name] = said
        repeats += [Repeat(sheet.name, first[id_], second[id_]) for id_ in second if id_ in first]
        for context_id in second.keys() - first.keys():
            given[context_id][sheet.name] = second[context_id]
    if answers:
        raise InputError(
            f"{folder / SHEETS}: the sheet with the row {min(answers)}, which was answered, is "
            "missing; put a copy of it back"
        )
    return Judgements(
        key,
        questions(key.mode),
        read_audit_items(folder),
        dict(given),
        dict(adjudicated),
        repeats,
        rows,
    )


def _order(sheet: Sheet) -> tuple[str, int, str]:
    """Adjudications in the order they were made, so that a later one prevails."""
    number = sheet.letter.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return sheet.kind, int(number or 0), sheet.letter


def _decided(given: Given) -> Given:
    return {question: code for question, code in given.items() if question != REMARK}
