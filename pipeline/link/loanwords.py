"""English words within a lemma of another language: kept beside its own, or written by ear.

"nước Pakistan" ends in a word of Princeton's; "Pa-ki-xtan" sounds like it. Both sides are brought
to one rough spelling of sounds, and compared by edit distance within a lexicographer file. At least
half of a lemma's words must be borrowed: of more others, the borrowed one is but a modifier ("người
theo chủ nghĩa Trotsky").
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from languages.language import Language
from pipeline.link.english import EnglishIndex

LEAST_ALIKE = 0.7
_SHORTEST_KEY = 4
_COMPARED = 30
"""Words that share the most pairs of letters are compared letter by letter."""
_ENGLISH_SOUNDS = tuple(
    (re.compile(pattern), letters)
    for pattern, letters in (
        *(("ph", "f"), ("th", "t"), ("sch", "s"), ("c[hk]", "k"), ("qu", "kv")),
        *(("c(?=[eiy])", "s"), ("c", "k"), ("x", "ks"), ("oo", "u"), ("ee", "i"), ("ou", "u")),
        *(("y", "i"), ("z", "s"), ("w", "v"), ("tion", "sion"), ("gh", "g"), ("e$", ""), ("h", "")),
    )
)
_DOUBLED = re.compile(r"(.)\1+")


@dataclass(frozen=True, slots=True)
class Borrowing:
    """What a borrowed word says of a synset that has it."""

    contained: bool
    """Whether it stands there as it is, or only sounds alike."""
    alike: float
    """From LEAST_ALIKE to 1."""
    rivals: int
    """Of how many synsets it says as much or more, this one included."""


class Loanwords:
    """Finds the synsets that share a borrowed word with a row."""

    def __init__(self, english: EnglishIndex, language: Language) -> None:
        self._english = english
        self._well_formed = language.recognition.well_formed
        self._sounds = [(re.compile(p), letters) for p, letters in language.linking.sounds]
        self._spoken: dict[str, _Spoken] = {}

    def find(self, lemmas: Iterable[str], supersense: str) -> dict[int, Borrowing]:
        """By number of the synset; a word that is contained counts before one that sounds alike."""
        contained: dict[int, Borrowing] = {}
        alike: dict[int, float] = {}
        for lemma in lemmas:
            parts = lemma.replace(" .", ".").split()
            if all(map(self._is_own, parts)):
                continue
            if holding := self._contained(parts, supersense):
                for n in holding:
                    if n not in contained or contained[n].rivals > len(holding):
                        contained[n] = Borrowing(True, 1.0, len(holding))
            elif (key := self._key(parts)) is not None:
                for n, value in self._of(supersense).alike(key).items():
                    alike[n] = max(value, alike.get(n, 0.0))
        values = np.sort(np.array(list(alike.values())))
        sounding = {
            n: Borrowing(False, value, len(values) - int(np.searchsorted(values, value)))
            for n, value in alike.items()
        }
        return sounding | contained

    def _is_own(self, word: str) -> bool:
        return "-" not in word and self._well_formed(word)

    def _contained(self, parts: list[str], supersense: str) -> list[int]:
        """The synsets of the longest end of a lemma that is an English word and not of its own."""
        for start in range(len(parts) // 2 + 1):
            if all(map(self._well_formed, parts[start:])):
                break
            word = self._english.find(" ".join(parts[start:]).lower())
            if word is not None and (holding := self._english.holding(word, supersense)):
                return holding
        return []

    def _key(self, parts: list[str]) -> str | None:
        """How the borrowed words at the end of a lemma sound, if they are long enough to tell."""
        start = len(parts)
        while start and not self._is_own(parts[start - 1]):
            start -= 1
        if start > len(parts) // 2:
            return None
        syllables = re.split(r"[-\s]+", " ".join(parts[start:]))
        key = sounds("".join(sounds(each, self._sounds) for each in syllables), ())
        return key if len(key) >= _SHORTEST_KEY else None

    def _of(self, supersense: str) -> _Spoken:
        if supersense not in self._spoken:
            self._spoken[supersense] = _Spoken(self._english, supersense)
        return self._spoken[supersense]


class _Spoken:
    """The words of the synsets that a supersense admits, by how they sound."""

    def __init__(self, english: EnglishIndex, supersense: str) -> None:
        self._synsets: dict[str, set[int]] = defaultdict(set)
        for n in np.flatnonzero(english.admitted(supersense)).tolist():
            for word in english.words[n]:
                key = sounds(word, _ENGLISH_SOUNDS)
                if len(key) >= _SHORTEST_KEY:
                    self._synsets[key].add(n)
        self._keys = sorted(self._synsets)
        places: dict[str, list[int]] = defaultdict(list)
        for place, key in enumerate(self._keys):
            for pair in _pairs(key):
                places[pair].append(place)
        self._places: Mapping[str, NDArray[np.int64]] = {
            pair: np.array(found, dtype=np.int64) for pair, found in places.items()
        }
        n_pairs = np.array([len(_pairs(key)) for key in self._keys])
        self._lengths = np.sqrt(n_pairs) if len(n_pairs) else n_pairs

    def alike(self, key: str) -> dict[int, float]:
        """The synsets with a word that sounds like it, and how alike they are."""
        shared = [self._places[pair] for pair in sorted(_pairs(key)) if pair in self._places]
        if not shared:
            return {}
        common = np.bincount(np.concatenate(shared), minlength=len(self._keys)) / self._lengths
        found: dict[int, float] = {}
        for place in np.argsort(-common, kind="stable")[:_COMPARED].tolist():
            other = self._keys[place]
            value = 1 - _edits(key, other) / max(len(key), len(other))
            if value >= LEAST_ALIKE:
                for n in self._synsets[other]:
                    found[n] = max(value, found.get(n, 0.0))
        return found


def sounds(text: str, rules: Iterable[tuple[re.Pattern[str], str]]) -> str:
    """The letters a to z of a text without marks, respelled by the rules in turn, none doubled."""
    bare = unicodedata.normalize("NFD", text.lower()).replace("đ", "d")
    key = "".join(letter for letter in bare if "a" <= letter <= "z")
    for pattern, letters in rules:
        key = pattern.sub(letters, key)
    return _DOUBLED.sub(r"\1", key)


def _pairs(key: str) -> set[str]:
    return {a + b for a, b in zip(f"^{key}", f"{key}$", strict=True)}


def _edits(one: str, other: str) -> int:
    """Letters to insert, delete or replace (Levenshtein 1966)."""
    before = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        now = [row]
        for column, against in enumerate(other, 1):
            replaced = before[column - 1] + (letter != against)
            now.append(min(before[column] + 1, now[-1] + 1, replaced))
        before = now
    return before[-1]
