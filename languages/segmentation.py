"""How a text of a language falls into words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

Segmenter: TypeAlias = Callable[[str], list[str]]
"""Splits a sentence into its words in order, punctuation being words of its own.

It may change spaces, quotes and the like, but no letters.
"""


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
