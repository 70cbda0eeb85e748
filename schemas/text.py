"""Text as this project stores it: NFC with single spaces; and the units it is counted in.

What depends on a language, such as which spellings are one word, is in :mod:`languages.spelling`.
"""

from __future__ import annotations

import re
import unicodedata

_SPACES = re.compile(r"\s+")
_UNIT = re.compile(r"[^\W_]+")


def normalise(text: str) -> str:
    """The text in NFC, every run of white space one space, none at the ends."""
    return _SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip()


def units(text: str) -> list[str]:
    """A text's runs of letters and digits, punctuation left out: syllables or words."""
    return _UNIT.findall(text)
