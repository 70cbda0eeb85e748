"""How a text of a language falls into words."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

_WORD_OR_MARK = re.compile(r"\w+(?:['’\-]\w+)*|[^\w\s]")

Segmenter: TypeAlias = Callable[[str], list[str]]
"""Splits a sentence into its words in order, punctuation being words of its own.

It may change spaces, quotes and the like, but no letters.
"""


def by_spaces(text: str) -> list[str]:
    """Runs of letters, digits and what joins them (*don't*, *well-known*), and each other mark."""
    return _WORD_OR_MARK.findall(text)


def no_words() -> list[str]:
    """An empty list of words."""
    return []


@dataclass(frozen=True, slots=True)
class Segmentation:
    """The words of a language, and the smaller unit in which its texts are measured."""

    segment: Segmenter
    unit: str
    """What a run of letters is, in English: ``syllable`` where a word may have several, else
    ``word``; lengths are counted in it."""
    word_list: Callable[[], list[str]] = no_words
    """Words of several units that the segmenter's own dictionary knows, beside the WordNet's."""
    compounds: Segmenter | None = None
    """Splits a sentence into stretches within which neighbours may be one word of the lexicon
    (*hot dog*), where words do not tell: in a language that writes compounds with spaces. None:
    the words."""
    software: tuple[str, ...] = ()
    """The packages that it rests on, as the data card lists them."""

    def longer_words(self, text: str) -> list[str]:
        """The stretches of a sentence within which a word may be a part of a longer one."""
        return (self.compounds or self.segment)(text)
