"""Nearly equal sentences of different splits, by a join of its own.

The stages before dropped near-duplicates with another join; a proof by the same one would share
its faults, so this one has neither its code nor its method. It is one-sided: each sentence outside
the first split is found by its rarest bigrams, and all sentences pass by. It misses nothing: two
sentences with a Jaccard similarity of at least t share at least t times as many bigrams as either
has, so of a sentence with n bigrams of which o must be shared, any n - o + k contain at least k
shared ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

I64: TypeAlias = NDArray[np.int64]
Pairs: TypeAlias = tuple[I64, I64]

_AT_LEAST = 2
"""How many rare bigrams two sentences must share before they are compared. 1 finds the same pairs,
but compares so many more that a million random sentences take nearly twice as long."""
_MOST_AT_ONCE = 1 << 22
"""Numbers in a temporary array: 32 MB."""
_ROWS_AT_ONCE = 4096


@dataclass(frozen=True, slots=True)
class TokenRows:
    """n sentences as numbers that stand for their units, from 1 on."""

    tokens: NDArray[np.int32]
    start: I64
    """(n + 1,): sentence i is ``tokens[start[i]:start[i + 1]]``."""
    split: NDArray[np.int8]
    """(n,)"""


def near_duplicates(sentences: TokenRows, threshold: float) -> Iterator[Pairs]:
    """Rows of all pairs of two splits with at least this similarity, the lower split first."""
    n_rows = len(sentences.split)
    held = _Held.of(sentences, np.flatnonzero(sentences.split > 0), threshold)
    for first in range(0, n_rows, _ROWS_AT_ONCE):
        rows = np.arange(first, min(first + _ROWS_AT_ONCE, n_rows))
        yield from held.similar(rows, sentences, threshold)


@dataclass(frozen=True, slots=True)
class _Sets:
    """The bigrams of n sentences, each once, ascending: ``codes[start[i]:start[i + 1]]``.

    The ends of a sentence count as neighbours of its outer units.
    """

    codes: I64
    start: I64

    @classmethod
    def of(cls, sentences: TokenRows, rows: I64) -> _Sets:
        """The sets of some rows."""
        length = np.diff(sentences.start)[rows]
        at, row = _expanded(sentences.start[rows], length)
        # an end before each sentence and after the last: n units have n + 1 bigrams
        tokens = np.zeros(len(at) + len(rows) + 1, dtype=np.int64)
        tokens[np.arange(len(at)) + row + 1] = sentences.tokens[at]
        base = int(tokens.max(initial=0)) + 1
        owner = np.repeat(np.arange(len(rows)), length + 1)
        found = np.sort((owner * base + tokens[:-1]) * base + tokens[1:])
        distinct = found[np.diff(found, prepend=-1) > 0]
        owner, pair = np.divmod(distinct, base * base)
        left, right = np.divmod(pair, base)
        sizes = np.bincount(owner, minlength=len(rows))
        return cls(left << 32 | right, np.concatenate([[0], np.cumsum(sizes)]))

    @property
    def sizes(self) -> I64:
        """(n,)"""
        return np.diff(self.start)

    @property
    def owner(self) -> I64:
        """The sentence of each code."""
        return np.repeat(np.arange(len(self.sizes)), self.sizes)


@dataclass(frozen=True, slots=True)
class _Held:
    """The sentences outside the first split, and where each of their rarest bigrams stands."""

    row: I64
    split: NDArray[np.int8]
    known: I64
    """Every bigram of theirs, ascending; in what follows a bigram is its place here."""
    sets: _Sets
    needed: I64
    """(n,): how many of its rarest bigrams another sentence must have."""
    postings: I64
    """Sentences by their rarest bigrams: those of bigram g are ``[posted[g]:posted[g + 1]]``."""
    posted: I64

    @classmethod
    def of(cls, sentences: TokenRows, rows: I64, threshold: float) -> _Held:
        parts = [
            _Sets.of(sentences, rows[first : first + _ROWS_AT_ONCE])
            for first in range(0, len(rows), _ROWS_AT_ONCE)
        ]
        none = np.zeros(0, dtype=np.int64)
        sizes = np.concatenate([none, *(part.sizes for part in parts)])
        known, grams, counts = np.unique(
            np.concatenate([none, *(part.codes for part in parts)]),
            return_inverse=True,
            return_counts=True,
        )
        sets = _Sets(grams, np.concatenate([[0], np.cumsum(sizes)]))
        owner = sets.owner
        order = np.lexsort((grams, counts[grams], owner))
        place = np.arange(len(grams)) - sets.start[owner]  # 0 is the rarest of its sentence
        shared = np.maximum(1, np.ceil(threshold * sizes - 1e-9).astype(np.int64))
        rare = order[place < (sizes - shared + _AT_LEAST)[owner]]
        rare = rare[np.argsort(grams[rare], kind="stable")]
        ends = np.cumsum(np.bincount(grams[rare], minlength=len(known)))
        return cls(
            row=rows,
            split=sentences.split[rows],
            known=known,
            sets=sets,
            needed=np.minimum(shared, _AT_LEAST),
            postings=owner[rare],
            posted=np.concatenate([[0], ends]),
        )

    def similar(self, rows: I64, sentences: TokenRows, threshold: float) -> Iterator[Pairs]:
        """Similar pairs of one of the rows and one held, of a later split."""
        if not len(self.known):
            return
        here = _Sets.of(sentences, rows)
        grams = np.minimum(np.searchsorted(self.known, here.codes), len(self.known) - 1)
        found = self.known[grams] == here.codes
        grams, owner = grams[found], here.owner[found]
        keys = owner * len(self.known) + grams  # ascending
        mine, theirs = self._candidates(grams, owner, sentences.split[rows])
        less = np.minimum(here.sizes[mine], self.sets.sizes[theirs])
        more = np.maximum(here.sizes[mine], self.sets.sizes[theirs])
        possible = less >= threshold * more - 1e-9
        mine, theirs = mine[possible], theirs[possible]
        for block in _blocks(self.sets.sizes[theirs]):
            a, b = mine[block], theirs[block]
            size = self.sets.sizes[b]
            at, pair = _expanded(self.sets.start[b], size)
            wanted = a[pair] * len(self.known) + self.sets.codes[at]
            place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
            both = np.bincount(pair[keys[place] == wanted], minlength=len(a))
            alike = both / (here.sizes[a] + size - both) >= threshold
            yield rows[a[alike]], self.row[b[alike]]

    def _candidates(self, grams: I64, owner: I64, split: NDArray[np.int8]) -> Pairs:
        """Pairs that share enough rare bigrams."""
        pairs = [np.zeros(0, dtype=np.int64)]
        posted = np.diff(self.posted)[grams]
        # a sentence's bigrams must be counted together: blocks end between sentences
        per_row = np.bincount(owner, weights=posted, minlength=len(split)).astype(np.int64)
        for block in _blocks(per_row):
            first, last = np.searchsorted(owner, [block.start, block.stop])
            at, which = _expanded(self.posted[grams[first:last]], posted[first:last])
            mine, theirs = owner[first:last][which], self.postings[at]
            later = self.split[theirs] > split[mine]
            distinct, count = np.unique(
                mine[later] * len(self.row) + theirs[later], return_counts=True
            )
            pairs.append(distinct[count >= self.needed[distinct % len(self.row)]])
        return np.divmod(np.concatenate(pairs), len(self.row))


def _expanded(start: I64, length: I64) -> Pairs:
    """The positions of all ranges one after another, and the range that each is of."""
    which = np.repeat(np.arange(len(start)), length)
    before = np.cumsum(length) - length
    return np.arange(len(which)) - before[which] + start[which], which


def _blocks(lengths: I64) -> Iterator[slice]:
    """Consecutive items whose lengths add up to little enough for memory; one item at least."""
    ends = np.cumsum(lengths)
    first = 0
    while first < len(lengths):
        done = int(ends[first - 1]) if first else 0
        last = max(first + 1, int(np.searchsorted(ends, done + _MOST_AT_ONCE, side="right")))
        yield slice(first, last)
        first = last
