"""Where a lemma stands in a sentence that somebody else wrote, in whatever form."""

from __future__ import annotations

import re

from languages.language import Language
from schemas.records import Pos

_UNIT = re.compile(r"[^\W_]+")
_JOINTS = "-'’"


def occurrences(
    sentence: str, lemma: str, pos: Pos | None, language: Language
) -> list[tuple[int, int]]:
    """The spans of the lemma and its forms, as words of their own, from left to right.

    Signs at the ends of the lemma belong to it ("A.D."). What a hyphen or an apostrophe joins to
    another word is a part of that word ("well-known", "won't"), but for a possessive 's.
    """
    shape = [found.span() for found in _UNIT.finditer(lemma)]
    if not shape:
        return []
    before, after, size = shape[0][0], len(lemma) - shape[-1][1], len(shape)
    spans = [found.span() for found in _UNIT.finditer(sentence)]
    found = []
    for first in range(len(spans) - size + 1):
        start, end = spans[first][0] - before, spans[first + size - 1][1] + after
        if (
            start >= 0
            and end <= len(sentence)
            and _stands_alone(sentence, start, end)
            and language.is_form(sentence[start:end], lemma, pos)
        ):
            found.append((start, end))
    return found


def _stands_alone(sentence: str, start: int, end: int) -> bool:
    if start > 1 and sentence[start - 1] in _JOINTS and sentence[start - 2].isalnum():
        return False
    if not (end + 1 < len(sentence) and sentence[end] in _JOINTS and sentence[end + 1].isalnum()):
        return True
    possessive = sentence[end] != "-" and sentence[end + 1] == "s"
    return possessive and not sentence[end + 2 : end + 3].isalnum()
