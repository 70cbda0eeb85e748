"""Sentences as words, the target being one of them by construction."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from languages.segmentation import Segmenter
from schemas.errors import InputError

_TOKEN = re.compile(r"[^\W_]+|[^\w\s]|_")
_NOT_SPACE = re.compile(r"\S")


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it stands in the text.

    ``spaced``: white space precedes it; ``attached``: other letters or marks do, directly.
    Neither is true of the first word of a text.
    """

    text: str
    spaced: bool
    attached: bool = False


@dataclass(frozen=True, slots=True)
class MarkedWords:
    """The words of a sentence and the index of the target among them."""

    words: tuple[Word, ...]
    target: int


def split_units(text: str) -> list[str]:
    """Every run of letters and digits, and every other mark by itself."""
    return _TOKEN.findall(text)


def words_of(text: str, segment: Segmenter) -> tuple[Word, ...]:
    """The words of a text, each cut from the text itself.

    A segmenter that changes letters cannot be aligned; such a text is split into
    its runs of letters.
    """
    places = [match.start() for match in _NOT_SPACE.finditer(text)]
    cut = segment(text)
    if sum(len("".join(word.split())) for word in cut) != len(places):
        cut = split_units(text)
    words, at = [], 0
    for word in cut:
        length = len("".join(word.split()))
        if not length:
            continue
        start, end = places[at], places[at + length - 1] + 1
        spaced = start > 0 and text[start - 1].isspace()
        words.append(Word(text[start:end], spaced, start > 0 and not spaced))
        at += length
    return tuple(words)


def words_around(sentence: str, start: int, end: int, segment: Segmenter, row: str) -> MarkedWords:
    """The words of a sentence whose target ``sentence[start:end]`` is exactly one word.

    What stands left and right of the target is segmented apart, so no segmentation can swallow
    or split it. Raises InputError naming ``row`` for a span that marks no text.
    """
    target = sentence[start:end] if 0 <= start < end <= len(sentence) else ""
    if not target.strip():
        raise InputError(
            f"{row}: span [{start}:{end}] marks no text in {sentence!r}: correct the span"
        )
    left = words_of(sentence[:start], segment)
    spaced = start > 0 and sentence[start - 1].isspace()
    right = list(words_of(sentence[end:], segment))
    if right and not right[0].spaced:
        right[0] = replace(right[0], attached=True)
    word = Word(target.strip(), spaced, start > 0 and not spaced)
    return MarkedWords((*left, word, *right), len(left))
