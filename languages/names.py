"""What a language is called."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Names:
    """A language's names: in English, in itself, and its code of three letters."""

    english: str
    own: str
    code_3: str
    """ISO 639-3, as Open Multilingual Wordnet files have it: ``vie``."""
