"""Where the target of a sentence is: marked ``[[...]]``, or named."""

from __future__ import annotations

import re

from schemas.errors import InputError
from schemas.text import match_key, normalise
from trainer.text.inputs import Marked

_MARK = re.compile(r"\[\[(.+?)\]\]")


def marked_sentence(text: str, target: str | None = None, row: str = "sentence") -> Marked:
    """The sentence without its marks and the target's span.

    Without marks ``target`` names the word, which must stand in the sentence exactly once, as
    whole syllables. Raises InputError that says what to do.
    """
    text = normalise(text)
    marks = list(_MARK.finditer(text))
    if len(marks) > 1:
        raise InputError(f"{row}: {len(marks)} targets are marked: mark one with [[...]]")
    if marks:
        mark = marks[0]
        inner = mark.group(1)
        word = inner.strip()
        start = mark.start() + inner.index(word)
        sentence = text[: mark.start()] + inner + text[mark.end() :]
        return Marked(sentence, start, start + len(word), row)
    if target is None:
        raise InputError(f"{row}: no target is marked: write [[word]] or name it with --target")
    places = _occurrences(text, target)
    if not places:
        raise InputError(f"{row}: {target!r} does not stand in {text!r}: mark it with [[...]]")
    if len(places) > 1:
        raise InputError(
            f"{row}: {target!r} stands {len(places)} times in {text!r}: mark one with [[...]]"
        )
    start, end = places[0]
    return Marked(text, start, end, row)


def _occurrences(text: str, target: str) -> list[tuple[int, int]]:
    """Spans of the target as whole syllables, case and tone placement aside."""
    key, wanted = match_key(text), match_key(target)
    if len(key) != len(text):  # a letter that case folding lengthens: compare as written
        key, wanted = text, normalise(target)
    pattern = rf"(?<!\w){re.escape(wanted)}(?!\w)"
    return [match.span() for match in re.finditer(pattern, key)]
