"""Vietnamese letters, and the two places in which a tone mark may stand."""

from __future__ import annotations

import re
import unicodedata

from languages.spelling import Spelling

# The rhymes oa, oe and uy carry their tone on either vowel ("hòa"/"hoà", "khỏe"/"khoẻ",
# "thúy"/"thuý"). The key puts it on the second one; both letters keep their places, so a key
# is as long as its text and spans carry over.
TONES = "\u0300\u0301\u0309\u0303\u0323"
"""The five tone marks, as combining characters."""


def _moved_tones() -> dict[str, str]:
    moved = {}
    for first, second in (("o", "a"), ("o", "e"), ("u", "y")):
        for tone in TONES:
            old = unicodedata.normalize("NFC", first + tone) + second
            moved[old] = first + unicodedata.normalize("NFC", second + tone)
    return moved


_MOVED = _moved_tones()
_MOVABLE = re.compile("|".join(_MOVED))
_BASES = "aăâbcdđeêghiklmnoôơpqrstuưvxy"


def fold_tones(text: str) -> str:
    """Lower-case text with the tone of oa, oe and uy on the second vowel, equally long."""
    return _MOVABLE.sub(lambda match: _MOVED[match.group()], text)


SPELLING = Spelling(
    letters=frozenset(
        unicodedata.normalize("NFC", base + tone)
        for base in _BASES
        for tone in ["", *(TONES if base in "aăâeêioôơuưy" else "")]
    ),
    fold=fold_tones,
)
