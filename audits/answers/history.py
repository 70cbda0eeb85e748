"""The answers of an audit: one numbered file per import, none ever edited.

The newest answer to a question of a row counts, by the date of the file that it stood in; an empty
cell is no answer and takes nothing back.
A file that is missing or cannot be read is an error, never an absent answer: rows that it says are
bad would come back.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from sys import intern
from typing import NamedTuple

from audits.key import read_audit_table
from schemas.errors import InputError, StorageError
from schemas.files import explained
from schemas.records import NonEmpty, Record
from schemas.tables import write_table

FOLDER = "answers"
_PART = re.compile(r"(\d{4,})\.parquet")

Answers = dict[str, dict[str, str]]
"""Row key -> question -> code of the answer; of a remark, its text."""


class DatedAnswer(NamedTuple):
    """An answer with the time at which it was given, as far as that is known."""

    code: str
    at: str
    seconds: float | None = None


DatedAnswers = dict[str, dict[str, DatedAnswer]]
"""Row key -> question -> answer."""


class AnswerEvent(Record):
    """One answer, as it was read and as it was typed."""

    row_key: NonEmpty
    sheet: NonEmpty
    context_id: NonEmpty
    question: NonEmpty
    answer: NonEmpty
    typed: str
    file: str
    imported_at: NonEmpty
    """UTC, ISO 8601."""
    answered_at: str | None = None
    """When its file was last saved, UTC; None in what version 0.1 imported."""
    seconds: float | None = None
    """How long the row was before its reader, where a page measured it."""

    @property
    def dated(self) -> DatedAnswer:
        """The answer with the best date that is known of it."""
        # A handful of questions, codes and dates, over and over: one string each.
        return DatedAnswer(
            intern(self.answer), intern(self.answered_at or self.imported_at), self.seconds
        )


def read_history(folder: Path) -> Iterator[AnswerEvent]:
    """Every answer ever imported, the oldest first."""
    for path in answer_files(folder):
        yield from read_audit_table(path, AnswerEvent)


def newest_answers(events: Iterable[AnswerEvent]) -> DatedAnswers:
    """The newest answer to every question of every row; of equal dates, the one imported last."""
    answers: DatedAnswers = defaultdict(dict)
    for event in events:
        row, question, dated = answers[event.row_key], intern(event.question), event.dated
        if question not in row or row[question].at <= dated.at:
            row[question] = dated
    return dict(answers)


def latest_answers(events: Iterable[AnswerEvent]) -> Answers:
    """The same without the dates."""
    return {
        row_key: {question: answer.code for question, answer in row.items()}
        for row_key, row in newest_answers(events).items()
    }


def append(folder: Path, events: Iterable[AnswerEvent]) -> Path:
    """Writes the answers of one import as the next file."""
    lock = folder / FOLDER / "import.lock"
    with explained(lock):
        lock.parent.mkdir(parents=True, exist_ok=True)
        try:
            lock.touch(exist_ok=False)
        except FileExistsError:
            raise StorageError(
                f"{lock}: another import is writing; if none is, delete this file"
            ) from None
        try:  # counted behind the lock: no two imports may take the same number
            path = lock.with_name(f"{len(answer_files(folder)) + 1:04d}.parquet")
            write_table(path, AnswerEvent, events)
        finally:
            lock.unlink()
    return path


def answer_files(folder: Path) -> list[Path]:
    """The files of the imports, 0001.parquet first; InputError where one is missing."""
    answers = folder / FOLDER
    if not os.path.lexists(answers):
        return []
    with explained(answers):
        numbers = sorted(int(m[1]) for p in answers.iterdir() if (m := _PART.fullmatch(p.name)))
    for number, found in enumerate(numbers, start=1):
        if number != found:
            raise InputError(
                f"{answers / f'{number:04d}.parquet'}: this import is missing; put a copy back, or "
                "import its sheets into a new audit"
            )
    return [answers / f"{number:04d}.parquet" for number in numbers]
