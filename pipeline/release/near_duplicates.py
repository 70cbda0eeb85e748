"""Nearly equal sentences of different splits, by a join of its own.

The stages before dropped near-duplicates with another join; a proof by the same one would share
its faults, so this one has neither its code nor its method. It is one-sided: each sentence outside
the first split is held by its rarest bigrams, and all sentences pass by, as products of sparse
matrices (sentences by bigrams). It misses nothing: two sentences with a Jaccard similarity of at
least t share at least t times as many bigrams as either has, so of a sentence with n bigrams of
which o must be shared, any n - o + k contain at least k shared ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

I64: TypeAlias = NDArray[np.int64]
Pairs: TypeAlias = tuple[I64, I64]

_AT_LEAST = 2
"""How many rare bigrams two sentences must share before they are compared. 1 finds the same pairs,
but compares so many more that a million random sentences take nearly twice as long."""
_MOST_AT_ONCE = 1 << 20
"""Products that are summed at once: 16 MB, and three times that to look through them."""


@dataclass(frozen=True, slots=True)
class TokenRows:
    """n sentences as numbers that stand for their units, from 1 on."""

    tokens: NDArray[np.int32]
    start: I64
    """(n + 1,): sentence i is ``tokens[start[i]:start[i + 1]]``."""
    n_units: int
    """The greatest number there is."""

    def bigrams(self, rows: I64) -> Pairs:
        """The place in ``rows`` and the number of each distinct bigram of each of them, ascending.

        The ends of a sentence count as neighbours of its outer units.
        """
        length = np.diff(self.start)[rows]
        row = np.repeat(np.arange(len(rows)), length)
        at = np.arange(len(row)) + (self.start[rows] - np.cumsum(length) + length)[row]
        # an end before each sentence and after the last: n units have n + 1 bigrams
        tokens = np.zeros(len(at) + len(rows) + 1, dtype=np.int64)
        tokens[np.arange(len(at)) + row + 1] = self.tokens[at]
        base = self.n_units + 1
        owner = np.repeat(np.arange(len(rows)), length + 1)
        found = np.sort((owner * base + tokens[:-1]) * base + tokens[1:])
        return np.divmod(found[np.diff(found, prepend=-1) > 0], base * base)


@dataclass(frozen=True, slots=True)
class Bigrams:
    """The distinct bigrams of n sentences, one sentence after the other."""

    number: I64
    """(n,): what each is called."""
    split: NDArray[np.int8]
    """(n,)"""
    sizes: I64
    """(n,): how many bigrams each has."""
    codes: I64
    """Ascending within a sentence; equal for equal bigrams only."""

    @classmethod
    def joined(cls, parts: Sequence[Bigrams]) -> Bigrams:
        """Several, one after the other."""
        names = ("number", "split", "sizes", "codes")
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))

    @property
    def owner(self) -> I64:
        """The place of the sentence of each bigram."""
        return np.repeat(np.arange(len(self.sizes)), self.sizes)


def near_duplicates(held: Bigrams, passing: Iterable[Bigrams], threshold: float) -> Iterator[Pairs]:
    """All pairs of a passing sentence and a held one of a higher split with this similarity.

    They are named by their numbers. All that pass together should be a few thousand.
    """
    known, sets, rare, needed = _held(held, threshold)
    posted, by_gram = np.bincount(rare.indices, minlength=len(known)), rare.T.tocsr()
    for some in passing:
        grams = np.minimum(np.searchsorted(known, some.codes), len(known) - 1)
        found = known[grams] == some.codes
        here = _matrix(some.owner[found], grams[found], (len(some.sizes), len(known)))
        for block in _blocks(here @ posted):
            shared = (here[block] @ by_gram).tocoo()
            mine, theirs = shared.row + block.start, shared.col
            enough = (shared.data >= needed[theirs]) & (held.split[theirs] > some.split[mine])
            less, more = np.sort([some.sizes[mine], held.sizes[theirs]], axis=0)
            enough &= less >= threshold * more - 1e-9
            mine, theirs = mine[enough], theirs[enough]
            for part in _blocks(some.sizes[mine]):
                a, b = mine[part], theirs[part]
                both = here[a].multiply(sets[b]).sum(axis=1)
                total = some.sizes[a] + held.sizes[b]
                alike = both / (total - both) >= threshold
                yield some.number[a[alike]], held.number[b[alike]]


def _held(held: Bigrams, threshold: float) -> tuple[I64, Any, Any, I64]:
    """What the other sentences pass by.

    Every bigram of the held sentences, ascending; which sentence has which, and which as one of its
    rarest; and how many of its rarest another sentence must have.
    """
    known, grams, counts = np.unique(held.codes, return_inverse=True, return_counts=True)
    sizes, owner = held.sizes, held.owner
    order = np.lexsort((grams, counts[grams], owner))
    place = np.arange(len(grams)) - (np.cumsum(sizes) - sizes)[owner]  # 0: rarest of its sentence
    shared = np.maximum(1, np.ceil(threshold * sizes - 1e-9).astype(np.int64))
    rare = order[place < (sizes - shared + _AT_LEAST)[owner]]
    shape = (len(sizes), len(known))
    sets, rarest = _matrix(owner, grams, shape), _matrix(owner[rare], grams[rare], shape)
    return known, sets, rarest, np.minimum(shared, _AT_LEAST)


def _matrix(rows: I64, columns: I64, shape: tuple[int, int]) -> Any:
    """A sparse matrix with 1 at each of the places."""
    from scipy.sparse import csr_array

    return csr_array((np.ones(len(rows), dtype=np.int32), (rows, columns)), shape=shape)


def _blocks(lengths: I64) -> Iterator[slice]:
    """Consecutive items whose lengths add up to little enough for memory; one item at least."""
    ends = np.cumsum(lengths)
    first = 0
    while first < len(lengths):
        done = int(ends[first - 1]) if first else 0
        last = max(first + 1, int(np.searchsorted(ends, done + _MOST_AT_ONCE, side="right")))
        yield slice(first, last)
        first = last
