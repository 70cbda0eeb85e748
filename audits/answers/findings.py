"""What an import found wrong, row by row; the rest of a file is imported all the same."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from audits.text import one_line
from schemas.shown import shortened


class Fault(StrEnum):
    """Why a row or an answer was not imported."""

    CHANGED_CELL = "changed_cell"
    """A protected cell is not as it was shown: the answers may be about another text."""
    CHANGED_KEY = "changed_key"
    """The row key is damaged."""
    MISSING_KEY = "missing_key"
    """A row with a sentence of the audit or with answers, but without a key."""
    FOREIGN_ROW = "foreign_row"
    """The key has the form of a key, and this audit has no such row."""
    FOREIGN_AUDIT = "foreign_audit"
    """The key is of another audit."""
    DUPLICATE_ROW = "duplicate_row"
    """The row is there more than once, with different answers."""
    UNKNOWN_ANSWER = "unknown_answer"
    """The answer is none of the options; the row's other answers are imported."""
    MISPLACED_ANSWER = "misplaced_answer"
    """An answer of another question, or beside the answers: none of the row's is imported."""
    UNREADABLE_FILE = "unreadable_file"
    """The file is no sheet of an audit, or cannot be read; other files are imported."""
    MISSING_COLUMN = "missing_column"
    """A protected column is not there, so that the rows cannot be checked."""
    CHANGED_ROW = "changed_row"
    """A row of a page's file is not as the page saved it."""
    MISSING_ROW = "missing_row"
    """A row that the page saved is not in its file; nothing is known of its answers."""
    CHANGED_FILE = "changed_file"
    """Every row of a page's file is sound, and they are not those that it was saved with."""
    DOUBLE_COLUMN = "double_column"
    """A header is there twice, so that it is open which column counts."""


class Notice(StrEnum):
    """What is worth knowing and did no harm."""

    SAME_ROW_TWICE = "same_row_twice"
    """Rows are there more than once; their answers agree and count once."""
    NO_ANSWER_COLUMN = "no_answer_column"
    """A question's column is not there; its answers are taken as not given."""
    OTHER_COLUMN = "other_column"
    """A column that the audit does not have; it is passed over."""
    OTHER_CELL = "other_cell"
    """A text in a column without a header, beside a row of the audit; it is passed over."""
    OVERWRITTEN = "overwritten"
    """An answer that replaces an older one."""
    OLDER_ANSWER = "older_answer"
    """An answer of an older file than the one that is there, and stays."""
    OTHER_ROW = "other_row"
    """A row without a key, a sentence of the audit or an answer, such as totals; passed over."""


@dataclass(frozen=True, slots=True)
class SheetFinding:
    """One thing found; ``row`` is the row's number in the file, 0 for the file as a whole."""

    fault: Fault | Notice
    detail: str
    file: str
    sheet: str = ""
    row: int = 0
    row_key: str = ""
    column: str = ""

    @property
    def harmful(self) -> bool:
        """True if something was not imported because of it."""
        return isinstance(self.fault, Fault)

    def __str__(self) -> str:
        place = f"{self.file}, " + (f"sheet {self.sheet}, " if self.sheet else "")
        where = f"row {self.row}" if self.row else "file"
        key = f" ({self.row_key})" if self.row_key else ""
        column = f" {self.column!r}:" if self.column else ""
        told = f"{place}{where}{key}: {self.fault.value}:{column} {self.detail}"
        return shortened(one_line(told))
