"""The answers of an audit joined with its items: who said what, and what that comes to.

The answer to a question about an item is the adjudicated one; without it the one that more than
half of the item's annotators gave; without a majority it is :data:`audits.questions.OPEN`, which
counts as unsure. That decides what becomes of the row; a share counts every annotator's verdict
(:mod:`audits.reports.quality`). A repeat counts for the agreement of an annotator with themselves
only, unless the first row is empty.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from audits.answers.history import DatedAnswer, newest_answers, read_history
from audits.key import (
    SHEETS,
    AuditItem,
    AuditKey,
    Sheet,
    has_key,
    read_audit_items,
    read_key,
    read_sheet_rows,
    read_sheets,
)
from audits.questions import OPEN, Question, Verdict, is_note, questions
from schemas.errors import InputError

Given = dict[str, str]
"""Question -> code; beside them a remark and reasons (:func:`audits.questions.is_note`)."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """Both answers of one annotator to an item that came twice."""

    annotator: str
    first: Given
    second: Given


@dataclass(frozen=True, slots=True)
class Judgements:
    """All that annotators and adjudicators said in an audit, and in the rounds it goes on with."""

    key: AuditKey
    asked: tuple[Question, ...]
    items: dict[str, AuditItem]
    given: dict[str, dict[str, Given]] = field(default_factory=dict)
    """Context id -> annotator -> answers; annotators without an answer are absent."""
    adjudicated: dict[str, Given] = field(default_factory=dict)
    repeats: list[Repeat] = field(default_factory=list)
    rows: dict[str, list[Given]] = field(default_factory=dict)
    """Annotator -> the answers of every row of their sheets, empty ones too."""
    seconds: dict[str, list[float]] = field(default_factory=dict)
    """Annotator -> the times of the complete rows that a page measured."""
    dates: dict[str, str] = field(default_factory=dict)
    """Context id -> the date of its newest answer."""
    deciders: dict[str, None] = field(default_factory=dict)
    """Whose adjudications there are, in the order of their sheets."""

    @property
    def adjudicators(self) -> tuple[str, ...]:
        """Who decided on disputes, as far as it was recorded."""
        return tuple(self.deciders)

    @property
    def annotators(self) -> tuple[str, ...]:
        """The annotators of all rounds."""
        return tuple(self.rows)

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

    def row_verdicts(self, context_id: str) -> dict[str, Verdict]:
        """What each annotator who answered every question said of the row as a whole.

        An adjudicated answer stands in the place of everybody's. Where nobody answered every
        question but all are answered, the name is empty and the verdict that of all together.
        """
        intended, settled = self.items[context_id].intended, self.adjudicated.get(context_id, {})
        found: dict[str, Verdict] = {}
        for annotator, given in self.given.get(context_id, {}).items():
            answers = given | settled
            verdict = row_verdict(
                [
                    question.verdict(answers[question.code], intended)
                    if question.code in answers
                    else None
                    for question in self.asked
                ]
            )
            if verdict is not None:
                found[annotator] = verdict
        together = None if found else row_verdict(self.verdicts(context_id))
        return found if together is None else {"": together}

    def disputed(self, context_id: str) -> bool:
        """True if annotators differ in a question that nobody has adjudicated."""
        return any(self.open(context_id, question) for question in self.asked)

    def open(self, context_id: str, question: Question) -> bool:
        """True if annotators differ in a question and nobody has adjudicated it."""
        settled = self.adjudicated.get(context_id, {})
        return (
            question.code not in settled and len(set(self.codes(context_id, question).values())) > 1
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
    """Everything said in the audit of a folder and in those beside it that it goes on with."""
    key = read_key(folder)
    found = Judgements(key, questions(key.mode), read_audit_items(folder))
    for name in key.earlier:
        place = folder.parent / name
        if not has_key(place):
            raise InputError(
                f"{place}: the audit that {key.name} goes on with is missing; put a copy of it back"
            )
        _add(found, place)
    _add(found, folder)
    return found


def _add(found: Judgements, folder: Path) -> None:
    """Adds what was said in one folder about the items there are."""
    answers = newest_answers(read_history(folder))
    given: dict[str, dict[str, Given]] = defaultdict(dict)
    for sheet in sorted(read_sheets(folder), key=_order):
        if sheet.kind == "adjudication":
            for row in read_sheet_rows(folder, sheet):
                said = _decided(answers.pop(row.row_key, {}), row.context_id, found.dates)
                if said:
                    found.adjudicated.setdefault(row.context_id, {}).update(said)
                    if sheet.person:
                        found.deciders[sheet.person] = None
            continue
        rows = found.rows.setdefault(sheet.name, [])
        first: dict[str, Given] = {}
        second: dict[str, Given] = {}
        for row in read_sheet_rows(folder, sheet):
            dated = answers.pop(row.row_key, {})
            rows.append({question: answer.code for question, answer in dated.items()})
            spent = [dated[q.code].seconds for q in found.asked if q.code in dated]
            if len(spent) == len(found.asked) and None not in spent:
                found.seconds.setdefault(sheet.name, []).append(max(filter(None, spent), default=0))
            if _decided(dated, row.context_id, found.dates):
                (second if row.is_repeat else first)[row.context_id] = rows[-1]
        for context_id, said in first.items():
            given[context_id][sheet.name] = said
        pairs = [id_ for id_ in second if id_ in first]
        found.repeats.extend(Repeat(sheet.name, first[id_], second[id_]) for id_ in pairs)
        for context_id in second.keys() - first.keys():
            given[context_id][sheet.name] = second[context_id]
    if answers:
        raise InputError(
            f"{folder / SHEETS}: the sheet with the row {min(answers)}, which was answered, is "
            "missing; put a copy of it back"
        )
    for context_id, by_annotator in given.items():
        if context_id in found.items:
            found.given.setdefault(context_id, {}).update(by_annotator)


def _order(sheet: Sheet) -> tuple[str, int, str]:
    """Adjudications in the order they were made, so that a later one prevails."""
    number = sheet.letter.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return sheet.kind, int(number or 0), sheet.letter


def _decided(row: dict[str, DatedAnswer], context_id: str, dates: dict[str, str]) -> Given:
    """The answers of a row without remark and reasons; their newest date goes to ``dates``."""
    said = {question: answer for question, answer in row.items() if not is_note(question)}
    if said:
        newest = max(answer.at for answer in said.values())
        dates[context_id] = max(newest, dates.get(context_id, ""))
    return {question: answer.code for question, answer in said.items()}
