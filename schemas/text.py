"""Vietnamese text as this project stores and compares it.

Stored text is NFC with single spaces (:func:`normalise`). Two spellings of one word, "hoà" and
"hòa", stay as they were written; only :func:`match_key` maps them to one form, for comparing.
"""

from __future__ import annotations

import re
import unicodedata

_SPACES = re.compile(r"\s+")
_SYLLABLE = re.compile(r"[^\W_]+")

# The rhymes oa, oe and uy carry their tone on either vowel ("hòa"/"hoà", "khỏe"/"khoẻ",
# "thúy"/"thuý"). The key puts it on the second one; both letters keep their places, so a key
# is as long as its text and spans carry over.
_TONES = "\u0300\u0301\u0309\u0303\u0323"


def _moved_tones() -> dict[str, str]:
    moved = {}
    for first, second in (("o", "a"), ("o", "e"), ("u", "y")):
        for tone in _TONES:
            old = unicodedata.normalize("NFC", first + tone) + second
            moved[old] = first + unicodedata.normalize("NFC", second + tone)
    return moved


_MOVED = _moved_tones()
_MOVABLE = re.compile("|".join(_MOVED))

_BASES = "aăâbcdđeêghiklmnoôơpqrstuưvxy"
VIETNAMESE_LETTERS = frozenset(
    unicodedata.normalize("NFC", base + tone)
    for base in _BASES
    for tone in ["", *(_TONES if base in "aăâeêioôơuưy" else "")]
)
"""The lower-case letters of the Vietnamese alphabet with and without tone marks, each NFC."""


def normalise(text: str) -> str:
    """The text in NFC, every run of white space one space, none at the ends."""
    return _SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip()


def match_key(text: str) -> str:
    """The form in which two spellings of the same word are equal; for comparing only.

    Normalised, case folded, with one tone placement. For text that :func:`normalise` leaves
    alone and that is Vietnamese the key has the length of the text, so offsets carry over.
    """
    return fold_tones(normalise(text).casefold())


def fold_tones(text: str) -> str:
    """Lower-case text with the tone of oa, oe and uy on the second vowel, equally long."""
    return _MOVABLE.sub(lambda match: _MOVED[match.group()], text)


def units(text: str) -> list[str]:
    """A text's runs of letters and digits, punctuation left out: syllables or words."""
    return _SYLLABLE.findall(text)


def syllables(text: str) -> list[str]:
    """The syllables of a text: its runs of letters and digits, punctuation left out."""
    return _SYLLABLE.findall(text)


def foreign_letters(text: str) -> str:
    """The letters of a text that the Vietnamese alphabet lacks, each once, in order."""
    lowered = unicodedata.normalize("NFC", text).lower()
    return "".join(dict.fromkeys(c for c in lowered if c.isalpha() and c not in VIETNAMESE_LETTERS))
