"""The index of the join: every context under the rarest bigrams of its sentence, in parts.

A part has all postings of some bigrams, so that parts are searched one by one, in any order, by
whoever comes: sentences that have a bigram of their prefixes in common meet in its part.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.select.grams import I64
from pipeline.select.pieces import Piece
from pipeline.select.rounds import rounds_of
from pipeline.select.sets import ROW, ROWS, prefix_lengths, put_in_order, starts_of
from pipeline.select.task import Selection

POSTING = np.dtype(
    [
        ("key", "<u8"), ("signature", "<u8"), ("row", "<u4"), ("size", "<u2"), ("place", "<u2"),
        ("round", "u1"),
    ]
)  # fmt: skip
"""A row under its bigram ``key``, which stands at ``place`` of its ``size`` bigrams. ``signature``:
one bit of 64 per bigram; sets that differ in d bigrams differ in at most d bits."""
POSTINGS = "postings"
_ROWS_AT_ONCE = 1 << 16


@dataclass(frozen=True, slots=True)
class Plan:
    """How the index is cut."""

    bounds: tuple[int, ...]
    """Where rounds begin: :func:`pipeline.select.rounds.bounds_of_rounds`."""
    n_parts: int

    @property
    def n_rounds(self) -> int:
        """One more than there are bounds."""
        return len(self.bounds) + 1

    @property
    def n_slots(self) -> int:
        """The postings of a piece lie by round, and by part within a round."""
        return self.n_rounds * self.n_parts


def index_piece(task: tuple[Selection, Piece, Plan]) -> I64:
    """Leaves the sets of a piece in order and its postings; returns how many, by slot."""
    selection, piece, plan = task
    arrays, threshold = selection.arrays, selection.settings.near_duplicate_threshold
    sizes, signatures, grams = put_in_order(arrays, piece.number)
    starts = starts_of(sizes)
    priority = arrays.load(f"{ROWS}-{piece.number}", ROW)["priority"]
    rounds = rounds_of(priority, plan.bounds)
    kept = np.flatnonzero(selection.staying()[piece.rows])
    found = [np.zeros(0, dtype=POSTING)]
    for first in range(0, len(kept), _ROWS_AT_ONCE):
        rows = kept[first : first + _ROWS_AT_ONCE]
        n_own = prefix_lengths(sizes[rows], threshold)
        owner = np.repeat(rows, n_own)
        place = np.arange(len(owner)) - np.repeat(np.cumsum(n_own) - n_own, n_own)
        postings = np.empty(len(owner), dtype=POSTING)
        postings["key"] = grams[starts[owner] + place]
        postings["row"], postings["place"] = owner + piece.start, place
        postings["size"], postings["signature"] = sizes[owner], signatures[owner]
        postings["round"] = rounds[owner]
        found.append(postings)
    every = np.concatenate(found)
    slot = (every["key"] % np.uint64(plan.n_parts)).astype(np.int64)
    slot += every["round"].astype(np.int64) * plan.n_parts
    arrays.save_in_parts(f"{POSTINGS}-{piece.number}", every, slot, plan.n_slots)
    counts: I64 = np.bincount(slot, minlength=plan.n_slots)
    return counts


def read_postings(
    selection: Selection, plan: Plan, rounds: range, parts: range
) -> NDArray[np.void]:
    """The postings of some rounds in neighbouring parts, without those of rows that are dropped."""
    staying, found = selection.staying(), [np.zeros(0, dtype=POSTING)]
    for name in selection.names(POSTINGS):
        bounds = selection.arrays.bounds(name)
        for number in rounds:
            start = int(bounds[number * plan.n_parts + parts.start])
            end = int(bounds[number * plan.n_parts + parts.stop])
            if end > start:
                some = selection.arrays.load(name, POSTING, start, end - start)
                found.append(some[staying[some["row"]]])
    return np.concatenate(found)
