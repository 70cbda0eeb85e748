"""Writes a sheet: its rows into the audit's key, and the workbook that shows them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from audits.key import WORKBOOKS, AuditItem, AuditKey, Sheet, SheetRow, writing_sheet
from audits.sheets.rowkey import row_key
from languages.audit import AuditTexts
from schemas.tables import TableWriter


def sheet_row(
    key: AuditKey,
    sheet: Sheet,
    number: int,
    item: AuditItem,
    cells: tuple[str, ...],
    *,
    is_repeat: bool = False,
) -> SheetRow:
    """The row of an item with its key."""
    return SheetRow(
        row_key=row_key(key.audit_id, sheet.letter, number, cells),
        number=number,
        context_id=item.context_id,
        is_repeat=is_repeat,
        n_choices=len(item.choice_texts),
        cells=cells,
    )


def write_sheet(
    folder: Path,
    key: AuditKey,
    sheet: Sheet,
    rows: Iterable[SheetRow],
    n_rows: int,
    items: Mapping[str, AuditItem],
    texts: AuditTexts,
    *,
    workbook: bool = True,
) -> Path:
    """Writes a sheet of ``n_rows`` rows and returns its workbook's path.

    An annotator's workbook that is there stays as it is: it may hold answers. Without ``workbook``
    the rows go to the key only.
    """
    path = folder / WORKBOOKS / f"{sheet.name}.xlsx"
    with writing_sheet(folder, sheet) as table:
        shown = _recorded(rows, table)
        if not workbook or (sheet.kind == "annotator" and path.exists()):
            deque(shown, maxlen=0)
        else:
            from audits.sheets.workbook import write_workbook  # needs the extra; pages do not

            write_workbook(path, sheet, shown, n_rows, items, key.mode, texts)
    return path


def _recorded(rows: Iterable[SheetRow], table: TableWriter[SheetRow]) -> Iterator[SheetRow]:
    """The rows, each written to the key's table on its way to the workbook."""
    for row in rows:
        table.append(row)
        yield row
