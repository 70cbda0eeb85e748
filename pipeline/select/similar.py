"""All pairs of sentences whose bigram sets have at least a given Jaccard similarity: exact.

Prefix and positional filtering as in AllPairs (Bayardo et al. 2007) and PPJoin (Xiao et al.
2008): when the bigrams of all sets stand in one order, two sets x and y with Jaccard >= t share
at least o(x, y) = t / (1 + t) * (|x| + |y|) bigrams, so their first common bigram stands among
the first |x| - ceil(t |x|) + 1 of x. Sentences are therefore met under the bigrams of their
prefixes, rarest first. Where too many meet under one bigram they are met again under their next
common bigram, and so on. What remains is filtered by 64-bit signatures and then compared in
full. No filter loses a pair, so the recall is 1.

The index lies on disk in partitions; a partition and a batch of pairs are in memory.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.select.gram_store import GramStore
from pipeline.select.grams import I64, U64, mixed
from pipeline.select.partitions import Partitions, Rows

Mask = NDArray[np.bool_]
Sides = NDArray[np.int8]

_POSTING = np.dtype([("key", "<u8"), ("row", "<u4"), ("size", "<u2"), ("place", "<u2")])
_SMALL_RUN = 64
_MAX_DEPTH = 5
_PAIRS = 1 << 16
_ROWS = 1 << 16
_MANY = 16_000_000
_ODD = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of row numbers, left < right, each once."""

    left: I64
    right: I64
    similarity: NDArray[np.float64]


def similar_pairs(
    store: GramStore,
    threshold: float,
    folder: Path,
    *,
    rows: I64 | None = None,
    sides: Sides | None = None,
) -> Pairs:
    """All pairs of the store with a Jaccard similarity of at least ``threshold`` (0.5 to 1).

    Only ``rows`` take part (None: all). With ``sides`` (n,) only pairs of rows of different sides
    are looked for. ``folder`` is made for the index, and removed. The result is in the order of
    left, then right, whatever the order of discovery.
    """
    taking_part = np.arange(len(store.sizes)) if rows is None else np.sort(rows)
    join = _Join(store, threshold, taking_part, sides)
    found = [join.compare(candidates) for candidates in _batched(join.candidates(folder))]
    left = np.concatenate([np.zeros(0, np.int64), *(pairs.left for pairs in found)])
    right = np.concatenate([np.zeros(0, np.int64), *(pairs.right for pairs in found)])
    similarity = np.concatenate([np.zeros(0), *(pairs.similarity for pairs in found)])
    order = np.lexsort((right, left))
    left, right, similarity = left[order], right[order], similarity[order]
    first = np.ones(len(left), dtype=bool)
    first[1:] = (left[1:] != left[:-1]) | (right[1:] != right[:-1])
    return Pairs(left[first], right[first], similarity[first])


def _batched(candidates: Iterator[tuple[I64, I64]]) -> Iterator[tuple[I64, I64]]:
    """The candidates in batches of about ``_PAIRS``, each pair once per batch, left < right."""
    waiting: list[tuple[I64, I64]] = []
    n_waiting = 0
    for pair in candidates:
        waiting.append(pair)
        n_waiting += len(pair[0])
        if n_waiting >= _PAIRS:
            yield from _cut(waiting)
            waiting, n_waiting = [], 0
    if waiting:
        yield from _cut(waiting)


def _cut(waiting: list[tuple[I64, I64]]) -> Iterator[tuple[I64, I64]]:
    left = np.concatenate([pair[0] for pair in waiting])
    right = np.concatenate([pair[1] for pair in waiting])
    both = np.unique((np.minimum(left, right) << 32) | np.maximum(left, right))
    for start in range(0, len(both), _PAIRS):
        some = both[start : start + _PAIRS]
        yield some >> 32, some & 0xFFFFFFFF


class _Join:
    def __init__(self, store: GramStore, threshold: float, rows: I64, sides: Sides | None) -> None:
        self._store = store
        self._rows = rows
        self._threshold = threshold
        self._sides = np.zeros(0, np.int8) if sides is None else sides
        self._one_side = sides is None
        self._share = threshold / (1 + threshold)

    def candidates(self, folder: Path) -> Iterator[tuple[I64, I64]]:
        """Pairs that no filter could rule out; some of them more than once."""
        sizes = self._store.sizes[self._rows].astype(np.int64)
        expected = int(self._last_place(sizes, 1).sum()) + len(sizes)
        postings = Partitions(folder / "1", _POSTING, expected)
        for start in range(0, len(sizes), _ROWS):
            rows = self._rows[start : start + _ROWS]
            roots = np.zeros(len(rows), dtype=np.uint64)
            postings.write(self._extended(rows, np.full(len(rows), -1), roots, depth=0))
        try:
            yield from self._met(postings, folder, depth=1)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _met(self, postings: Partitions, folder: Path, depth: int) -> Iterator[tuple[I64, I64]]:
        """Pairs that meet under a common key of ``depth`` bigrams, or deeper."""
        deeper: Partitions | None = None
        for records in postings.files():
            run, records = _runs(records)
            small, large = _by_length(run)
            yield from self._neighbours(run[small], records[small], depth)
            for start, end in large:
                crowd = self._crowd(records[start:end], depth)
                if crowd.n_pairs <= _SMALL_RUN * (end - start) or depth == _MAX_DEPTH:
                    yield from self._crossed(crowd, np.ones(len(crowd.a), dtype=bool))
                    continue
                yield from self._crossed(crowd, crowd.settled)
                deeper = deeper or Partitions(folder / str(depth + 1), _POSTING, _MANY)
                some = crowd.unsettled()
                for cut in range(0, len(some), _ROWS):
                    part = some[cut : cut + _ROWS]
                    rows, places = part["row"].astype(np.int64), part["place"].astype(np.int64)
                    deeper.write(self._extended(rows, places, part["key"], depth))
        if deeper is not None:
            yield from self._met(deeper, folder, depth + 1)

    def _last_place(self, sizes: I64, depth: int) -> I64:
        """The last place at which the ``depth``-th common bigram of a similar pair can stand."""
        last: I64 = sizes + (depth - 1) - _ceil(self._threshold * sizes)
        return last

    def _extended(self, rows: I64, places: I64, keys: U64, depth: int) -> Rows:
        """The postings of each row under its key joined with each bigram that may come next."""
        distinct, inverse = np.unique(rows, return_inverse=True)
        grams, offsets = self._store.read(distinct)
        sizes = np.diff(offsets)[inverse]
        last = np.minimum(self._last_place(sizes, depth + 1), sizes - 1)
        n_next = np.maximum(last - places, 0)
        parent = np.repeat(np.arange(len(rows)), n_next)
        step = np.arange(len(parent)) - np.repeat(np.cumsum(n_next) - n_next, n_next)
        place = places[parent] + 1 + step
        postings = np.empty(len(parent), dtype=_POSTING)
        postings["key"] = mixed(keys[parent] * _ODD + grams[offsets[inverse[parent]] + place])
        postings["row"] = rows[parent]
        postings["size"] = sizes[parent]
        postings["place"] = place
        return postings

    def _neighbours(self, run: I64, records: Rows, depth: int) -> Iterator[tuple[I64, I64]]:
        """All pairs within each run, by comparing every record with the one d places on."""
        at = np.arange(len(run))
        for distance in range(1, _SMALL_RUN):
            at = at[at < len(run) - distance]
            at = at[run[at] == run[at + distance]]
            if not len(at):
                return
            for cut in range(0, len(at), 4 * _PAIRS):
                some = at[cut : cut + 4 * _PAIRS]
                yield self._filtered(records[some], records[some + distance], depth)

    def _filtered(self, left: Rows, right: Rows, depth: int) -> tuple[I64, I64]:
        possible = self._may_share_enough(
            left["size"].astype(np.int64), left["place"].astype(np.int64),
            right["size"].astype(np.int64), right["place"].astype(np.int64), depth,
        )  # fmt: skip
        return self._resembling(
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
        left, right = left[mask], right[mask]
        if not self._one_side:
            mask = self._sides[left] != self._sides[right]
            left, right = left[mask], right[mask]
        return left, right

    def _crowd(self, records: Rows, depth: int) -> _Crowd:
        """The kinds of records in one long run, and which of them can be similar."""
        kinds = (records["size"].astype(np.int64) << 16) | records["place"]
        if not self._one_side:
            kinds |= self._sides[records["row"]].astype(np.int64) << 32
        records = records[np.argsort(kinds, kind="stable")]
        kind, counts = np.unique(kinds, return_counts=True)
        side, size, place = kind >> 32, (kind >> 16) & 0xFFFF, kind & 0xFFFF
        a, b = np.triu_indices(len(kind))
        fits = self._may_share_enough(size[a], place[a], size[b], place[b], depth)
        fits &= (a != b) | (counts[a] > 1)
        if not self._one_side:
            fits &= side[a] != side[b]
        a, b = a[fits], b[fits]
        settled = _ceil(self._share * (size[a] + size[b])) <= depth
        return _Crowd(records, np.append(0, np.cumsum(counts)), a, b, settled)

    def _crossed(self, crowd: _Crowd, chosen: Mask) -> Iterator[tuple[I64, I64]]:
        """All pairs of records of the chosen pairs of kinds."""
        rows = crowd.records["row"].astype(np.int64)
        for a, b in zip(crowd.a[chosen], crowd.b[chosen], strict=True):
            others = rows[crowd.bounds[b] : crowd.bounds[b + 1]]
            height = max(1, 4 * _PAIRS // len(others))
            for cut in range(crowd.bounds[a], crowd.bounds[a + 1], height):
                some = rows[cut : min(cut + height, crowd.bounds[a + 1])]
                yield self._resembling(np.repeat(some, len(others)), np.tile(others, len(some)))

    def compare(self, candidates: tuple[I64, I64]) -> Pairs:
        """The candidates that really are similar."""
        left, right = candidates
        rows, inverse = np.unique(np.concatenate(candidates), return_inverse=True)
        grams, offsets = self._store.read(rows)
        shared = shared_grams(grams, offsets, inverse[: len(left)], inverse[len(left) :])
        sizes = self._store.sizes.astype(np.int64)
        similarity = shared / (sizes[left] + sizes[right] - shared)
        similar = similarity >= self._threshold
        return Pairs(left[similar], right[similar], similarity[similar])


@dataclass(frozen=True, slots=True)
class _Crowd:
    """A long run by kinds (side, size, place): kind i is ``records[bounds[i]:bounds[i + 1]]``."""

    records: Rows
    bounds: I64
    a: I64
    """(m,): with ``b``, the pairs of kinds that can be similar."""
    b: I64
    settled: Mask
    """(m,): True where what is common already suffices; nothing more need be common."""

    @property
    def n_pairs(self) -> int:
        """How many pairs of records the pairs of kinds make, at most."""
        counts = np.diff(self.bounds)
        return int((counts[self.a] * counts[self.b]).sum())

    def unsettled(self) -> Rows:
        """The records of kinds that need another common bigram to be similar."""
        used = np.zeros(len(self.bounds) - 1, dtype=bool)
        used[self.a[~self.settled]] = used[self.b[~self.settled]] = True
        records: Rows = self.records[np.repeat(used, np.diff(self.bounds))]
        return records


def shared_grams(grams: U64, offsets: I64, left: I64, right: I64) -> I64:
    """(n,): how many bigrams sets ``left[i]`` and ``right[i]`` share."""
    shared = np.zeros(len(left), dtype=np.int64)
    sizes = np.diff(offsets)
    order = np.argsort(np.maximum(sizes[left], sizes[right]), kind="stable")
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


def _runs(records: Rows) -> tuple[I64, Rows]:
    """The records whose key is not alone, by key and row, with the number of their run."""
    records = records[np.lexsort((records["row"], records["key"]))]
    key = records["key"]
    same = key[1:] == key[:-1]
    shared = np.append(same, False) | np.append(False, same)
    new = np.append(True, ~same)[shared]
    return np.cumsum(new) - 1, records[shared]


def _by_length(run: I64) -> tuple[Mask, list[tuple[int, int]]]:
    """A mask of the records in short runs, and the bounds of each long run."""
    lengths = np.bincount(run)
    ends = np.cumsum(lengths)
    long = np.flatnonzero(lengths > _SMALL_RUN)
    small = lengths[run] <= _SMALL_RUN
    return small, [(int(ends[i] - lengths[i]), int(ends[i])) for i in long]


def _ceil(numbers: NDArray[np.floating[Any]]) -> I64:
    """The ceiling, forgiving the rounding error of a product that should be whole."""
    whole: I64 = np.ceil(numbers - 1e-9).astype(np.int64)
    return whole
