"""What a page shows of a row, and the digests by which an import knows that it was that.

The page works them out anew from what it holds (``template/digest.js``), so that a page that was
damaged on its way does not begin, and every answer says what it was given about.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from audits.key import AuditItem, AuditKey, Sheet, SheetRow, read_audit_items, read_sheet_rows
from audits.text import showable
from schemas.ids import content_digest

DIGEST_CHARS = 16


@dataclass(frozen=True, slots=True)
class PageRow:
    """One row: the sentence in three parts, the other cells, and in a blind audit the senses."""

    row_key: str
    sentence: tuple[str, str, str]
    """Before the target, the target, behind it."""
    cells: tuple[str, ...]
    choices: tuple[str, ...]

    def digest(self, audit_id: str, sheet: str) -> str:
        """Over all that is shown."""
        parts = (audit_id, sheet, self.row_key, *self.sentence, *self.cells, *self.choices)
        return short_digest(*parts)


def page_rows(folder: Path, sheet: Sheet) -> list[PageRow]:
    """The rows of an annotator's sheet, as its page shows them."""
    items = read_audit_items(folder)
    return [_page_row(row, items[row.context_id]) for row in read_sheet_rows(folder, sheet)]


def page_digest(key: AuditKey, sheet: str, shown: Iterable[str]) -> str:
    """Over the digests of a page's rows, and whose they are."""
    return short_digest(key.audit_id, sheet, key.mode, *shown)


def short_digest(*parts: str) -> str:
    """The first characters of the parts' digest: enough against damage, and short in a file."""
    return content_digest(*parts)[:DIGEST_CHARS]


def _page_row(row: SheetRow, item: AuditItem) -> PageRow:
    sentence, *cells = row.cells
    start, end = item.target_start, item.target_end
    choices = tuple(map(showable, item.choice_texts))
    return PageRow(
        row.row_key,
        (sentence[:start], sentence[start:end], sentence[end:]),
        tuple(cells[:1] if choices else cells),  # a blind sheet's senses come one by one
        choices,
    )
