"""All pairs of sentences whose bigram sets have at least a given Jaccard similarity: exact.

Prefix and positional filtering as in AllPairs (Bayardo et al. 2007) and PPJoin (Xiao et al.
2008): when the bigrams of all sets stand in one order, two sets x and y with Jaccard >= t share
at least o(x, y) = t / (1 + t) * (|x| + |y|) bigrams, so their first common bigram stands among
the first |x| - ceil(t |x|) + 1 of x. Sentences are therefore met under the bigrams of their
prefixes, rarest first. Where too many meet under one bigram they are met again under their next
common bigram, and so on. What remains is filtered by 64-bit signatures and then compared in
full. No filter loses a pair, so the recall is 1.

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
from pipeline.select.grams import I64, U64, mixed

Mask = NDArray[np.bool_]
Sides = NDArray[np.int8]
Postings = NDArray[np.void]
"""Structured as ``_POSTING``: sentences under the keys by which they are met."""

_POSTING = np.dtype([("key", "<u8"), ("row", "<u4"), ("size", "<u2"), ("place", "<u2")])
_SMALL_RUN = 64
"""So many sentences that meet under one bigram are all compared with each other."""
_MAX_DEPTH = 5
"""Sentences that still crowd under so many common bigrams mostly are similar."""
_IN_A_SLICE = 1 << 20
"""Postings that are sorted at once: 16 MB, and twice that for the sorting."""
_PAIRS = 1 << 16
_ROWS = 1 << 16
_ODD = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of row numbers, left < right, each once."""

    left: I64
    right: I64
    similarity: NDArray[np.float64]


def similar_pairs(
    store: GramStore, threshold: float, *, rows: I64 | None = None, sides: Sides | None = None
) -> Pairs:
    """All pairs of the store with a Jaccard similarity of at least ``threshold`` (0.5 to 1).

    Only ``rows`` take part (None: all). With ``sides`` (n,) only pairs of rows of different sides
    are looked for. The result is in the order of left, then right.
    """
    join = _Join(store, threshold, sides)
    taking_part = np.arange(len(store.sizes)) if rows is None else np.sort(rows)
    found = [join.compare(*candidates) for candidates in _batched(join.candidates(taking_part))]
    left = np.concatenate([np.zeros(0, np.int64), *(pairs.left for pairs in found)])
    right = np.concatenate([np.zeros(0, np.int64), *(pairs.right for pairs in found)])
    similarity = np.concatenate([np.zeros(0), *(pairs.similarity for pairs in found)])
    _, first = np.unique((left << 32) | right, return_index=True)
    return Pairs(left[first], right[first], similarity[first])


def _batched(candidates: Iterator[tuple[I64, I64]]) -> Iterator[tuple[I64, I64]]:
    """The candidates in batches of about ``_PAIRS``, each pair once per batch, left < right."""
    waiting: list[I64] = []
    n_waiting = 0
    for left, right in candidates:
        waiting.append((np.minimum(left, right) << 32) | np.maximum(left, right))
        n_waiting += len(left)
        if n_waiting >= _PAIRS:
            yield from _cut(waiting)
            waiting, n_waiting = [], 0
    if waiting:
        yield from _cut(waiting)


def _cut(waiting: list[I64]) -> Iterator[tuple[I64, I64]]:
    both = np.unique(np.concatenate(waiting))
    for start in range(0, len(both), _PAIRS):
        some = both[start : start + _PAIRS]
        yield some >> 32, some & 0xFFFFFFFF


class _Join:
    def __init__(self, store: GramStore, threshold: float, sides: Sides | None) -> None:
        self._store = store
        self._threshold = threshold
        self._share = threshold / (1 + threshold)
        self._sides = sides

    def candidates(self, rows: I64) -> Iterator[tuple[I64, I64]]:
        """Pairs that no filter could rule out; some of them more than once."""
        sizes = self._store.sizes[rows].astype(np.int64)
        n_postings = int(self._last_place(sizes, 1).sum()) + len(rows)
        n_slices = -(-n_postings // _IN_A_SLICE)
        for number in range(n_slices):
            parts = []
            for start in range(0, len(rows), _ROWS):
                some = rows[start : start + _ROWS]
                roots = np.zeros(len(some), dtype=np.uint64)
                postings = self._extended(some, np.full(len(some), -1), roots, depth=0)
                parts.append(postings[postings["key"] % np.uint64(n_slices) == number])
            yield from self._met(np.concatenate(parts), depth=1)

    def _met(self, postings: Postings, depth: int) -> Iterator[tuple[I64, I64]]:
        """Pairs that meet under a common key of ``depth`` bigrams, or deeper."""
        run, postings = _runs(postings)
        small, large = _by_length(run)
        yield from self._neighbours(run[small], postings[small], depth)
        deeper: list[Postings] = []
        for start, end in large:
            crowd = self._crowd(postings[start:end], depth)
            if crowd.n_pairs <= _SMALL_RUN * (end - start) or depth == _MAX_DEPTH:
                yield from self._crossed(crowd, np.ones(len(crowd.a), dtype=bool))
                continue
            yield from self._crossed(crowd, crowd.settled)
            some = crowd.unsettled()
            for cut in range(0, len(some), _ROWS):
                part = some[cut : cut + _ROWS]
                rows, places = part["row"].astype(np.int64), part["place"].astype(np.int64)
                deeper.append(self._extended(rows, places, part["key"], depth))
            if sum(map(len, deeper)) >= _IN_A_SLICE:
                yield from self._met(np.concatenate(deeper), depth + 1)
                deeper = []
        if deeper:
            yield from self._met(np.concatenate(deeper), depth + 1)

    def _last_place(self, sizes: I64, depth: int) -> I64:
        """The last place at which the ``depth``-th common bigram of a similar pair can stand."""
        last: I64 = sizes + (depth - 1) - _ceil(self._threshold * sizes)
        return last

    def _extended(self, rows: I64, places: I64, keys: U64, depth: int) -> Postings:
        """The postings of each row under its key joined with each bigram that may come next."""
        sizes = self._store.sizes[rows].astype(np.int64)
        last = np.minimum(self._last_place(sizes, depth + 1), sizes - 1)
        n_next = np.maximum(last - places, 0)
        parent = np.repeat(np.arange(len(rows)), n_next)
        step = np.arange(len(parent)) - np.repeat(np.cumsum(n_next) - n_next, n_next)
        place = places[parent] + 1 + step
        grams = self._store.grams[self._store.offsets[rows[parent]] + place]
        postings = np.empty(len(parent), dtype=_POSTING)
        postings["key"] = mixed(keys[parent] * _ODD + grams)
        postings["row"] = rows[parent]
        postings["size"] = sizes[parent]
        postings["place"] = place
        return postings

    def _neighbours(self, run: I64, postings: Postings, depth: int) -> Iterator[tuple[I64, I64]]:
        """All pairs within each run, by comparing every posting with the one d places on."""
        at = np.arange(len(run))
        for distance in range(1, _SMALL_RUN):
            at = at[at < len(run) - distance]
            at = at[run[at] == run[at + distance]]
            if not len(at):
                return
            for cut in range(0, len(at), 4 * _PAIRS):
                some = at[cut : cut + 4 * _PAIRS]
                left, right = postings[some], postings[some + distance]
                possible = self._may_share_enough(
                    left["size"].astype(np.int64), left["place"].astype(np.int64),
                    right["size"].astype(np.int64), right["place"].astype(np.int64), depth,
                )  # fmt: skip
                yield self._resembling(
                    left["row"][possible].astype(np.int64), right["row"][possible].astype(np.int64)
                )

    def _may_share_enough(
        self, size: I64, place: I64, other_size: I64, other_place: I64, depth: int
    ) -> Mask:
        """True unless too few bigrams are left behind the common ones for the threshold."""
        most = depth + np.minimum(size - place, other_size - other_place) - 1
        mask: Mask = most >= _ceil(self._share * (size + other_size))
        return mask

    def _resembling(self, left: I64, right: I64) -> tuple[I64, I64]:
        """The pairs of different sides whose signatures do not differ in too many bits."""
        sizes, signatures = self._store.sizes, self._store.signatures
        total = sizes[left].astype(np.int64) + sizes[right]
        differing = np.bitwise_count(signatures[left] ^ signatures[right])
        mask = (left != right) & (differing <= total - 2 * _ceil(self._share * total))
        if self._sides is not None:
            mask &= self._sides[left] != self._sides[right]
        return left[mask], right[mask]

    def _crowd(self, postings: Postings, depth: int) -> _Crowd:
        """The kinds of postings in one long run, and which of them can be similar."""
        kinds = (postings["size"].astype(np.int64) << 16) | postings["place"]
        if self._sides is not None:
            kinds |= self._sides[postings["row"]].astype(np.int64) << 32
        postings = postings[np.argsort(kinds, kind="stable")]
        kind, counts = np.unique(kinds, return_counts=True)
        side, size, place = kind >> 32, (kind >> 16) & 0xFFFF, kind & 0xFFFF
        a, b = np.triu_indices(len(kind))
        fits = self._may_share_enough(size[a], place[a], size[b], place[b], depth)
        fits &= (side[a] != side[b]) if self._sides is not None else (a != b) | (counts[a] > 1)
        a, b = a[fits], b[fits]
        settled = _ceil(self._share * (size[a] + size[b])) <= depth
        return _Crowd(postings, np.append(0, np.cumsum(counts)), a, b, settled)

    def _crossed(self, crowd: _Crowd, chosen: Mask) -> Iterator[tuple[I64, I64]]:
        """All pairs of postings of the chosen pairs of kinds."""
        rows = crowd.postings["row"].astype(np.int64)
        for a, b in zip(crowd.a[chosen], crowd.b[chosen], strict=True):
            others = rows[crowd.bounds[b] : crowd.bounds[b + 1]]
            height = max(1, 4 * _PAIRS // len(others))
            for cut in range(crowd.bounds[a], crowd.bounds[a + 1], height):
                some = rows[cut : min(cut + height, crowd.bounds[a + 1])]
                yield self._resembling(np.repeat(some, len(others)), np.tile(others, len(some)))

    def compare(self, left: I64, right: I64) -> Pairs:
        """The candidates that really are similar."""
        sizes = self._store.sizes
        shared = shared_grams(self._store.grams, self._store.offsets, left, right)
        similarity = shared / (sizes[left].astype(np.int64) + sizes[right] - shared)
        similar = similarity >= self._threshold
        return Pairs(left[similar], right[similar], similarity[similar])


@dataclass(frozen=True, slots=True)
class _Crowd:
    """A long run by kinds (side, size, place): kind i is ``postings[bounds[i]:bounds[i + 1]]``."""

    postings: Postings
    bounds: I64
    a: I64
    """(m,): with ``b``, the pairs of kinds that can be similar."""
    b: I64
    settled: Mask
    """(m,): True where what is common already suffices; nothing more need be common."""

    @property
    def n_pairs(self) -> int:
        """How many pairs of postings the pairs of kinds make, at most."""
        counts = np.diff(self.bounds)
        return int((counts[self.a] * counts[self.b]).sum())

    def unsettled(self) -> Postings:
        """The postings of kinds that need another common bigram to be similar."""
        used = np.zeros(len(self.bounds) - 1, dtype=bool)
        used[self.a[~self.settled]] = used[self.b[~self.settled]] = True
        postings: Postings = self.postings[np.repeat(used, np.diff(self.bounds))]
        return postings


def shared_grams(grams: U64, offsets: I64, left: I64, right: I64) -> I64:
    """(n,): how many bigrams sets ``left[i]`` and ``right[i]`` share."""
    shared = np.zeros(len(left), dtype=np.int64)
    order = np.argsort(np.maximum(_sizes(offsets, left), _sizes(offsets, right)), kind="stable")
    for start in range(0, len(order), 2048):
        some = order[start : start + 2048]
        a = _padded(grams, offsets, left[some], filler=0)
        b = _padded(grams, offsets, right[some], filler=1)
        shared[some] = sum(
            (a[:, column, None] == b).any(axis=1).astype(np.int64) for column in range(a.shape[1])
        )
    return shared


def _sizes(offsets: I64, sets: I64) -> I64:
    sizes: I64 = offsets[sets + 1] - offsets[sets]
    return sizes


def _padded(grams: U64, offsets: I64, sets: I64, filler: int) -> U64:
    """(n, largest size): the sets as rows of a matrix, filled up with a number of no bigram."""
    sizes = _sizes(offsets, sets)
    column = np.arange(int(sizes.max(initial=1)))
    inside = column < sizes[:, None]
    at = np.where(inside, offsets[sets][:, None] + column, 0)
    return np.where(inside, grams[at], np.uint64(filler))


def _runs(postings: Postings) -> tuple[I64, Postings]:
    """The postings whose key is not alone, by key and row, with the number of their run."""
    postings = postings[np.lexsort((postings["row"], postings["key"]))]
    key = postings["key"]
    same = key[1:] == key[:-1]
    shared = np.append(same, False) | np.append(False, same)
    new = np.append(True, ~same)[: len(key)][shared]
    return np.cumsum(new) - 1, postings[shared]


def _by_length(run: I64) -> tuple[Mask, list[tuple[int, int]]]:
    """A mask of the postings in short runs, and the bounds of each long run."""
    lengths = np.bincount(run)
    ends = np.cumsum(lengths)
    long = np.flatnonzero(lengths > _SMALL_RUN)
    small = lengths[run] <= _SMALL_RUN
    return small, [(int(ends[i] - lengths[i]), int(ends[i])) for i in long]


def _ceil(numbers: NDArray[np.floating[Any]]) -> I64:
    """The ceiling, forgiving the rounding error of a product that should be whole."""
    whole: I64 = np.ceil(numbers - 1e-9).astype(np.int64)
    return whole
