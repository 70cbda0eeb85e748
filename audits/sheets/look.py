"""How a workbook looks: fonts, colours and widths in one place."""

from __future__ import annotations

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
UNLISTED = "#F9C6D0"
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

_RUN = {"font_name": FONT, "font_size": 11, "font_color": INK}
_CELL = _RUN | {"valign": "top", "text_wrap": True}
_FRAMED = _CELL | {"border": 1, "border_color": LINE}
# Data cells are text (@) and carry Excel's quote prefix, so that a text that begins with =, +, -
# or @ stays text even when somebody edits the cell.
_TEXT = _FRAMED | {"num_format": "@", "valign": "vcenter"}
_DATA = _TEXT | {"quote_prefix": True}
_HEAD = _FRAMED | {"bold": True, "font_color": PAPER, "valign": "vcenter", "align": "center"}
_TITLE = _RUN | {"bold": True, "font_color": HEAD}

_STYLES: dict[str, dict[str, Any]] = {
    "progress": _TITLE | {"font_size": 12, "valign": "vcenter"},
    "head": _HEAD | {"bg_color": HEAD},
    "head_answer": _HEAD | {"bg_color": HEAD_ANSWER},
    "key": _DATA | {"font_size": 7, "font_color": FAINT},
    "cell": _DATA,
    "strong": _DATA | {"bold": True},
    "plain": _RUN,
    "target": _RUN | {"bold": True, "font_color": TARGET},
    "whole_target": _DATA | {"bold": True, "font_color": TARGET},
    "answer": _TEXT | {"locked": False, "bg_color": ANSWER, "align": "center"},
    "remark": _TEXT | {"locked": False, "bg_color": ANSWER, "font_size": 10},
    "done": {"bg_color": DONE},
    "missing": {"bg_color": MISSING},
    "unlisted": {"bg_color": UNLISTED},
    "opinions": _DATA | {"hidden": True},
    "not_yet": {"num_format": ";;;", "font_color": PAPER},
    "title": _TITLE | {"font_size": 16, "valign": "top"},
    "section": _TITLE | {"font_size": 12, "valign": "bottom"},
    "prose": _CELL,
    "bullet": _CELL | {"indent": 1},
    "table_cell": _FRAMED,
    "table_answer": _FRAMED | {"bold": True, "align": "center", "bg_color": ANSWER},
    "why": _FRAMED | {"italic": True},
}


class Look:
    """The formats of a workbook that is being written, by name: ``look.answer``."""

    def __init__(self, workbook: Any) -> None:
        self._formats = {name: workbook.add_format(style) for name, style in _STYLES.items()}

    def __getattr__(self, name: str) -> Any:
        return self._formats[name]
