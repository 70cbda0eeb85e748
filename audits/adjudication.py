"""The sheet of disputes: what annotators said, and room for the answer that counts."""

from __future__ import annotations

from pathlib import Path

from audits.answers.judgements import Given, Judgements, read_judgements
from audits.key import Sheet, SheetRow, read_sheets
from audits.questions import REMARK
from audits.sampling.draw import rank
from audits.sheets.columns import LONGEST_CELL, protected_cells
from audits.sheets.write import sheet_row, write_sheet
from audits.text import showable
from languages.audit import AuditTexts
from languages.language import Language

_LETTER = "X"
"""With a number behind it, it is no annotator's letter."""


def write_adjudication(
    folder: Path, language: Language, person: str = ""
) -> tuple[Path, int] | None:
    """Writes a workbook of all disputes that are open for a ``person``; None if there are none.

    What the annotators said is seen once the row is answered.

    Every call makes a new sheet, ``adjudication-1``, ``adjudication-2`` and so on; where two of
    them answer the same question, the later sheet counts.
    """
    texts, judgements = language.audit, read_judgements(folder)
    key = judgements.key
    disputed = [name for name in sorted(judgements.items) if judgements.disputed(name)]
    if not disputed:
        return None
    disputed.sort(key=lambda name: rank(key.seed, "adjudication", name))
    sheets = read_sheets(folder)
    number = 1 + sum(sheet.kind == "adjudication" for sheet in sheets)
    columns = next(sheet.columns for sheet in sheets if sheet.kind == "annotator")
    sheet = Sheet(
        name=f"adjudication-{number}",
        kind="adjudication",
        letter=f"{_LETTER}{number}",
        columns=(*columns, texts.columns.opinions),
        person=person,
    )

    def row(place: int, context_id: str) -> SheetRow:
        item = judgements.items[context_id]
        cells = protected_cells(item, key.mode, columns, language)
        opinions = showable(_opinions(judgements, context_id, texts))[:LONGEST_CELL]
        return sheet_row(key, sheet, place, item, (*cells, opinions))

    rows = (row(place, name) for place, name in enumerate(disputed, start=1))
    path = write_sheet(folder, key, sheet, rows, len(disputed), judgements.items, texts)
    return path, len(disputed)


def _opinions(judgements: Judgements, context_id: str, texts: AuditTexts) -> str:
    """One line per annotator, without names, in an order of the row's own."""
    given, seed = judgements.given[context_id], judgements.key.seed
    order = sorted(given, key=lambda who: rank(seed, "opinions", context_id, who))
    return "\n".join(
        f"{place}) {_opinion(judgements, given[who], texts)}"
        for place, who in enumerate(order, start=1)
    )


def _opinion(judgements: Judgements, given: Given, texts: AuditTexts) -> str:
    answers = []
    for question in judgements.asked:
        code = given.get(question.code)
        label = texts.no_answer if code is None else question.labels(texts).get(code, code)
        reason = question.reason(given)
        if reason is not None:
            label += f" ({texts.questions[question.code].reasons[reason]})"
        answers.append(label)
    said = " · ".join(answers)
    remark = given.get(REMARK)
    return f"{said} — {remark}" if remark else said
