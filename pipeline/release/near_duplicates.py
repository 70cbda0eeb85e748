"""Nearly equal sentences of different splits, by a join of its own.

The stage before it dropped near-duplicates with another join; a proof by the same one would share
its faults, so this one has neither its code nor its method. It is one-sided: the sentences outside
the first split are held in memory; each of them is found by its rarest bigrams, and all sentences
pass by. It misses nothing: two sentences with a Jaccard similarity of at least t share at least
t times as many bigrams as either has, so of a sentence with n bigrams of which o must be shared,
any n - o + k contain at least k shared ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

I64: TypeAlias = NDArray[np.int64]
Batches: TypeAlias = Callable[[], Iterable[tuple[int, Sequence[Sequence[str]]]]]
"""Reads the sentences from the start: batches of one split each, as its number and the units."""

_AT_LEAST = 2
"""How many rare bigrams two sentences must share before they are compared. 1 finds the same pairs,
but compares so many more that a million random sentences take 41 s instead of 24 s."""
_MOST_AT_ONCE = 1 << 22
"""Numbers in a temporary array: 32 MB."""


def near_duplicates(batches: Batches, threshold: float) -> Iterator[tuple[I64, I64]]:
    """Rows of pairs with at least this similarity, the row of the lower split first.

    Rows are numbered in the order of reading; each pair of rows of two splits comes once.
    """
    reader = _Bigrams()
    held = _Held.read(batches, reader, threshold)
    first_row = 0
    for split, sentences in batches():
        here = reader.read(sentences)
        for mine, theirs in held.similar(here, split, threshold):
            yield mine + first_row, held.row[theirs]
        first_row += len(sentences)


@dataclass(frozen=True, slots=True)
class _Sets:
    """The bigrams of n sentences, each one once: set i is ``codes[start[i]:start[i + 1]]``."""

    codes: I64
    start: I64
    """(n + 1,)"""

    @property
    def sizes(self) -> I64:
        return np.diff(self.start)


class _Bigrams:
    """Makes sets of bigrams, the ends of a sentence being neighbours of its outer units."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def read(self, sentences: Sequence[Sequence[str]]) -> _Sets:
        numbers = self._numbers
        flat = [0]
        for units in sentences:
            flat += [numbers.setdefault(unit, len(numbers) + 1) for unit in units]
            flat.append(0)
        tokens = np.array(flat, dtype=np.int64)
        row = np.repeat(np.arange(len(sentences)), [len(units) + 1 for units in sentences])
        pairs = np.stack([row, tokens[:-1] << 32 | tokens[1:]], axis=1)
        distinct = np.unique(pairs, axis=0) if len(pairs) else pairs
        sizes = np.bincount(distinct[:, 0], minlength=len(sentences))
        return _Sets(distinct[:, 1], np.concatenate([[0], np.cumsum(sizes)]))


@dataclass(frozen=True, slots=True)
class _Held:
    """The sentences outside the first split, and where each of their rarest bigrams stands."""

    split: NDArray[np.int8]
    row: I64
    known: I64
    """Every bigram of theirs, ascending; below, a bigram is its place here."""
    sets: _Sets
    needed: I64
    """(n,): how many of its rarest bigrams another sentence must have."""
    postings: I64
    """Sentences by their rarest bigrams: those of bigram g are ``[posted[g]:posted[g + 1]]``."""
    posted: I64

    @classmethod
    def read(cls, batches: Batches, reader: _Bigrams, threshold: float) -> _Held:
        splits: list[int] = []
        rows: list[I64] = []
        codes, sizes = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        n_rows = 0
        for split, sentences in batches():
            if split:
                here = reader.read(sentences)
                codes.append(here.codes)
                sizes.append(here.sizes)
                splits += [split] * len(sentences)
                rows.append(np.arange(n_rows, n_rows + len(sentences)))
            n_rows += len(sentences)
        known, grams, counts = np.unique(
            np.concatenate(codes), return_inverse=True, return_counts=True
        )
        size = np.concatenate(sizes)
        start = np.concatenate([[0], np.cumsum(size)])
        owner = np.repeat(np.arange(len(size)), size)
        order = np.lexsort((grams, counts[grams], owner))
        place = np.arange(len(grams)) - start[owner]  # 0 is the rarest of its sentence
        shared = np.maximum(1, np.ceil(threshold * size - 1e-9).astype(np.int64))
        rare = order[place < (size - shared + _AT_LEAST)[owner]]
        rare = rare[np.argsort(grams[rare], kind="stable")]
        ends = np.cumsum(np.bincount(grams[rare], minlength=len(known)))
        return cls(
            split=np.array(splits, dtype=np.int8),
            row=np.concatenate([np.zeros(0, np.int64), *rows]),
            known=known,
            sets=_Sets(grams, start),
            needed=np.minimum(shared, _AT_LEAST),
            postings=owner[rare],
            posted=np.concatenate([[0], ends]),
        )

    def similar(self, here: _Sets, split: int, threshold: float) -> Iterator[tuple[I64, I64]]:
        """Similar pairs of a sentence given and one held, of a later split."""
        if not len(self.known):
            return
        grams = np.searchsorted(self.known, here.codes)
        grams[grams == len(self.known)] = 0
        row = np.repeat(np.arange(len(here.sizes)), here.sizes)
        found = self.known[grams] == here.codes
        grams, row = grams[found], row[found]
        mine, theirs = self._candidates(grams, row, here.sizes, split, threshold)
        keys = row * len(self.known) + grams  # ascending: rows ascend, and bigrams in each
        for block in _blocks(self.sets.sizes[theirs]):
            a, b = mine[block], theirs[block]
            size = self.sets.sizes[b]
            at, pair = _expanded(self.sets.start[b], size)
            wanted = a[pair] * len(self.known) + self.sets.codes[at]
            place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
            both = np.bincount(pair[keys[place] == wanted], minlength=len(a))
            alike = both / (here.sizes[a] + size - both) >= threshold
            yield a[alike], b[alike]

    def _candidates(
        self, grams: I64, row: I64, sizes: I64, split: int, threshold: float
    ) -> tuple[I64, I64]:
        """Pairs that share enough rare bigrams and are of sizes that can be similar."""
        pairs = [np.zeros(0, np.int64)]
        # a row's bigrams must be counted together: blocks end between rows
        posted = np.diff(self.posted)[grams]
        per_row = np.bincount(row, weights=posted, minlength=len(sizes)).astype(np.int64)
        for block in _blocks(per_row):
            first, last = np.searchsorted(row, [block.start, block.stop])
            at, which = _expanded(self.posted[grams[first:last]], posted[first:last])
            theirs = self.postings[at]
            later = self.split[theirs] > split
            key = row[first:last][which[later]] * len(self.row) + theirs[later]
            distinct, count = np.unique(key, return_counts=True)
            pairs.append(distinct[count >= self.needed[distinct % len(self.row)]])
        mine, theirs = np.divmod(np.concatenate(pairs), len(self.row))
        less = np.minimum(sizes[mine], self.sets.sizes[theirs])
        more = np.maximum(sizes[mine], self.sets.sizes[theirs])
        possible = less >= threshold * more - 1e-9
        return mine[possible], theirs[possible]


def _expanded(start: I64, length: I64) -> tuple[I64, I64]:
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
