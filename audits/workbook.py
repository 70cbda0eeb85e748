"""Writes an annotator's workbook: a sheet of instructions and a sheet of rows.

Row 1 of the sheet of rows shows the progress, the one formula there; row 2 is the header. Every
text is written as text. Locked are all cells but the answers; the protection has no password,
it guards against slips. Rows go to disk as they are written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell

from audits.columns import KEY_HEADER, LEMMA_HEADER, SENTENCE_HEADER
from audits.guide import write_guide
from audits.key import AuditItem, Sheet, SheetRow
from audits.lines import row_points
from audits.look import ANSWER_WIDTH, WIDTHS, Look, column_width, make_look
from audits.questions import REMARK_HEADER, Question, questions
from audits.settings import Mode
from schemas.files import replacing

GUIDE_SHEET = "Hướng dẫn"
ROWS_SHEET = "Câu hỏi"

_HEADER_ROW = 1
_FIRST_ROW = 2
_LEAST_POINTS = 33  # two lines: room for a remark
_LONGEST_LIST = 255  # Excel's limit for the text of a drop-down


def write_workbook(
    path: Path,
    sheet: Sheet,
    rows: Iterable[SheetRow],
    n_rows: int,
    items: Mapping[str, AuditItem],
    mode: Mode,
) -> None:
    """Writes the workbook of one sheet with ``n_rows`` rows to ``path``."""
    with replacing(path) as temporary:
        book = xlsxwriter.Workbook(
            str(temporary),
            {
                "constant_memory": True,
                "strings_to_formulas": False,
                "strings_to_numbers": False,
                "strings_to_urls": False,
                "default_format_properties": {"font_name": "Arial", "font_size": 11},
            },
        )
        look = make_look(book)
        asked = questions(mode)
        guide = book.add_worksheet(GUIDE_SHEET)
        table = book.add_worksheet(ROWS_SHEET)
        progress, result = _progress(sheet, asked, n_rows)
        write_guide(guide, look, mode, sheet.kind)
        guide.protect("", {"format_columns": True, "format_rows": True})
        _lay_out(table, sheet, asked, n_rows)
        table.set_row(0, 24)
        table.write_formula(0, 0, progress, look.progress, result)
        _write_header(table, look, sheet, asked)
        most_choices = 0
        for place, row in enumerate(rows):
            most_choices = max(most_choices, row.n_choices)
            _write_row(table, look, _FIRST_ROW + place, sheet, row, items[row.context_id], asked)
        _add_rules(table, look, sheet, asked, n_rows, most_choices)
        table.activate()
        book.close()


def _progress(sheet: Sheet, asked: tuple[Question, ...], n_rows: int) -> tuple[str, str]:
    """The progress formula and its value in a sheet without answers."""
    first = len(sheet.columns) + 1
    columns = [xl_col_to_name(first + place) for place in range(len(asked))]
    top, bottom = _FIRST_ROW + 1, _FIRST_ROW + n_rows
    answered = "*".join(f'({column}{top}:{column}{bottom}<>"")' for column in columns)
    return f'="Đã xong "&SUMPRODUCT(1*{answered})&" / {n_rows} dòng"', f"Đã xong 0 / {n_rows} dòng"


def _lay_out(table: Any, sheet: Sheet, asked: tuple[Question, ...], n_rows: int) -> None:
    columns = [KEY_HEADER, *sheet.columns]
    for place, column in enumerate(columns):
        table.set_column(place, place, column_width(column))
    first = len(columns)
    table.set_column(first, first + len(asked) - 1, ANSWER_WIDTH)
    table.set_column(first + len(asked), first + len(asked), WIDTHS[REMARK_HEADER])
    table.freeze_panes(_FIRST_ROW, 2)
    table.autofilter(_HEADER_ROW, 0, _HEADER_ROW + n_rows, first + len(asked))
    table.protect(
        "",
        {"autofilter": True, "sort": True, "format_columns": True, "format_rows": True},
    )
    table.hide_gridlines(2)
    table.set_landscape()
    table.set_paper(9)  # A4
    table.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    table.fit_to_pages(1, 0)
    table.repeat_rows(_HEADER_ROW)
    table.set_footer("&L&A&RTrang &P / &N")
    table.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})


def _write_header(table: Any, look: Look, sheet: Sheet, asked: tuple[Question, ...]) -> None:
    table.set_row(_HEADER_ROW, 48)
    for place, column in enumerate([KEY_HEADER, *sheet.columns]):
        table.write_string(_HEADER_ROW, place, column, look.head)
    first = len(sheet.columns) + 1
    for place, question in enumerate(asked):
        table.write_string(_HEADER_ROW, first + place, question.header, look.head_answer)
    table.write_string(_HEADER_ROW, first + len(asked), REMARK_HEADER, look.head_answer)


def _write_row(
    table: Any,
    look: Look,
    at: int,
    sheet: Sheet,
    row: SheetRow,
    item: AuditItem,
    asked: tuple[Question, ...],
) -> None:
    fitted = zip(row.cells, map(column_width, sheet.columns), strict=True)
    table.set_row(at, max(_LEAST_POINTS, row_points(list(fitted))))
    table.write_string(at, 0, row.row_key, look.key)
    for place, (column, cell) in enumerate(zip(sheet.columns, row.cells, strict=True), start=1):
        if column == SENTENCE_HEADER:
            write_sentence(table, at, place, cell, item.target_start, item.target_end, look)
        else:
            style = look.strong if column == LEMMA_HEADER else look.cell
            table.write_string(at, place, cell, style)
    first = len(sheet.columns) + 1
    for place in range(len(asked)):
        table.write_blank(at, first + place, None, look.answer)
    table.write_blank(at, first + len(asked), None, look.remark)


def write_sentence(
    table: Any, row: int, column: int, text: str, start: int, end: int, look: Look
) -> None:
    """Writes a sentence with ``text[start:end]`` in bold."""
    runs = [(look.plain, text[:start]), (look.target, text[start:end]), (look.plain, text[end:])]
    runs = [(style, part) for style, part in runs if part]
    if len(runs) > 1:
        table.write_rich_string(row, column, *(piece for run in runs for piece in run), look.cell)
    else:  # the target is the whole sentence: a rich text needs two parts
        table.write_string(row, column, text, look.whole_target)


def _add_rules(
    table: Any,
    look: Look,
    sheet: Sheet,
    asked: tuple[Question, ...],
    n_rows: int,
    most_choices: int,
) -> None:
    """Drop-downs, and colours: green for a finished row, orange for what a begun row lacks.

    A drop-down warns and lets pass what is not in its list: "co" for "Có" must not be refused.
    """
    first, last = len(sheet.columns) + 1, len(sheet.columns) + len(asked)
    top, bottom = _FIRST_ROW, _FIRST_ROW + n_rows - 1
    for place, question in enumerate(asked):
        labels = [str(number) for number in range(1, most_choices + 1)]
        labels += [option.label for option in question.options]
        if len(",".join(labels)) > _LONGEST_LIST:
            continue
        table.data_validation(
            top,
            first + place,
            bottom,
            first + place,
            {
                "validate": "list",
                "source": labels,
                "error_type": "warning",
                "error_title": "Không có trong danh sách",
                "error_message": _advice(question, most_choices),
            },
        )
    cells = [xl_rowcol_to_cell(top, column, col_abs=True) for column in range(first, last + 1)]
    mine = xl_rowcol_to_cell(top, first)
    answered = ",".join(f'{cell}<>""' for cell in cells)
    area = (top, first, bottom, last)
    table.conditional_format(
        *area, {"type": "formula", "criteria": f"=AND({answered})", "format": look.done}
    )
    if len(asked) > 1:
        table.conditional_format(
            *area,
            {
                "type": "formula",
                "criteria": f'=AND({mine}="",OR({answered}))',
                "format": look.missing,
            },
        )


def _advice(question: Question, most_choices: int) -> str:
    answers = [f"“{option.label}”" for option in question.options]
    if most_choices:
        answers.insert(0, "số của một nghĩa")
    return f"Hãy chọn {', '.join(answers[:-1])} hoặc {answers[-1]}."
