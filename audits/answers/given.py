"""The border of the import: whatever a file is, what it brings is answers of one form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from audits.answers.findings import SheetFinding


class TypedAnswer(NamedTuple):
    """An answer by its code, and as it was typed; of a remark both are its text."""

    code: str
    typed: str


class GivenAnswer(NamedTuple):
    """One answer: to which row of which sheet, what, when, by whom, from which file.

    ``annotator`` is the name of the sheet, an adjudication's too; ``at`` is UTC, ISO 8601.
    """

    row_key: str
    context_id: str
    question: str
    answer: TypedAnswer
    at: str
    annotator: str
    file: str
    seconds: float | None = None
    """How long the row was before its reader, where a page measured it."""


@dataclass(frozen=True, slots=True)
class ReadFile:
    """What was read from a file: the answers of its valid rows, and what is wrong with others."""

    answers: tuple[GivenAnswer, ...]
    findings: tuple[SheetFinding, ...]
    n_rows: int = 0
    """Rows with anything in them."""
    row_keys: tuple[str, ...] = ()
    """Of the valid rows, empty ones too."""
