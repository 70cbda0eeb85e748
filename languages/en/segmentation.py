"""English words, and where neighbours may be an open compound ("hot dog")."""

from __future__ import annotations

import re

from languages.en.function_words import FUNCTION_WORDS
from languages.segmentation import Segmentation

_PIECE = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|[^\w\s]+|_+")


def segment(text: str) -> list[str]:
    """Runs of content words, every function word and mark by itself.

    English has no marks between words to be found out; what must be known is whether neighbours
    may be one word. Content words in a row may, and the lexicon says which are ("hot dog", "drill
    press"). With a function word they mostly stand together by chance: "look at the map".
    """
    words: list[str] = []
    joined, end = False, 0
    for found in _PIECE.finditer(text):
        content = found.group()[0].isalnum() and found.group().lower() not in FUNCTION_WORDS
        gap = text[end : found.start()]
        if content and joined and gap == " ":
            words[-1] = f"{words[-1]} {found.group()}"
        else:
            words.append(found.group())
        joined, end = content, found.end()
    return words


SEGMENTATION = Segmentation(segment=segment, unit="word")
