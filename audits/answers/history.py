"""The answers of an audit: one numbered file per import, none ever edited.

The newest answer to a question of a row counts; an empty cell is no answer and takes nothing back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from sys import intern

from schemas.errors import StorageError
from schemas.files import explained
from schemas.records import NonEmpty, Record
from schemas.tables import read_table, write_table

FOLDER = "answers"

Answers = dict[str, dict[str, str]]
"""Row key -> question -> code of the answer; of a remark, its text."""


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


def read_history(folder: Path) -> Iterator[AnswerEvent]:
    """Every answer ever imported, the oldest first."""
    for path in _parts(folder):
        yield from read_table(path, AnswerEvent)


def latest_answers(events: Iterable[AnswerEvent]) -> Answers:
    """The newest answer to every question of every row."""
    answers: Answers = defaultdict(dict)
    for event in events:
        # A handful of questions and codes, over and over: one string each.
        answers[event.row_key][intern(event.question)] = intern(event.answer)
    return dict(answers)


def append(folder: Path, events: Iterable[AnswerEvent]) -> Path:
    """Writes the answers of one import as the next file."""
    parts = _parts(folder)
    number = int(parts[-1].stem) + 1 if parts else 1
    path = folder / FOLDER / f"{number:04d}.parquet"
    with explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        claim = path.with_suffix(".lock")
        try:
            claim.touch(exist_ok=False)
        except FileExistsError:
            raise StorageError(
                f"{claim}: another import is writing; if none is, delete this file"
            ) from None
        try:
            write_table(path, AnswerEvent, events)
        finally:
            claim.unlink()
    return path


def _parts(folder: Path) -> list[Path]:
    return sorted((folder / FOLDER).glob("[0-9]*.parquet"))
