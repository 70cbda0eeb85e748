"""Text as a sheet shows it, and as an import compares it.

A spreadsheet program may decompose letters (NFD), drop or add blanks at the ends and change line
ends; nothing else of a text may change unnoticed.
"""

from __future__ import annotations

import re
import unicodedata

# What XML 1.0 cannot hold, and the control characters that spreadsheet programs drop.
_UNSHOWABLE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_BREAKS = re.compile("\r\n?")

REPLACEMENT = "\ufffd"


def showable(text: str) -> str:
    """The text in the form that every spreadsheet program can hold; characters keep their places.

    Control characters become U+FFFD. NFC is applied afterwards by :func:`canonical`, never here,
    so that spans into the text stay right.
    """
    return _UNSHOWABLE.sub(REPLACEMENT, text)


def canonical(text: str) -> str:
    """The form in which a cell is compared: NFC, line ends as LF, no blanks at the ends."""
    return unicodedata.normalize("NFC", _BREAKS.sub("\n", text)).strip()
