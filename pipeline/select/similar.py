"""All pairs of sentences whose bigram sets have at least a given Jaccard similarity: exact.

Prefix and positional filtering as in AllPairs (Bayardo et al. 2007) and PPJoin (Xiao et al.
2008): when the bigrams of all sets stand in one order, two sets x and y with Jaccard >= t share
at least o(x, y) = t / (1 + t) * (|x| + |y|) bigrams, so their first common bigram stands among
the first |x| - ceil(t |x|) + 1 of x. Sentences are therefore met under the bigrams of their
prefixes, rarest first, filtered by 64-bit signatures, and compared in full. No filter loses a
pair, so the recall is 1.

The index is made and searched a slice of the bigrams at a time, so that it needs the same memory
however many sentences there are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.select.gram_store import GramStore
from pipeline.select.grams import I64, U64

Mask = NDArray[np.bool_]
Sides = NDArray[np.int8]
Postings = NDArray[np.void]
"""Structured as ``_POSTING``: sentences under the bigrams by which they are met."""

_POSTING = np.dtype([("key", "<u8"), ("row", "<u4"), ("size", "<u2"), ("place", "<u2")])
_IN_A_SLICE = 1 << 20
"""Postings that are sorted at once: 16 MB, and twice that for the sorting."""
_PAIRS = 1 << 16
_ROWS = 1 << 16


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of row numbers, left < right, each once."""

    left: I64
    right: I64
    similarity: NDArray[np.float64]

    @classmethod
    def joined(cls, parts: list[Pairs]) -> Pairs:
        """The pairs of several parts, in the order of left, then right."""
        left = np.concatenate([np.zeros(0, np.int64), *(part.left for part in parts)])
        right = np.concatenate([np.zeros(0, np.int64), *(part.right for part in parts)])
        similarity = np.concatenate([np.zeros(0), *(part.similarity for part in parts)])
        _, first = np.unique((left << 32) | right, return_index=True)
        return cls(left[first], right[first], similarity[first])

    def where(self, mask: Mask) -> Pairs:
        """Some of the pairs."""
        return Pairs(self.left[mask], self.right[mask], self.similarity[mask])


def similar_pairs(
    store: GramStore, threshold: float, *, rows: I64 | None = None, sides: Sides | None = None
) -> Pairs:
    """All pairs of the store with a Jaccard similarity of at least ``threshold`` (0.5 to 1).

    Only ``rows`` take part (None: all). With ``sides`` (n,) only pairs of rows of different sides
    are looked for. The result is in the order of left, then right.
    """
    join = _Join(store, threshold, sides)
    taking_part = np.arange(len(store.sizes)) if rows is None else np.sort(rows)
    return Pairs.joined([join.compare(some) for some in _batched(join.candidates(taking_part))])


def _batched(candidates: Iterator[I64]) -> Iterator[I64]:
    """The candidates in batches of about ``_PAIRS``, each pair once per batch."""
    waiting: list[I64] = []
    n_waiting = 0
    for some in candidates:
        waiting.append(some)
        n_waiting += len(some)
        if n_waiting >= _PAIRS:
            yield _once(waiting)
            waiting, n_waiting = [], 0
    if waiting:
        yield _once(waiting)


def _once(waiting: list[I64]) -> I64:
    found = np.sort(np.concatenate(waiting))
    once: I64 = found[np.diff(found, prepend=-1) > 0]
    return once


class _Join:
    def __init__(self, store: GramStore, threshold: float, sides: Sides | None) -> None:
        self._store = store
        self._threshold = threshold
        self._share = threshold / (1 + threshold)
        self._sides = sides

    def candidates(self, rows: I64) -> Iterator[I64]:
        """Pairs that no filter could rule out, as left << 32 | right; some more than once."""
        n_postings = int(self._prefix(rows).sum())
        n_slices = -(-n_postings // _IN_A_SLICE)
        for number in range(n_slices):
            parts = []
            for start in range(0, len(rows), _ROWS):
                postings = self._postings(rows[start : start + _ROWS])
                parts.append(postings[postings["key"] % np.uint64(n_slices) == number])
            postings = np.concatenate(parts)
            yield from self._met(postings[np.argsort(postings["key"], kind="stable")])

    def _prefix(self, rows: I64) -> I64:
        """How many of its first bigrams must be looked at for each row."""
        sizes = self._store.sizes[rows].astype(np.int64)
        looked: I64 = np.minimum(sizes - _ceil(self._threshold * sizes) + 1, sizes)
        return looked

    def _postings(self, rows: I64) -> Postings:
        """The rows under the bigrams of their prefixes."""
        n_own = self._prefix(rows)
        owner = np.repeat(np.arange(len(rows)), n_own)
        place = np.arange(len(owner)) - np.repeat(np.cumsum(n_own) - n_own, n_own)
        postings = np.empty(len(owner), dtype=_POSTING)
        postings["key"] = self._store.grams[self._store.offsets[rows[owner]] + place]
        postings["row"], postings["place"] = rows[owner], place
        postings["size"] = self._store.sizes[rows[owner]]
        return postings

    def _met(self, postings: Postings) -> Iterator[I64]:
        """Pairs under one bigram, by comparing every posting with the one d places on."""
        key = postings["key"]
        at = np.arange(len(key))
        for distance in range(1, len(key)):
            at = at[: np.searchsorted(at, len(key) - distance)]
            at = at[key[at] == key[at + distance]]
            if not len(at):
                return
            for cut in range(0, len(at), 4 * _PAIRS):
                some = at[cut : cut + 4 * _PAIRS]
                yield self._resembling(postings[some], postings[some + distance])

    def _resembling(self, left: Postings, right: Postings) -> I64:
        """The pairs of different sides that may still share enough bigrams.

        Too few may be left behind the common one, and the signatures may differ in too many bits.
        """
        sizes = left["size"].astype(np.int64), right["size"].astype(np.int64)
        total = sizes[0] + sizes[1]
        wanted = _ceil(self._share * total)
        mask = np.minimum(sizes[0] - left["place"], sizes[1] - right["place"]) >= wanted
        if self._sides is not None:
            mask &= self._sides[left["row"]] != self._sides[right["row"]]
        a, b = left["row"][mask].astype(np.int64), right["row"][mask].astype(np.int64)
        differing = np.bitwise_count(self._store.signatures[a] ^ self._store.signatures[b])
        near = differing <= (total - 2 * wanted)[mask]
        pairs: I64 = (np.minimum(a, b) << 32 | np.maximum(a, b))[near]
        return pairs

    def compare(self, pairs: I64) -> Pairs:
        """The candidates that really are similar."""
        left, right, sizes = pairs >> 32, pairs & 0xFFFFFFFF, self._store.sizes
        shared = shared_grams(self._store.grams, self._store.offsets, left, right)
        similarity = shared / (sizes[left].astype(np.int64) + sizes[right] - shared)
        return Pairs(left, right, similarity).where(similarity >= self._threshold)


def shared_grams(grams: U64, offsets: I64, left: I64, right: I64) -> I64:
    """(n,): how many bigrams sets ``left[i]`` and ``right[i]`` share."""
    shared = np.zeros(len(left), dtype=np.int64)
    longest = np.maximum(offsets[left + 1] - offsets[left], offsets[right + 1] - offsets[right])
    order = np.argsort(longest, kind="stable")
    for start in range(0, len(order), 2048):
        some = order[start : start + 2048]
        a = _padded(grams, offsets, left[some], filler=0)
        b = _padded(grams, offsets, right[some], filler=1)
        shared[some] = sum(
            (a[:, column, None] == b).any(axis=1).astype(np.int64) for column in range(a.shape[1])
        )
    return shared


def _padded(grams: U64, offsets: I64, sets: I64, filler: int) -> U64:
    """(n, largest size): the sets as rows of a matrix, filled up with a number of no bigram."""
    sizes = offsets[sets + 1] - offsets[sets]
    column = np.arange(int(sizes.max(initial=1)))
    inside = column < sizes[:, None]
    at = np.where(inside, offsets[sets][:, None] + column, 0)
    return np.where(inside, grams[at], np.uint64(filler))


def _ceil(numbers: NDArray[np.floating[Any]]) -> I64:
    """The ceiling, forgiving the rounding error of a product that should be whole."""
    whole: I64 = np.ceil(numbers - 1e-9).astype(np.int64)
    return whole
