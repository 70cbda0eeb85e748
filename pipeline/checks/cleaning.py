"""Invisible characters: those that are dropped without a word, and those that are a fault."""

from __future__ import annotations

import re
import unicodedata

# Zero-width spaces and joiners, soft hyphens, marks of writing direction, byte order marks:
# models and web pages leave them behind; they carry nothing in languages of Latin letters.
_INVISIBLE = re.compile("[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")

# Control characters (tab and line feeds are white space), surrogates, private use, the
# replacement character, tags and what is not a character at all.
_CONTROL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef\ufff0-\uffff"
    "\U000e0000-\U0010ffff]"
)
_LINE_BREAK = re.compile("[\n\r\u2028\u2029]")


def visible(text: str) -> str:
    """The text in NFC without invisible characters; white space stays as it is."""
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", text))


def control_character(text: str) -> str | None:
    """The first control character of a text."""
    found = _CONTROL.search(text)
    return found.group() if found else None


def has_line_break(text: str) -> bool:
    """Whether the text, trimmed, goes over more than one line."""
    return _LINE_BREAK.search(text.strip()) is not None
