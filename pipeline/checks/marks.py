"""Targets marked in a sentence as ``[[...]]``: the span is exact where a word occurs twice."""

from __future__ import annotations

import re
from dataclasses import dataclass

from schemas.text import normalise

OPEN, CLOSE = "[[", "]]"

# What models write for [[ and ]]: one bracket or three, full-width and lenticular ones, spaces
# between two brackets.
_OPENING = re.compile(r"[\[［【〚⟦](?:\s*[\[［【〚⟦])*")
_CLOSING = re.compile(r"[\]］】〛⟧](?:\s*[\]］】〛⟧])*")
_PLAIN = re.compile(
    r"[^\[\]［］【】〚〛⟦⟧]*+\[\[[^\[\]［］【】〚〛⟦⟧]*+\]\][^\[\]［］【】〚〛⟦⟧]*+"
)
_MARK = re.compile(r"\[\[(.*?)\]\]", re.DOTALL)
_ANY_BRACKET = re.compile(r"[\[\]［］【】〚〛⟦⟧]")


@dataclass(frozen=True, slots=True)
class Sound:
    """A sentence in NFC with the span of its target: ``sentence[start:end]``."""

    sentence: str
    start: int
    end: int

    @property
    def target(self) -> str:
        """The target as it is written in the sentence."""
        return self.sentence[self.start : self.end]


def mark(sentence: str, start: int, end: int) -> str:
    """The sentence with ``[[`` and ``]]`` around a span."""
    return f"{sentence[:start]}{OPEN}{sentence[start:end]}{CLOSE}{sentence[end:]}"


def marked_texts(marked: str) -> list[str]:
    """What stands between marks, in order."""
    return _MARK.findall(_plain(marked))


def unmark(marked: str) -> Sound | None:
    """The sentence and the span of its one mark; None where there is no mark, or several.

    The inverse of :func:`mark` for normalised sentences without square brackets and spans
    without spaces at their ends. Spaces inside a mark move outside it.
    """
    parts = _MARK.split(" ".join(_plain(marked).split()))
    if len(parts) != 3:
        return None
    before, inside, after = parts
    target = inside.strip()
    if not target or any(_ANY_BRACKET.search(part) for part in parts):
        return None
    left = _with_gap(before, inside.startswith(" ")).lstrip()
    right = _with_gap(after[::-1], inside.endswith(" "))[::-1].rstrip()
    return Sound(left + target + right, len(left), len(left) + len(target))


def stray_bracket(marked: str) -> str | None:
    """The first bracket that is not part of a well-formed mark."""
    plain = _plain(marked)
    stray = _ANY_BRACKET.search(_MARK.sub(r"\1", plain))
    return stray.group() if stray else None


def without_marks(marked: str) -> str:
    """The text with every bracket taken out, normalised."""
    return normalise(_ANY_BRACKET.sub("", marked))


def _with_gap(text: str, gap: bool) -> str:
    """The text with a space at its end, if a gap is wanted and it has none."""
    return f"{text} " if gap and not text.endswith(" ") else text


def _plain(marked: str) -> str:
    if _PLAIN.fullmatch(marked):
        return marked
    return _CLOSING.sub(CLOSE, _OPENING.sub(OPEN, marked))
