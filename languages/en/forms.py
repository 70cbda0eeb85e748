"""The inflected forms of English words: regular ones by rule, the others from a list.

A form counts where it could be one: "travelled" and "traveled", "cactuses" and "cacti". Rules that
make a word that nobody writes do no harm, since it is looked for and never found.
"""

from __future__ import annotations

import re
from functools import lru_cache

from languages.en.irregular import ADJECTIVES, NOUNS, VERBS
from schemas.records import Pos

_UNIT = re.compile(r"[^\W_]+")
_VOWELS = "aeiou"
_PREFIXES = ("be", "for", "fore", "inter", "mis", "off", "out", "over", "pre", "re", "un", "under",
             "up", "with")  # fmt: skip
_PLURALS = (("man", "men"), ("us", "i"), ("um", "a"), ("on", "a"), ("is", "es"), ("a", "ae"),
            ("ix", "ices"), ("ex", "ices"), ("au", "aux"), ("f", "ves"), ("fe", "ves"))  # fmt: skip
"""Endings of nouns, and how their plural may end."""


def is_form(key: str, lemma: str, pos: Pos | None) -> bool:
    """Whether a word is the lemma or a form of it, both as match keys.

    Of several words one may be inflected: "took off", "attorneys general", "mothers-in-law".
    Without ``pos`` it may be a form of any part of speech.
    """
    if key == lemma:
        return True
    if _UNIT.sub("x", key) != _UNIT.sub("x", lemma):
        return False
    pairs = zip(_UNIT.findall(key), _UNIT.findall(lemma), strict=True)
    changed = [(word, base) for word, base in pairs if word != base]
    return len(changed) == 1 and changed[0][0] in _forms(changed[0][1], pos)


@lru_cache(maxsize=1 << 14)
def _forms(word: str, pos: Pos | None) -> frozenset[str]:
    forms: set[str] = set()
    if pos in (Pos.NOUN, Pos.OTHER, None):
        forms |= _with_s(word) | _listed(word, NOUNS)
        forms.update(
            word.removesuffix(end) + other for end, other in _PLURALS if word.endswith(end)
        )
    if pos in (Pos.VERB, Pos.OTHER, None):
        forms |= _with_s(word) | _with("ed", word) | _with("ing", word) | _verbs(word)
        if word.endswith("ie"):
            forms.add(f"{word[:-2]}ying")
    if pos in (Pos.ADJ, Pos.ADV, None):
        forms |= _with("er", word) | _with("est", word) | _listed(word, ADJECTIVES)
    return frozenset(forms)


def _listed(word: str, irregular: dict[str, tuple[str, ...]]) -> set[str]:
    return set(irregular.get(word, ()))


def _verbs(word: str) -> set[str]:
    """Irregular forms, of compounds too: "overcame", "mistook"."""
    found = _listed(word, VERBS)
    for prefix in _PREFIXES:
        base = word.removeprefix(prefix)
        if base != word:
            found.update(f"{prefix}{form}" for form in _listed(base, VERBS))
    return found


def _with_s(word: str) -> set[str]:
    if len(word) > 1 and word[-1] == "y" and word[-2] not in _VOWELS:
        return {f"{word[:-1]}ies", f"{word}s"}  # the Kennedys
    if word.endswith(("s", "x", "z", "ch", "sh", "o")):
        return {f"{word}es", f"{word}s", f"{word}{word[-1]}es"}
    return {f"{word}s"}


def _with(ending: str, word: str) -> set[str]:
    """The word with -ed, -ing, -er or -est: "hoped", "hopping", "panicked", "happier"."""
    forms = {f"{word}{ending}"}
    if word.endswith("e"):
        forms.add(f"{word[:-1]}{ending}")
    elif word.endswith("y") and ending != "ing":
        forms.add(f"{word[:-1]}i{ending}")
    elif word.endswith("c"):
        forms.add(f"{word}k{ending}")
    elif len(word) > 1 and word[-1] not in "aeiouwxy" and word[-2] in _VOWELS:
        forms.add(f"{word}{word[-1]}{ending}")
    return forms
