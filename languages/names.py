"""What a language is called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Names:
    """A language's names: in English, in itself, and its code of three letters."""

    english: str
    own: str
    code_3: str
    """ISO 639-3, as Open Multilingual Wordnet files have it: ``vie``."""
    others: Mapping[str, str] = field(default_factory=dict)
    """What it calls languages, itself too, by their codes: ``{"en": "tiếng Anh"}``."""

    def of(self, code: str) -> str:
        """What the language of a code such as ``en`` or ``en-GB`` is called; else the code."""
        return self.others.get(code.partition("-")[0].lower(), code)
