"""Wording that belongs to a reply, not to a definition or a sentence: talk, labels, markup.

What is a label in every language (numbers in front, English words that models fall back to)
stands here; the rest is the language's :class:`languages.wording.Wording`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from languages.language import Language
from schemas.records import Pos

_LABELS = ("context", "sentence", "example")
_GLOSS_LABELS = ("gloss", "definition")
_MENTION_CHARACTERS = 14
_SUSPECT = re.compile(r"[*_`<&\\{}•]|\"\s*[:,\]]")  # any markup has one of these
_MARKUP = re.compile(
    r"\*\*|__|`|</?[a-zA-Z][^<>]*>|&(?:quot|amp|lt|gt|nbsp|#\d+);|\\[nrtu\"\\]|^[•*]\s|[{}]|"
    r"^\s*[\[(]?\"[a-z_]+\"\s*:|\"\s*[,\]]+\s*$"
)


def talk(text: str, language: Language) -> str | None:
    """The words that talk to the asker, number or label the text."""
    patterns = _patterns(language)
    found = patterns.opening.match(text)
    if found is None and text.rstrip(". ").endswith(")"):
        found = patterns.closing.search(text)
    return found.group().strip() if found else None


def talks_about_target(sentence: str, start: int, end: int, language: Language) -> bool:
    """Whether the sentence speaks of the target as a word: ``The word "drill" means ...``."""
    patterns = _patterns(language)
    if not patterns.mention.search(sentence, max(0, start - _MENTION_CHARACTERS), start):
        return False
    return patterns.about_meaning.search(sentence, end) is not None


def talk_about_task(text: str, language: Language) -> str | None:
    """Words of the task anywhere in a definition."""
    found = _patterns(language).about_task.search(text)
    return found.group() if found else None


def formula(text: str, pos: Pos | None, language: Language) -> str | None:
    """An opening that only tells the part of speech; with none given, of any."""
    wording = language.wording
    formulas = [wording.formulas, wording.formulas_by_pos.get(pos, ()) if pos else ()]
    for phrases in formulas:
        if phrases and (found := _any_of(phrases).match(text)):
            return found.group().strip(" ,:")
    return None


def markup(text: str) -> str | None:
    """The first piece of Markdown, HTML or JSON in the text."""
    if not _SUSPECT.search(text):
        return None
    found = _MARKUP.search(text)
    return found.group().strip() if found else None


class _Patterns(NamedTuple):
    opening: re.Pattern[str]
    closing: re.Pattern[str]
    mention: re.Pattern[str]
    about_meaning: re.Pattern[str]
    about_task: re.Pattern[str]


@lru_cache(maxsize=8)
def _patterns(language: Language) -> _Patterns:
    wording = language.wording
    registers = _either(wording.registers)
    opening = (
        _either(wording.talk),
        rf"{_either([*wording.labels, *_LABELS])}\s*\d*\s*[:.)]",
        rf"{_either([*wording.gloss_labels, *_GLOSS_LABELS])}\s*\d*\s*:",
        r"\(?\d{1,2}\s*[.):]\s",
        r"here (?:is|are)\b",
        rf"{registers}\s*:|[(]\s*{registers}\s*[)]",
    )
    return _Patterns(
        re.compile(rf"[\"“'(*\s]*{_either(opening)}", re.IGNORECASE),
        re.compile(rf"[(]\s*{registers}\s*[)][.\s]*$", re.IGNORECASE),
        re.compile(rf"{_either(wording.mentions)} [\"“‘'«]?$", re.IGNORECASE),
        _any_of(wording.about_meaning),
        re.compile(rf"\b(?:synset|lemma|json)\b|{_either(wording.about_task)}", re.IGNORECASE),
    )


@lru_cache(maxsize=64)
def _any_of(phrases: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(_either(phrases), re.IGNORECASE)


def _either(patterns: Iterable[str]) -> str:
    """A pattern that matches any of several; one that matches nothing for none."""
    return f"(?:{'|'.join(patterns) or '(?!)'})"
