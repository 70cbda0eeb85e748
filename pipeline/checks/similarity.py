"""How alike two texts are: Jaccard similarity of their pairs of neighbouring units."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from languages.language import Language
from schemas.text import units


class Like(NamedTuple):
    """A set met earlier, by its place, and its similarity."""

    place: int
    similarity: float


def key_units(text: str, language: Language) -> tuple[str, ...]:
    """The units of the match key: what stays when case, punctuation and spacing go."""
    return tuple(units(language.match_key(text)))


def pairs(keys: Sequence[str]) -> frozenset[str]:
    """The pairs of neighbouring units, the ends of the text counting as neighbours."""
    return frozenset(f"{left} {right}" for left, right in pairwise(("", *keys, "")))


def jaccard(one: AbstractSet[object], other: AbstractSet[object]) -> float:
    """|A ∩ B| / |A ∪ B|; 1 for two empty sets."""
    if not one and not other:
        return 1.0
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared)


def earlier_like(sets: Iterable[AbstractSet[str]], threshold: float) -> Iterator[list[Like]]:
    """For each set the earlier ones of at least a similarity, in their order.

    The members of a set lead to the earlier sets that hold them, and counting how often each is
    led to gives what both share: exact, without comparing sets.
    """
    numbers: dict[str, int] = {}
    holders: list[array[int]] = []
    sizes = array("i")
    for place, members in enumerate(sets):
        own = [numbers.setdefault(member, len(numbers)) for member in members]
        holders.extend(array("i") for _ in range(len(numbers) - len(holders)))
        met = [np.frombuffer(holders[number], np.intc) for number in own if holders[number]]
        yield _like(met, np.frombuffer(sizes, np.intc), len(own), threshold) if met else []
        del met  # an array that is looked at cannot grow
        sizes.append(len(own))
        for number in own:
            holders[number].append(place)


def _like(met: list[np.ndarray], sizes: np.ndarray, own_size: int, threshold: float) -> list[Like]:
    others, shared = np.unique(np.concatenate(met), return_counts=True)
    similarity = shared / (sizes[others] + own_size - shared)
    enough = similarity >= threshold
    return [
        Like(place, likeness)
        for place, likeness in zip(
            others[enough].tolist(), similarity[enough].tolist(), strict=True
        )
    ]
