"""What an audit knows of its sheets: every row as it was shown."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from audits.answers.findings import Fault
from audits.key import AuditKey, Sheet, read_key, read_sheet_rows, read_sheets
from audits.questions import Question, questions
from audits.sheets.rowkey import parse_row_key
from audits.text import canonical
from languages.audit import AuditTexts


class ShownRow(NamedTuple):
    """What an import needs of a row; there may be many."""

    sheet: Sheet
    row_key: str
    context_id: str
    n_choices: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExpectedRows:
    """All rows of all sheets by row key."""

    key: AuditKey
    texts: AuditTexts
    asked: tuple[Question, ...]
    rows: dict[str, ShownRow]
    headers: frozenset[str]
    """Every header of every sheet, folded."""
    sentences: frozenset[str]
    """The first protected cell of every row."""
    places: frozenset[str]
    """The row keys without their digests."""
    digests: frozenset[str]

    def unknown_key(self, row_key: str) -> tuple[Fault, str]:
        """What is wrong with a row key that no row has."""
        if not row_key:
            return Fault.MISSING_KEY, "empty"
        parts = parse_row_key(row_key)
        if parts is None:
            return Fault.CHANGED_KEY, "not a row key"
        if parts.tag != self.key.tag:
            mine = f"this one is {self.key.tag} ({self.key.audit_id})"
            return Fault.FOREIGN_AUDIT, f"of audit {parts.tag}; {mine}"
        near = row_key.rpartition("-")[0] in self.places or parts.digest in self.digests
        return Fault.CHANGED_KEY if near else Fault.FOREIGN_ROW, "this audit has no such row"


def expected_rows(folder: Path, texts: AuditTexts) -> ExpectedRows:
    """The rows of the audit in a folder; ``texts`` are those of its language."""
    key, sheets = read_key(folder), read_sheets(folder)
    rows = {
        row.row_key: ShownRow(sheet, row.row_key, row.context_id, row.n_choices, row.cells)
        for sheet in sheets
        for row in read_sheet_rows(folder, sheet)
    }
    asked = questions(key.mode)
    headers = [texts.columns.key, texts.columns.remark]
    headers += [question.header(texts) for question in asked]
    headers += [column for sheet in sheets for column in sheet.columns]
    parted = [row_key.rpartition("-") for row_key in rows]
    return ExpectedRows(
        key=key,
        texts=texts,
        asked=asked,
        rows=rows,
        headers=frozenset(map(texts.fold, headers)),
        sentences=frozenset(canonical(row.cells[0]) for row in rows.values()),
        places=frozenset(place for place, _, _ in parted),
        digests=frozenset(digest for _, _, digest in parted),
    )
