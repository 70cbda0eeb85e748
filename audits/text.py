"""Text as a sheet shows it, and as an import compares it.

A spreadsheet program may decompose letters (NFD), drop or add blanks at the ends and change line
ends; nothing else of a text may change unnoticed.
"""

from __future__ import annotations

import re
import unicodedata

# What XML 1.0 cannot hold, and the control characters that spreadsheet programs drop.
_UNSHOWABLE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# OOXML writes a character as _x0041_. Programs differ in how they escape a text that looks so, so
# none is shown that does.
_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")  # letters run the other way behind these
_BREAKS = re.compile("\r\n?")

REPLACEMENT = "\ufffd"
LOW_LINE = "\uff3f"


def showable(text: str) -> str:
    """The text in the form that every spreadsheet program can hold; characters keep their places.

    Control characters become U+FFFD, and ``_x0041_`` gets another first mark. NFC is applied
    afterwards by :func:`canonical`, never here, so that spans into the text stay right.
    """
    return _ESCAPE.sub(LOW_LINE, _UNSHOWABLE.sub(REPLACEMENT, text))


def one_line(text: str) -> str:
    """Somebody's text for a terminal: nothing in it moves the cursor, hides or turns letters."""
    return _TURNING.sub(REPLACEMENT, showable(" ".join(text.split())))


def canonical(text: str) -> str:
    """The form in which a cell is compared: NFC, line ends as LF, no blanks at the ends."""
    return unicodedata.normalize("NFC", _BREAKS.sub("\n", text)).strip()
