"""Bigram sets of all sentences on disk, each from the rarest bigram to the most frequent.

Of each piece there are, one after the other, the sizes of its sets, their signatures and their
bigrams. How frequent a bigram is only decides the order, the same for all sets; it is counted in a
hashed table of fixed size, so a collision costs a little speed and no correctness.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.engine.arrays import Arrays
from pipeline.select.grams import I64, U64, GramBatch
from pipeline.select.pieces import Piece

ROWS = "rows"
ROW = np.dtype([("priority", "<u8"), ("sense", "<i4"), ("judged", "i1"), ("audited", "i1")])
"""A context. Of two that cannot both stay, that with the lower priority stays: by verdict, then by
digest of the id."""
_MOST_COUNTERS = 1 << 22
_AT_ONCE = 8192
_COUNTS = "counts"
_COUNTED = np.dtype([("slot", "<u4"), ("count", "<u4")])


def _n_counters(n_rows: int) -> int:
    """A power of two."""
    return int(min(_MOST_COUNTERS, 1 << (16 * n_rows).bit_length()))


class SetWriter:
    """Leaves the bigram sets of a piece, and how often each bigram is in them."""

    def __init__(self, arrays: Arrays, piece: int, n_rows: int) -> None:
        """``n_rows``: of all pieces together."""
        self._arrays, self._piece = arrays, piece
        self._last_counter = np.uint64(_n_counters(n_rows) - 1)
        self._grams: list[U64] = [np.zeros(0, dtype=np.uint64)]
        self._counted: list[U64] = [np.zeros(0, dtype=np.uint64)]
        self._sizes: list[NDArray[np.uint16]] = [np.zeros(0, dtype=np.uint16)]
        self._signatures: list[U64] = [np.zeros(0, dtype=np.uint64)]

    def add(self, batch: GramBatch, *, counted: bool = True) -> None:
        """Adds the sets of a batch of sentences; whether their bigrams are counted too."""
        if int(batch.sizes.max(initial=0)) > np.iinfo(np.uint16).max:
            raise ValueError("a sentence has more than 65,535 bigrams")
        self._grams.append(batch.grams)
        if counted:
            self._counted.append(batch.grams & self._last_counter)
        self._sizes.append(batch.sizes.astype(np.uint16))
        bits = np.uint64(1) << (batch.grams >> np.uint64(58))
        self._signatures.append(np.bitwise_or.reduceat(bits, batch.offsets[:-1]))

    def close(self) -> NDArray[np.uint16]:
        """Writes what was added; returns the sizes of the sets."""
        sizes = np.concatenate(self._sizes)
        slots, counts = np.unique(np.concatenate(self._counted), return_counts=True)
        counted = np.zeros(len(slots), dtype=_COUNTED)
        counted["slot"], counted["count"] = slots, counts
        for kind, array in (
            ("unordered", np.concatenate(self._grams)),
            ("sizes", sizes),
            ("signatures", np.concatenate(self._signatures)),
            (_COUNTS, counted),
        ):
            self._arrays.save(f"{kind}-{self._piece}", array)
        return sizes


def sum_counts(arrays: Arrays, pieces: Sequence[Piece]) -> None:
    """Leaves how frequent each bigram is in all pieces; their own counts are deleted."""
    total = np.zeros(_n_counters(pieces[-1].rows.stop), dtype=np.uint32)
    for piece in pieces:
        counted = arrays.load(f"{_COUNTS}-{piece.number}", _COUNTED)
        total[counted["slot"]] += counted["count"]
        (arrays.folder / f"{_COUNTS}-{piece.number}").unlink()
    arrays.save(_COUNTS, total)


def put_in_order(arrays: Arrays, piece: int) -> tuple[NDArray[np.uint16], U64, U64]:
    """Leaves the sets of a piece in the common order; returns sizes, signatures and bigrams."""
    counts = arrays.load(_COUNTS, np.uint32)
    sizes = arrays.load(f"sizes-{piece}", np.uint16)
    signatures = arrays.load(f"signatures-{piece}", np.uint64)
    grams = arrays.load(f"unordered-{piece}", np.uint64)
    offsets = starts_of(sizes)
    for start in range(0, len(sizes), _AT_ONCE):
        own = sizes[start : start + _AT_ONCE]
        some = slice(offsets[start], offsets[start + len(own)])
        grams[some] = _in_order(grams[some], own, counts)
    arrays.save(f"grams-{piece}", grams)
    return sizes, signatures, grams


def _in_order(grams: U64, sizes: NDArray[np.uint16], counts: NDArray[np.uint32]) -> U64:
    """Each set by frequency, equal frequencies by the number itself: one order for all sets."""
    often = counts[(grams & np.uint64(len(counts) - 1)).astype(np.int64)]
    ranks = (np.minimum(often, 0xFFFFFF).astype(np.uint64) << np.uint64(40)) | (
        grams >> np.uint64(24)
    )
    return grams[np.lexsort((ranks, np.repeat(np.arange(len(sizes)), sizes)))]


def starts_of(sizes: NDArray[np.uint16]) -> I64:
    """(n + 1,): set i is ``grams[starts[i]:starts[i + 1]]``."""
    starts: I64 = np.append(0, np.cumsum(sizes, dtype=np.int64))
    return starts


def prefix_lengths(sizes: NDArray[np.uint16], threshold: float) -> I64:
    """How many of its first bigrams must be looked at for each set."""
    whole = sizes.astype(np.int64)
    beyond: I64 = whole - ceiling(threshold * whole)
    return np.minimum(beyond + 1, whole)


def n_postings(sizes: NDArray[np.uint16], threshold: float) -> int:
    """How many places sets of these sizes have in the index."""
    return int(prefix_lengths(sizes, threshold).sum())


def ceiling(numbers: NDArray[np.floating[Any]]) -> I64:
    """The ceiling, forgiving the rounding error of a product that should be whole."""
    whole: I64 = np.ceil(numbers - 1e-9).astype(np.int64)
    return whole


@dataclass(frozen=True, slots=True)
class Sets:
    """The bigram sets of some rows, with the rows themselves."""

    numbers: I64
    """(n,): ascending, each once."""
    grams: U64
    starts: I64
    """(n + 1,)"""
    rows: NDArray[np.void]
    """(n,): as ``ROW``."""


def sets_of(arrays: Arrays, pieces: Sequence[Piece], numbers: I64) -> Sets:
    """The sets of these rows (ascending, each once), whichever pieces they are in."""
    grams: list[U64] = [np.zeros(0, dtype=np.uint64)]
    sizes: list[I64] = [np.zeros(0, dtype=np.int64)]
    rows: list[NDArray[np.void]] = [np.zeros(0, dtype=ROW)]
    for piece, own in in_pieces(pieces, numbers):
        starts = starts_of(arrays.load(f"sizes-{piece.number}", np.uint16))
        lengths = starts[own + 1] - starts[own]
        place = np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        at = np.repeat(starts[own], lengths) + place
        grams.append(arrays.mapped(f"grams-{piece.number}", np.uint64)[at])
        rows.append(arrays.mapped(f"{ROWS}-{piece.number}", ROW)[own])
        sizes.append(lengths)
    found = np.append(0, np.cumsum(np.concatenate(sizes)))
    return Sets(numbers, np.concatenate(grams), found, np.concatenate(rows))


def in_pieces(pieces: Sequence[Piece], numbers: I64) -> Iterator[tuple[Piece, I64]]:
    """Each piece that has some of these rows (ascending), and which of its own rows they are."""
    bounds = np.searchsorted(numbers, [piece.rows.stop for piece in pieces])
    first = 0
    for piece, end in zip(pieces, bounds.tolist(), strict=True):
        if end > first:
            yield piece, numbers[first:end] - piece.start
        first = end
