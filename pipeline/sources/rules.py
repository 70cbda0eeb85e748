"""The noise rules: one code and one pure function each.

A rule on lemmas returns what is wrong with one lemma of a synset, or None. ``no_lemma_left`` and
``indistinct_synset`` are about whole synsets; :mod:`pipeline.sources.clean` applies all of them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from languages.language import Language
from languages.recognition import Recognition
from pipeline.sources.settings import NoiseSettings
from schemas.text import units


class NoiseCode(StrEnum):
    """Why a lemma or a synset of the source was dropped."""

    STRAY_CHARACTER = "stray_character"
    EMPTY_LEMMA = "empty_lemma"
    TEMPLATE_RESIDUE = "template_residue"
    FOREIGN_SCRIPT = "foreign_script"
    FOREIGN_LETTER = "foreign_letter"
    FOREIGN_PHRASE = "foreign_phrase"
    STRAY_PUNCTUATION = "stray_punctuation"
    NO_LETTER = "no_letter"
    OVER_LONG = "over_long"
    REPEATED_LEMMA = "repeated_lemma"
    NO_LEMMA_LEFT = "no_lemma_left"
    INDISTINCT_SYNSET = "indistinct_synset"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A lemma before the rules."""

    written: str
    """As the source has it."""
    lemma: str
    """NFC, single spaces, no underscores."""
    kept: Mapping[str, Sequence[str]]
    """The lemmas of the synset accepted before it, by match key."""
    settings: NoiseSettings
    language: Language


Rule = Callable[[Candidate], str | None]

_INVISIBLE = frozenset({"Cc", "Cf", "Co", "Cn", "Cs"})
_WIKI = ("template", "category")
_PUNCTUATION = re.compile(r"[^\w\s.'’\-–/%&+]")


def stray_character(candidate: Candidate) -> str | None:
    """A control, format or replacement character, or a combining mark without its letter."""
    white = re.sub(r"\s", " ", candidate.written)
    composed = unicodedata.normalize("NFC", white)
    for character in composed:
        kind = unicodedata.category(character)
        if kind in _INVISIBLE or kind.startswith("M") or character == "\ufffd":
            return f"U+{ord(character):04X} {unicodedata.name(character, kind)}"
    return None


def empty_lemma(candidate: Candidate) -> str | None:
    """Nothing but spaces."""
    return None if candidate.lemma else "no text between two separators"


def template_residue(candidate: Candidate) -> str | None:
    """A piece of wiki or HTML markup."""
    found = _residue(candidate.language).search(candidate.lemma)
    return found.group() if found else None


def other_script(candidate: Candidate) -> str | None:
    """A letter of another script than the language's."""
    spelling = candidate.language.spelling
    foreign = spelling.foreign_letters(candidate.lemma)
    return "".join(c for c in foreign if not spelling.has_script_of(c)) or None


def foreign_letter(candidate: Candidate) -> str | None:
    """A letter of the language's script that its alphabet lacks."""
    spelling = candidate.language.spelling
    foreign = spelling.foreign_letters(candidate.lemma)
    return "".join(c for c in foreign if spelling.has_script_of(c)) or None


def foreign_phrase(candidate: Candidate) -> str | None:
    """Two or more words, none of which could be of the language; single loanwords are kept.

    A lone letter or number tells nothing: "vitamin C" is a loanword.
    """
    words = [word for word in candidate.lemma.split() if sum(map(str.isalpha, word)) > 1]
    if len(words) < 2 or any(could_be(word, candidate.language.recognition) for word in words):
        return None
    return f"none of its words could be {candidate.language.names.english}"


def could_be(word: str, of: Recognition) -> bool:
    """Whether a word is telling, or made of nothing but well-formed units."""
    return of.telling(word) or all(map(of.well_formed, units(word)))


def stray_punctuation(candidate: Candidate) -> str | None:
    """A character that no word is written with: brackets, quotes, list separators."""
    found = _PUNCTUATION.findall(candidate.lemma)
    return "".join(dict.fromkeys(found)) or None


def no_letter(candidate: Candidate) -> str | None:
    """Only digits and signs."""
    return None if any(c.isalpha() for c in candidate.lemma) else "not one letter"


def over_long(candidate: Candidate) -> str | None:
    """More syllables or words than ``max_length``: a description rather than a word."""
    length, unit = len(units(candidate.lemma)), candidate.language.segmentation.unit
    at_most = candidate.settings.length_limit(candidate.language)
    return f"{length} {unit}s, at most {at_most}" if 0 < at_most < length else None


def repeated_lemma(candidate: Candidate) -> str | None:
    """The lemma of the synset once more, but for case and spelling variants."""
    earlier = candidate.kept.get(candidate.language.match_key(candidate.lemma), ())
    if not candidate.settings.repeated_lemma:
        earlier = [lemma for lemma in earlier if lemma == candidate.lemma]
    return f"the same lemma as {earlier[0]!r} in this synset" if earlier else None


@lru_cache(maxsize=8)
def _residue(language: Language) -> re.Pattern[str]:
    names = "|".join([*_WIKI, *language.wording.wiki])
    return re.compile(rf"(?:{names})\s*:|\{{\{{|\}}\}}|\[\[|\]\]|<[^>]*>|&\w+;", re.IGNORECASE)


LEMMA_RULES: Mapping[NoiseCode, Rule] = {
    NoiseCode.STRAY_CHARACTER: stray_character,
    NoiseCode.EMPTY_LEMMA: empty_lemma,
    NoiseCode.TEMPLATE_RESIDUE: template_residue,
    NoiseCode.FOREIGN_SCRIPT: other_script,
    NoiseCode.FOREIGN_LETTER: foreign_letter,
    NoiseCode.FOREIGN_PHRASE: foreign_phrase,
    NoiseCode.STRAY_PUNCTUATION: stray_punctuation,
    NoiseCode.NO_LETTER: no_letter,
    NoiseCode.OVER_LONG: over_long,
    NoiseCode.REPEATED_LEMMA: repeated_lemma,
}
"""In the order in which they are asked; the first that finds something names the reject."""

ALWAYS_ON = frozenset({NoiseCode.EMPTY_LEMMA, NoiseCode.OVER_LONG, NoiseCode.REPEATED_LEMMA})
"""Rules that look at their setting themselves, or without which a table could not be made."""


def active_rules(rules: NoiseSettings) -> list[tuple[NoiseCode, Rule]]:
    """The rules on lemmas that the settings leave on, in order."""
    return [
        (code, rule)
        for code, rule in LEMMA_RULES.items()
        if code in ALWAYS_ON or getattr(rules, code.value)
    ]
