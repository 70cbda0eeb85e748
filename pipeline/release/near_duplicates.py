"""Nearly equal sentences of different splits, by a join of its own.

The stages before dropped near-duplicates with another join; a proof by the same one would share
its faults, so this one has neither its code nor its method. It is one-sided: each sentence outside
the first split is held by its rarest bigrams, and all sentences pass by, as products of sparse
matrices (sentences by bigrams). It misses nothing: two sentences with a Jaccard similarity of at
least t share at least t times as many bigrams as either has, so of a sentence with n bigrams of
which o must be shared, any n - o + k contain at least k shared ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

I64: TypeAlias = NDArray[np.int64]
Pairs: TypeAlias = tuple[I64, I64]

_AT_LEAST = 2
"""How many rare bigrams two sentences must share before they are compared. 1 finds the same pairs,
but compares so many more that a million random sentences take nearly twice as long."""
_MOST_AT_ONCE = 1 << 22
"""Products that are summed at once: 64 MB."""
_ROWS_AT_ONCE = 4096


@dataclass(frozen=True, slots=True)
class TokenRows:
    """n sentences as numbers that stand for their units, from 1 on."""

    tokens: NDArray[np.int32]
    start: I64
    """(n + 1,): sentence i is ``tokens[start[i]:start[i + 1]]``."""
    split: NDArray[np.int8]
    """(n,)"""

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
        base = int(self.tokens.max(initial=0)) + 1
        owner = np.repeat(np.arange(len(rows)), length + 1)
        found = np.sort((owner * base + tokens[:-1]) * base + tokens[1:])
        return np.divmod(found[np.diff(found, prepend=-1) > 0], base * base)


def near_duplicates(sentences: TokenRows, threshold: float) -> Iterator[Pairs]:
    """Rows of all pairs of two splits with at least this similarity, the lower split first."""
    split, n_rows = sentences.split, len(sentences.split)
    held = np.flatnonzero(split > 0)
    known, sets, rare, needed = _held(sentences, held, threshold)
    posted, by_gram = np.bincount(rare.indices, minlength=len(known)), rare.T.tocsr()
    their_sizes = np.diff(sets.indptr)
    for first in range(0, n_rows if len(held) else 0, _ROWS_AT_ONCE):
        rows = np.arange(first, min(first + _ROWS_AT_ONCE, n_rows))
        owner, codes = sentences.bigrams(rows)
        sizes = np.bincount(owner, minlength=len(rows))
        grams = np.minimum(np.searchsorted(known, codes), len(known) - 1)
        found = known[grams] == codes
        here = _matrix(owner[found], grams[found], (len(rows), len(known)))
        for block in _blocks(here @ posted):
            shared = (here[block] @ by_gram).tocoo()
            mine, theirs = shared.row + block.start, shared.col
            enough = (shared.data >= needed[theirs]) & (split[held[theirs]] > split[rows[mine]])
            less, more = np.sort([sizes[mine], their_sizes[theirs]], axis=0)
            enough &= less >= threshold * more - 1e-9
            mine, theirs = mine[enough], theirs[enough]
            for part in _blocks(sizes[mine]):
                a, b = mine[part], theirs[part]
                both = here[a].multiply(sets[b]).sum(axis=1)
                total = sizes[a] + their_sizes[b]
                alike = both / (total - both) >= threshold
                yield rows[a[alike]], held[b[alike]]


def _held(sentences: TokenRows, rows: I64, threshold: float) -> tuple[I64, Any, Any, I64]:
    """What all sentences pass by: the sentences outside the first split.

    Every bigram of theirs, ascending; which sentence has which, and which as one of its rarest;
    and how many of its rarest another sentence must have.
    """
    parts = [
        sentences.bigrams(rows[first : first + _ROWS_AT_ONCE])
        for first in range(0, len(rows), _ROWS_AT_ONCE)
    ]
    none = np.zeros(0, dtype=np.int64)
    owner = np.concatenate([none, *(own + n * _ROWS_AT_ONCE for n, (own, _) in enumerate(parts))])
    known, grams, counts = np.unique(
        np.concatenate([none, *(codes for _, codes in parts)]),
        return_inverse=True,
        return_counts=True,
    )
    sizes = np.bincount(owner, minlength=len(rows))
    order = np.lexsort((grams, counts[grams], owner))
    place = np.arange(len(grams)) - (np.cumsum(sizes) - sizes)[owner]  # 0: rarest of its sentence
    shared = np.maximum(1, np.ceil(threshold * sizes - 1e-9).astype(np.int64))
    rare = order[place < (sizes - shared + _AT_LEAST)[owner]]
    shape = (len(rows), len(known))
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
