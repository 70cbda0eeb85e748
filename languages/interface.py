"""The texts of the pages of ``viconwsd view``, by what they are in English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

_OURS = "= "


@dataclass(frozen=True, slots=True)
class Interface:
    """A language of the pages; English needs no texts, since its own are the keys."""

    texts: Mapping[str, str] = field(default_factory=dict)
    """By the English text; what stands in braces is filled in and stays as it is."""
    comma: bool = False
    """Whether a comma, not a point, stands before the decimals."""

    def say(self, english: str) -> str:
        """The text in this language."""
        return self.texts.get(english, english)


def read_texts(path: Path) -> dict[str, str]:
    """Texts by the English ones: a line in English, below it ``= `` and the same in a language."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return {
        english: own.removeprefix(_OURS)
        for english, own in zip(lines[::2], lines[1::2], strict=True)
        if own.startswith(_OURS)
    }
