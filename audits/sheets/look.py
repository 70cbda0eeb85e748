"""How a workbook looks: fonts, colours and widths in one place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

# Arial has every Vietnamese mark on Windows and macOS; where it is missing, LibreOffice and Google
# take Liberation Sans or Arimo of the same widths.
FONT = "Arial"

INK = "#1F2933"
FAINT = "#8A94A0"
LINE = "#D5DAE0"
HEAD = "#1F4E5F"
HEAD_ANSWER = "#B8860B"
ANSWER = "#FFF9E3"
DONE = "#E3F4E4"
MISSING = "#FFD9B3"
TARGET = "#B3261E"
PAPER = "#FFFFFF"

WIDTHS = {
    "key": 9.0,
    "sentence": 46.0,
    "lemma": 11.0,
    "pos": 9.5,
    "gloss": 34.0,
    "synonyms": 18.0,
    "choices": 62.0,
    "opinions": 40.0,
    "remark": 22.0,
}
"""Of the columns of :class:`languages.audit.ColumnTexts`, in units of a digit."""
ANSWER_WIDTH = 14.5


@dataclass(frozen=True, slots=True)
class Look:
    """The formats of one workbook."""

    progress: Any
    head: Any
    head_answer: Any
    key: Any
    cell: Any
    strong: Any
    plain: Any
    target: Any
    whole_target: Any
    answer: Any
    remark: Any
    done: Any
    missing: Any
    title: Any
    section: Any
    prose: Any
    bullet: Any
    table_head: Any
    table_cell: Any
    table_answer: Any
    why: Any


def make_look(workbook: Any) -> Look:
    """Creates the formats in a workbook that is being written.

    Data cells are text (``@``) and carry Excel's quote prefix, so that a text that begins with
    ``=``, ``+``, ``-`` or ``@`` stays text even when somebody edits the cell.
    """

    def style(**properties: Any) -> Any:
        base = {"font_name": FONT, "font_size": 11, "font_color": INK, "valign": "top"}
        return workbook.add_format(base | properties)

    text = {
        "num_format": "@",
        "text_wrap": True,
        "valign": "vcenter",
        "border": 1,
        "border_color": LINE,
    }
    safe = text | {"quote_prefix": True}
    head = {
        "bold": True,
        "font_color": PAPER,
        "text_wrap": True,
        "valign": "vcenter",
        "border": 1,
        "border_color": LINE,
    }
    return Look(
        progress=style(bold=True, font_size=12, font_color=HEAD, valign="vcenter"),
        head=style(**head, bg_color=HEAD, align="center"),
        head_answer=style(**head, bg_color=HEAD_ANSWER, align="center"),
        key=style(**(safe | {"font_size": 7, "font_color": FAINT})),
        cell=style(**safe),
        strong=style(**safe, bold=True),
        plain=workbook.add_format({"font_name": FONT, "font_size": 11, "font_color": INK}),
        target=workbook.add_format(
            {"font_name": FONT, "font_size": 11, "bold": True, "font_color": TARGET}
        ),
        whole_target=style(**(safe | {"bold": True, "font_color": TARGET})),
        answer=style(**text, locked=False, bg_color=ANSWER, align="center"),
        remark=style(**text, locked=False, bg_color=ANSWER, font_size=10),
        done=workbook.add_format({"bg_color": DONE}),
        missing=workbook.add_format({"bg_color": MISSING}),
        title=style(bold=True, font_size=16, font_color=HEAD),
        section=style(bold=True, font_size=12, font_color=HEAD, valign="bottom"),
        prose=style(text_wrap=True),
        bullet=style(text_wrap=True, indent=1),
        table_head=style(**head, bg_color=HEAD, align="center"),
        table_cell=style(text_wrap=True, border=1, border_color=LINE),
        table_answer=style(
            text_wrap=True, border=1, border_color=LINE, bold=True, align="center", bg_color=ANSWER
        ),
        why=style(text_wrap=True, border=1, border_color=LINE, italic=True),
    )
