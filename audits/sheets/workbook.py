"""Writes an annotator's workbook: a sheet of instructions and a sheet of rows.

Row 1 of the sheet of rows shows the progress, the one formula there; row 2 is the header. Every
text is written as text. Locked are all cells but the answers; the protection has no password,
it guards against slips. Rows go to disk as they are written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell

from audits.key import AuditItem, Sheet, SheetRow
from audits.questions import Question, questions
from audits.sheets.guide import write_guide
from audits.sheets.lines import row_points
from audits.sheets.look import ANSWER_WIDTH, FONT, WIDTHS, Look
from languages.audit import AuditMode, AuditTexts
from schemas.files import replacing

_HEADER_ROW = 1
_FIRST_ROW = 2
_LEAST_POINTS = 33  # two lines: room for a remark
_LONGEST_LIST = 255  # Excel's limit for the text of a drop-down
_LONGEST_RICH = 16_000  # LibreOffice breaks a text with formats in it at 16,367 characters
_A4 = 9  # Excel's number of the paper


def write_workbook(
    path: Path,
    sheet: Sheet,
    rows: Iterable[SheetRow],
    n_rows: int,
    items: Mapping[str, AuditItem],
    mode: AuditMode,
    texts: AuditTexts,
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
                "default_format_properties": {"font_name": FONT, "font_size": 11},
            },
        )
        look = Look(book)
        guide = book.add_worksheet(texts.guide_sheet)
        page = book.add_worksheet(texts.rows_sheet)
        write_guide(guide, look, mode, sheet.kind, n_rows, texts)
        writer = _RowsPage(page, look, sheet.columns, questions(mode), texts, n_rows)
        writer.lay_out()
        rows_of: dict[int, list[tuple[int, int]]] = {}
        for at, row in enumerate(rows, start=_FIRST_ROW):
            _extend(rows_of.setdefault(row.n_choices, []), at)
            writer.write(at, row, items[row.context_id])
        for n_choices, runs in sorted(rows_of.items()):
            writer.add_lists(n_choices, runs)
        writer.add_colours()
        guide.activate()
        book.close()


def _extend(runs: list[tuple[int, int]], at: int) -> None:
    """Adds a row to runs of rows (first, last) that stand in order."""
    if runs and runs[-1][1] == at - 1:
        runs[-1] = (runs[-1][0], at)
    else:
        runs.append((at, at))


@dataclass(frozen=True, slots=True)
class _RowsPage:
    """Writes the sheet of rows: key, protected columns, answers, remark."""

    page: Any
    look: Look
    columns: tuple[str, ...]
    asked: tuple[Question, ...]
    texts: AuditTexts
    n_rows: int

    @property
    def first(self) -> int:
        """The first column of answers."""
        return 1 + len(self.columns)

    @property
    def remark(self) -> int:
        """The column of remarks, the last."""
        return self.first + len(self.asked)

    def width(self, column: str) -> float:
        """The width of a protected column, in units of a digit."""
        names = self.texts.columns
        widths = {getattr(names, name): width for name, width in WIDTHS.items()}
        return widths.get(column, WIDTHS["choices"])

    def lay_out(self) -> None:
        """Widths, panes, filter, protection, print; the progress and the header row."""
        page, names = self.page, self.texts.columns
        protected = [names.key, *self.columns]
        for place, column in enumerate(protected):
            page.set_column(place, place, self.width(column))
        page.set_column(self.first, self.remark - 1, ANSWER_WIDTH)
        page.set_column(self.remark, self.remark, WIDTHS["remark"])
        page.set_row(0, 24)
        formula, value = self._progress()
        page.write_formula(0, 0, formula, self.look.progress, value)
        page.set_row(_HEADER_ROW, 48)
        for place, column in enumerate(protected):
            page.write_string(_HEADER_ROW, place, column, self.look.head)
        headers = [*(question.header(self.texts) for question in self.asked), names.remark]
        for place, header in enumerate(headers, start=self.first):
            page.write_string(_HEADER_ROW, place, header, self.look.head_answer)
        page.freeze_panes(_FIRST_ROW, 2)
        page.autofilter(_HEADER_ROW, 0, _HEADER_ROW + self.n_rows, self.remark)
        allowed = ("autofilter", "sort", "format_columns", "format_rows")
        page.protect("", dict.fromkeys(allowed, True))
        page.hide_gridlines(2)
        page.set_landscape()
        page.set_paper(_A4)
        page.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        page.fit_to_pages(1, 0)
        page.repeat_rows(_HEADER_ROW)
        page.set_footer(f"&L&A&R{self.texts.page} &P / &N")
        page.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})

    def _progress(self) -> tuple[str, str]:
        """The progress formula and its value in a sheet without answers."""
        top, bottom = _FIRST_ROW + 1, _FIRST_ROW + self.n_rows

        def cells(column: int) -> str:
            name = xl_col_to_name(column)
            return f"{name}{top}:{name}{bottom}"

        answered = "*".join(
            self._valid(question, cells(place), cells, joined="+")
            for place, question in enumerate(self.asked, start=self.first)
        )
        mark = "\0"  # stands in no text
        text = self.texts.progress.format(done=mark, rows=self.n_rows)
        before, _, after = text.replace('"', '""').partition(mark)
        return f'="{before}"&SUMPRODUCT(1*{answered})&"{after}"', text.replace(mark, "0")

    def _valid(
        self, question: Question, cell: str, cells: Callable[[int], str], joined: str
    ) -> str:
        """A formula that is not 0 where ``cell``, or each of a range, holds a listed answer.

        The number of a sense is one that begins a line of the senses shown, "2. ", whose columns
        ``cells`` gives. ``joined`` is "+" for ranges, as OR makes one value of all.
        """
        labels = [label.replace('"', '""') for label in question.labels(self.texts).values()]
        tests = [f'({cell}="{label}")' for label in labels]
        if question.code == "sense":
            shown = "&CHAR(10)&".join(cells(place) for place in range(3, self.first))
            tests.append(
                f"(LEN({cell})<4)*(LEN({cell})>0)"
                f'*ISNUMBER(FIND(CHAR(10)&{cell}&". ",CHAR(10)&{shown}))'
            )
        return f"({joined.join(tests)})"

    def write(self, at: int, row: SheetRow, item: AuditItem) -> None:
        """Writes one row; the sentence, which comes first, with its target in bold."""
        page, look = self.page, self.look
        fitted = zip(row.cells, map(self.width, self.columns), strict=True)
        page.set_row(at, max(_LEAST_POINTS, row_points(list(fitted))))
        page.write_string(at, 0, row.row_key, look.key)
        sentence, lemma, *others = row.cells
        write_sentence(page, at, 1, sentence, item.target_start, item.target_end, look)
        page.write_string(at, 2, lemma, look.strong)
        for place, cell in enumerate(others, start=3):
            hidden = self.columns[place - 1] == self.texts.columns.opinions
            page.write_string(at, place, cell, look.opinions if hidden else look.cell)
        for place in range(self.first, self.remark):
            page.write_blank(at, place, None, look.answer)
        page.write_blank(at, self.remark, None, look.remark)

    def add_lists(self, n_choices: int, runs: list[tuple[int, int]]) -> None:
        """Drop-downs for the rows that show so many senses.

        A drop-down warns and lets pass what is not in its list: "co" for "Có" must not be refused.
        """
        numbers = [str(number) for number in range(1, n_choices + 1)]
        for place, question in enumerate(self.asked, start=self.first):
            labels = [*numbers, *question.labels(self.texts).values()]
            if len(",".join(labels)) > _LONGEST_LIST:
                continue
            [(first, last), *others] = runs
            rule = {
                "validate": "list",
                "source": labels,
                "error_type": "warning",
                "error_title": self.texts.not_listed,
                "error_message": listed_answers(question, self.texts, numbered=n_choices > 0),
                "other_cells": [[top, place, bottom, place] for top, bottom in others],
            }
            self.page.data_validation(first, place, last, place, rule)

    def add_colours(self) -> None:
        """Green for a finished row, orange for what a begun row lacks, pink for what is not listed.

        What others said of a row in dispute is not shown before the row is finished.
        """
        top, bottom = _FIRST_ROW, _FIRST_ROW + self.n_rows - 1

        def cell(column: int) -> str:
            return str(xl_rowcol_to_cell(top, column, col_abs=True))

        columns = range(self.first, self.remark)
        valid = [
            self._valid(question, cell(place), cell, joined="+")
            for place, question in enumerate(self.asked, start=self.first)
        ]
        finished = "*".join(valid)
        self._colour(top, self.first, bottom, self.remark - 1, f"{finished}>0", self.look.done)
        for place, test in zip(columns, valid, strict=True):
            unlisted = f'({cell(place)}<>"")*({test}=0)>0'
            self._colour(top, place, bottom, place, unlisted, self.look.unlisted)
        if len(self.asked) > 1:
            begun = "+".join(f'({cell(place)}<>"")' for place in columns)
            mine = xl_rowcol_to_cell(top, self.first)
            self._colour(
                top,
                self.first,
                bottom,
                self.remark - 1,
                f'({mine}="")*({begun})>0',
                self.look.missing,
            )
        if self.texts.columns.opinions in self.columns:
            place = 1 + self.columns.index(self.texts.columns.opinions)
            self._colour(top, place, bottom, place, f"{finished}=0", self.look.not_yet)

    def _colour(self, top: int, left: int, bottom: int, right: int, test: str, style: Any) -> None:
        rule = {"type": "formula", "criteria": f"={test}", "format": style}
        self.page.conditional_format(top, left, bottom, right, rule)


def write_sentence(
    page: Any, row: int, column: int, text: str, start: int, end: int, look: Look
) -> None:
    """Writes a sentence with ``text[start:end]`` in bold, if it is not too long for that."""
    if len(text) > _LONGEST_RICH:
        page.write_string(row, column, text, look.cell)
        return
    runs = [(look.plain, text[:start]), (look.target, text[start:end]), (look.plain, text[end:])]
    runs = [(style, part) for style, part in runs if part]
    if len(runs) > 1:
        page.write_rich_string(row, column, *(piece for run in runs for piece in run), look.cell)
    else:  # the target is the whole sentence: a rich text needs two parts
        page.write_string(row, column, text, look.whole_target)


def listed_answers(question: Question, texts: AuditTexts, *, numbered: bool) -> str:
    """What to choose, for an answer that is not in the list."""
    answers = [f"“{label}”" for label in question.labels(texts).values()]
    if numbered:
        answers.insert(0, texts.sense_number)
    listed = f"{', '.join(answers[:-1])} {texts.or_} {answers[-1]}"
    return texts.advice.format(answers=listed)
