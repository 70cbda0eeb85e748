"""Where the target of a sentence is: marked ``[[...]]``, or named."""

from __future__ import annotations

import re

from languages.language import Language
from schemas.errors import InputError
from schemas.text import normalise
from trainer.text.inputs import MarkedSentence

_MARK = re.compile(r"\[\[(.+?)\]\]")


def check_marks(text: str, target: str | None = None, row: str = "sentence") -> None:
    """Raises InputError where a text marks several targets, or none and none is named."""
    n_marks = len(_MARK.findall(text))
    if n_marks > 1:
        raise InputError(f"{row}: {n_marks} targets are marked: mark one with [[...]]")
    if not n_marks and target is None:
        raise InputError(f"{row}: no target is marked: write [[word]] or name it with --target")


def find_target(
    text: str, language: Language, target: str | None = None, row: str = "sentence"
) -> MarkedSentence:
    """The sentence without its marks and the target's span.

    Without marks ``target`` names the word, which must stand in the sentence exactly once, as
    whole words. Raises InputError that says what to do.
    """
    text = normalise(text)
    check_marks(text, target, row)
    mark = _MARK.search(text)
    if mark is not None:
        inner = mark.group(1)
        word = inner.strip()
        start = mark.start() + inner.index(word)
        sentence = text[: mark.start()] + inner + text[mark.end() :]
        return MarkedSentence(sentence, start, start + len(word), row)
    assert target is not None
    places = _occurrences(text, target, language)
    if not places:
        raise InputError(f"{row}: {target!r} does not stand in {text!r}: mark it with [[...]]")
    if len(places) > 1:
        raise InputError(
            f"{row}: {target!r} stands {len(places)} times in {text!r}: mark one with [[...]]"
        )
    start, end = places[0]
    return MarkedSentence(text, start, end, row)


def _occurrences(text: str, target: str, language: Language) -> list[tuple[int, int]]:
    """Spans of the target not inside longer runs of letters, case and spelling aside."""
    key, wanted = language.match_key(text), language.match_key(target)
    if len(key) != len(text):  # a letter that case folding lengthens: compare as written
        key, wanted = text, normalise(target)
    pattern = rf"(?<!\w){re.escape(wanted)}(?!\w)"
    return [match.span() for match in re.finditer(pattern, key)]
