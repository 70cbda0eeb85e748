"""Writes the sheet of instructions."""

from __future__ import annotations

from typing import Any

from audits.questions import questions
from audits.settings import minutes
from audits.sheets.lines import row_points
from audits.sheets.look import Look
from languages.audit import AuditMode, AuditTexts, SheetKind, WorkedExample

_WIDTHS: dict[AuditMode, tuple[float, ...]] = {
    "review": (38.0, 32.0, 18.0, 9.0, 11.0, 12.0, 36.0),
    "blind": (38.0, 56.0, 16.0, 34.0),
    "pairs": (44.0, 50.0, 16.0, 34.0),
}
"""Of the columns of the worked examples, in units of a digit."""
_PROSE_COLUMNS: dict[AuditMode, int] = {"review": 5, "blind": 2, "pairs": 2}
"""The columns that prose runs over: near 100 units, a line that is easily read."""
_A4 = 9
_PRINT_SCALE = 66
"""Per cent. All columns fit the page; where a program is told to fit them it ignores the page break
before the examples, and these may begin with their header at the foot of a page."""


def write_guide(
    guide: Any, look: Look, mode: AuditMode, kind: SheetKind, n_rows: int, texts: AuditTexts
) -> None:
    """Writes title, steps, what the answers mean, and the worked examples."""
    told, widths = texts.guide, _WIDTHS[mode]
    for place, width in enumerate(widths):
        guide.set_column(place, place, width)
    guide.hide_gridlines(2)
    guide.set_landscape()
    guide.set_paper(_A4)
    guide.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    guide.set_print_scale(_PRINT_SCALE)
    guide.protect("", {"format_columns": True, "format_rows": True})
    pen = _Pen(guide, look, widths, _PROSE_COLUMNS[mode])
    pen.line(told.titles[kind], look.title, 30)
    pen.line(told.welcome, look.prose)
    pen.line(told.duration.format(rows=n_rows, minutes=minutes(n_rows, mode)), look.prose)
    pen.line(told.steps_heading, look.section, 26)
    for number, step in enumerate(told.steps[kind], start=1):
        pen.line(f"{number}. {step}", look.bullet)
    pen.line(told.answers_heading, look.section, 26)
    for question in questions(mode):
        asked = texts.questions[question.code]
        pen.line(asked.header, look.section, 20)
        for line in asked.explained:
            pen.line(f"•  {line}", look.bullet)
        labels = "; ".join(asked.reasons.values())
        pen.line(f"•  {told.reasons.format(reasons=labels)}", look.bullet)
    guide.set_h_pagebreaks([pen.row])
    pen.line(told.examples_heading, look.section, 26)
    pen.table_head(told.example_headers[mode])
    for example in told.examples[mode]:
        pen.example(example)


class _Pen:
    """Writes one row after the other; prose runs over the first columns in a merged cell."""

    def __init__(
        self, guide: Any, look: Look, widths: tuple[float, ...], prose_columns: int
    ) -> None:
        self._guide = guide
        self._look = look
        self._widths = widths
        self._last = prose_columns - 1
        self._width = sum(widths[:prose_columns])
        self.row = 0

    def line(self, text: str, style: Any, height: float | None = None) -> None:
        self._guide.set_row(self.row, height or row_points([(text, self._width)]))
        self._guide.merge_range(self.row, 0, self.row, self._last, "", style)
        self._guide.write_string(self.row, 0, text, style)
        self.row += 1

    def table_head(self, headers: tuple[str, ...]) -> None:
        self._guide.set_row(self.row, 22)
        for place, header in enumerate(headers):
            self._guide.write_string(self.row, place, header, self._look.head)
        self.row += 1

    def example(self, example: WorkedExample) -> None:
        look = self._look
        before, _, rest = example.sentence.partition("[[")
        target, _, after = rest.partition("]]")
        texts = (before + target + after, *example.shown, *example.answers, example.why)
        self._guide.set_row(self.row, row_points(list(zip(texts, self._widths, strict=True))))
        runs = [(look.plain, before), (look.target, target), (look.plain, after)]
        pieces = [piece for style, text in runs if text for piece in (style, text)]
        self._guide.write_rich_string(self.row, 0, *pieces, look.table_cell)
        styles = [look.table_cell] * len(example.shown)
        styles += [look.table_answer] * len(example.answers) + [look.why]
        for place, (text, style) in enumerate(zip(texts[1:], styles, strict=True), start=1):
            self._guide.write_string(self.row, place, text, style)
        self.row += 1
