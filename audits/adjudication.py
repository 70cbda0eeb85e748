"""The sheet of disputes: what annotators said, and room for the answer that counts."""

from __future__ import annotations

from pathlib import Path

from audits.columns import protected_cells
from audits.create import recorded
from audits.judgements import Given, Judgements, read_judgements
from audits.key import WORKBOOKS, Sheet, SheetRow, read_sheets, writing_sheet
from audits.questions import REMARK, Question
from audits.rowkey import row_key
from audits.sampling import rank
from audits.text import shown
from audits.workbook import write_workbook

OPINIONS_HEADER = "Ý kiến"
_LETTER = "X"


def write_adjudication(folder: Path) -> tuple[Path, int] | None:
    """Writes a workbook of all disputes that are open; None if there are none.

    Every call makes a new sheet, ``adjudication-1``, ``adjudication-2`` and so on; where two of
    them answer the same question, the later sheet counts.
    """
    judgements = read_judgements(folder)
    disputed = [name for name in sorted(judgements.items) if judgements.disputed(name)]
    if not disputed:
        return None
    sheets = read_sheets(folder)
    number = 1 + sum(sheet.kind == "adjudication" for sheet in sheets)
    columns = next(sheet.columns for sheet in sheets if sheet.kind == "annotator")
    sheet = Sheet(
        name=f"adjudication-{number}",
        kind="adjudication",
        letter=f"{_LETTER}{number}",
        columns=(*columns, OPINIONS_HEADER),
    )
    disputed.sort(key=lambda name: rank(judgements.key.seed, "adjudication", name))
    rows = (
        _row(judgements, sheet, place, context_id, columns)
        for place, context_id in enumerate(disputed, start=1)
    )
    path = folder / WORKBOOKS / f"{sheet.name}.xlsx"
    with writing_sheet(folder, sheet) as table:
        shown_rows = recorded(rows, table)
        write_workbook(
            path, sheet, shown_rows, len(disputed), judgements.items, judgements.key.mode
        )
    return path, len(disputed)


def _row(
    judgements: Judgements, sheet: Sheet, number: int, context_id: str, columns: tuple[str, ...]
) -> SheetRow:
    item = judgements.items[context_id]
    cells = (*protected_cells(item, columns), shown(_opinions(judgements, context_id)))
    return SheetRow(
        row_key=row_key(judgements.key.audit_id, sheet.letter, number, cells),
        number=number,
        context_id=context_id,
        is_repeat=False,
        n_choices=len(item.choices),
        cells=cells,
    )


def _opinions(judgements: Judgements, context_id: str) -> str:
    """One line per annotator, without names, in an order of the row's own."""
    given = judgements.given[context_id]
    order = sorted(given, key=lambda who: rank(judgements.key.seed, "opinions", context_id, who))
    return "\n".join(
        f"{place}) {_opinion(given[who], judgements.asked)}"
        for place, who in enumerate(order, start=1)
    )


def _opinion(given: Given, asked: tuple[Question, ...]) -> str:
    answers = " · ".join(
        question.label(given[question.code]) if question.code in given else "(trống)"
        for question in asked
    )
    remark = given.get(REMARK)
    return f"{answers} — {remark}" if remark else answers
