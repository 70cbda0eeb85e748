"""How a language is written, as far as two spellings of a word must be known as one."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from schemas.text import normalise


def unfolded(text: str) -> str:
    """The text itself: for languages in which case is all that two spellings differ in."""
    return text


@dataclass(frozen=True, slots=True)
class Spelling:
    """The letters of a language, and what is the same word in another spelling."""

    letters: frozenset[str]
    """The lower-case letters of its alphabet, with their marks, each NFC."""
    fold: Callable[[str], str] = unfolded
    """Maps the spellings of a lower-case word to one of them, equally long."""
    script: str = "LATIN"
    """How the Unicode names of the letters begin."""

    def has_script_of(self, letter: str) -> bool:
        """Whether a letter, of the alphabet or not, is of its script."""
        return unicodedata.name(letter, "").startswith(self.script)

    def match_key(self, text: str) -> str:
        """The form in which two spellings of the same word are equal; for comparing only.

        Normalised, case folded, one spelling of several. For text that :func:`normalise` leaves
        alone and that is written with ``letters`` the key has the length of the text, so
        offsets carry over.
        """
        return self.fold(normalise(text).casefold())

    def foreign_letters(self, text: str) -> str:
        """The letters of a text that the alphabet lacks, each once, in order."""
        lowered = unicodedata.normalize("NFC", text).lower()
        return "".join(dict.fromkeys(c for c in lowered if c.isalpha() and c not in self.letters))
