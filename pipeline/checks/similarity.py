"""How alike two texts are: Jaccard similarity of their pairs of neighbouring syllables."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from itertools import pairwise

from schemas.text import match_key, syllables


def key_syllables(text: str) -> tuple[str, ...]:
    """The syllables of the match key: what stays when case, punctuation and spacing go."""
    return tuple(syllables(match_key(text)))


def pairs(keys: tuple[str, ...]) -> frozenset[str]:
    """The pairs of neighbouring syllables, the ends of the text counting as neighbours."""
    return frozenset(f"{left} {right}" for left, right in pairwise(("", *keys, "")))


def jaccard(one: AbstractSet[object], other: AbstractSet[object]) -> float:
    """|A ∩ B| / |A ∪ B|; 1 for two empty sets."""
    if not one and not other:
        return 1.0
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared)
