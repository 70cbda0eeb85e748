"""Whether a text is in the language: by the form of its words, without a language model.

Names, acronyms and numbers say nothing about the language of a text, so they are not counted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from languages.recognition import Recognition
from languages.spelling import Spelling

# Letters beyond Latin with its extensions, Greek and modifier letters.
_OTHER_SCRIPT = re.compile(
    r"[^\W\d_\u0000-\u03ff\u1d00-\u1fff\u2070-\u209f\u2100-\u218f]", re.UNICODE
)
WordTest: TypeAlias = Callable[[str], bool]
_NUMBER, _NAME, _OTHER, _PLAIN, _TELLING = range(5)


class Shares(NamedTuple):
    """Shares among the counted words of a text; both are 1 where too few are counted."""

    well_formed: float
    telling: float
    """Of well-formed words that are telling, too."""


def shares(words: Sequence[str], of: Recognition) -> Shares:
    """How much of a text is in a language, given its words.

    Counted are words of letters only that are not names or acronyms (capitalised and not well
    formed). Below ``few`` of them nothing is said about telling ones: a short text may
    have none by chance.
    """
    well_formed, tells = of.well_formed, of.telling
    kinds = [_kind(word, well_formed, tells) for word in words]
    telling, plain = kinds.count(_TELLING), kinds.count(_PLAIN)
    counted = telling + plain + kinds.count(_OTHER)
    if not counted:
        return Shares(0.0 if _NAME in kinds else 1.0, 0.0 if _NAME in kinds else 1.0)
    return Shares((telling + plain) / counted, telling / counted if counted >= of.few else 1.0)


def letter_of_other_script(text: str, spelling: Spelling) -> str | None:
    """The first letter of another script than Latin, Greek and the language's own."""
    return next(
        (letter for letter in _OTHER_SCRIPT.findall(text) if not spelling.has_script_of(letter)),
        None,
    )


@lru_cache(maxsize=1 << 16)
def _kind(word: str, well_formed: WordTest, telling: WordTest) -> int:
    if not word.isalpha():
        return _NUMBER
    if well_formed(word):
        return _TELLING if telling(word) else _PLAIN
    return _NAME if word[0].isupper() else _OTHER
