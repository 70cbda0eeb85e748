"""A small part of a lexicon in which lemmas keep all their senses."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from languages.language import Language
from schemas.records import Synset


def sample_synsets(synsets: Sequence[Synset], limit: int, language: Language) -> frozenset[str]:
    """The ids of at most ``limit`` synsets, the same whatever their order.

    Lemmas are drawn by a digest of their key, every other one among the polysemous ones while
    they last, and bring all their synsets along; a lemma whose synsets do not fit is passed
    over. So a sample keeps whole sets of siblings, which is what a trial run is to show.
    """
    by_lemma: dict[str, set[str]] = {}
    for row in synsets:
        for lemma in row.lemmas:
            by_lemma.setdefault(language.match_key(lemma), set()).add(row.synset_id)
    drawn = sorted(by_lemma, key=_place)
    several = [lemma for lemma in drawn if len(by_lemma[lemma]) > 1]
    single = [lemma for lemma in drawn if len(by_lemma[lemma]) == 1]
    chosen: set[str] = set()
    for lemma in _in_turn(several, single):
        if len(chosen | by_lemma[lemma]) <= limit:
            chosen |= by_lemma[lemma]
        if len(chosen) == limit:
            break
    return frozenset(chosen)


def _place(lemma: str) -> bytes:
    return hashlib.sha256(lemma.encode()).digest()


def _in_turn(first: list[str], second: list[str]) -> list[str]:
    """One of each in turn, then what is left of the longer list."""
    paired = [lemma for pair in zip(first, second, strict=False) for lemma in pair]
    shorter = min(len(first), len(second))
    return paired + first[shorter:] + second[shorter:]
