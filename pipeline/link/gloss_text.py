"""From the English side of a bilingual entry to the words that it gives."""

from __future__ import annotations

import re
from collections.abc import Iterator

_IN_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_BETWEEN = re.compile(r"[;,/|]")
_HYPHEN = re.compile(r"\s*-\s*")
_LEADING = re.compile(r"(?:to be|to|a|an|the|be)\s+")
_LONGEST = 60


def equivalents(text: str) -> Iterator[str]:
    """The phrases of a text in lower case, without brackets, articles and *to*, each once.

    >>> list(equivalents("(động vật) To gnaw, to nibble at; a mouse - hole."))
    ['gnaw', 'nibble at', 'mouse-hole']
    """
    found = (_phrase(part) for part in _BETWEEN.split(_IN_BRACKETS.sub(" ", text)))
    yield from dict.fromkeys(phrase for phrase in found if phrase and len(phrase) <= _LONGEST)


def _phrase(part: str) -> str:
    phrase = _HYPHEN.sub("-", " ".join(part.split())).strip(" .!?:'\"").lower()
    return _LEADING.sub("", phrase, count=1) if _LEADING.match(phrase) else phrase
