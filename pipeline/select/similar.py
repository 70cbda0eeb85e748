"""All pairs of sentences whose bigram sets have at least a given Jaccard similarity: exact.

Prefix and positional filtering as in AllPairs (Bayardo et al. 2007) and PPJoin (Xiao et al.
2008): when the bigrams of all sets stand in one order, two sets x and y with Jaccard >= t share
at least o(x, y) = t / (1 + t) * (|x| + |y|) bigrams, so their first common bigram stands among
the first |x| - ceil(t |x|) + 1 of x. Sentences are therefore met under the bigrams of their
prefixes, rarest first, filtered by 64-bit signatures, and compared in full. No filter loses a
pair, so the recall is 1.

The index is searched in parts (:mod:`pipeline.select.index`), so that each search needs the same
memory however many sentences there are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.select.grams import I64, U64
from pipeline.select.index import Plan, read_postings
from pipeline.select.sets import ceiling, sets_of
from pipeline.select.task import Selection

Postings = NDArray[np.void]
Pairs = NDArray[np.void]
"""As ``PAIR``."""
PAIR = np.dtype(
    [
        ("left", "<u4"), ("right", "<u4"), ("similarity", "<f8"),
        ("left_priority", "<u8"), ("right_priority", "<u8"),
        ("left_sense", "<i4"), ("right_sense", "<i4"),
    ]
)  # fmt: skip
"""Two rows that resemble each other, left < right, with what decides which of them stays."""
_PAIRS = 1 << 16


@dataclass(frozen=True, slots=True)
class Search:
    """A part of the search: which postings are compared."""

    round: int
    with_earlier: bool
    """Rows of the round with those of earlier ones; else among themselves."""
    parts: range


def search(task: tuple[Selection, Plan, Search]) -> Pairs:
    """The similar pairs that meet in these parts, each once, in the order of left, then right."""
    selection, plan, wanted = task
    rounds = range(0 if wanted.with_earlier else wanted.round, wanted.round + 1)
    postings = read_postings(selection, plan, rounds, wanted.parts)
    postings = postings[np.argsort(postings["key"], kind="stable")]
    threshold = selection.settings.near_duplicate_threshold
    found = [
        _compared(selection, some, threshold)
        for some in _batched(
            _met(postings, threshold, across=wanted.with_earlier, last=wanted.round)
        )
    ]
    return joined(found)


def joined(parts: list[Pairs]) -> Pairs:
    """The pairs of several searches, each once, in the order of left, then right."""
    pairs = np.concatenate([np.zeros(0, dtype=PAIR), *parts])
    keys = pairs["left"].astype(np.int64) << 32 | pairs["right"]
    return pairs[np.unique(keys, return_index=True)[1]]


def _met(postings: Postings, threshold: float, *, across: bool, last: int) -> Iterator[I64]:
    """Pairs that no filter could rule out, as left << 32 | right; some more than once.

    Found by comparing every posting with the one d places on; ``across``: only pairs of which one
    is of the round ``last``.
    """
    key = postings["key"]
    at = np.arange(len(key))
    for distance in range(1, len(key)):
        at = at[: np.searchsorted(at, len(key) - distance)]
        at = at[key[at] == key[at + distance]]
        if not len(at):
            return
        for cut in range(0, len(at), 4 * _PAIRS):
            some = at[cut : cut + 4 * _PAIRS]
            left, right = postings[some], postings[some + distance]
            if across:
                differ = (left["round"] == last) != (right["round"] == last)
                left, right = left[differ], right[differ]
            yield _resembling(left, right, threshold / (1 + threshold))


def _resembling(left: Postings, right: Postings, share: float) -> I64:
    """The pairs that may still share enough bigrams.

    Too few may be left behind the common one, and the signatures may differ in too many bits.
    """
    sizes = left["size"].astype(np.int64), right["size"].astype(np.int64)
    total = sizes[0] + sizes[1]
    wanted = ceiling(share * total)
    mask = np.minimum(sizes[0] - left["place"], sizes[1] - right["place"]) >= wanted
    differing = np.bitwise_count(left["signature"] ^ right["signature"])
    mask &= differing <= total - 2 * wanted
    a, b = left["row"][mask].astype(np.int64), right["row"][mask].astype(np.int64)
    pairs: I64 = np.minimum(a, b) << 32 | np.maximum(a, b)
    return pairs


def _batched(candidates: Iterator[I64]) -> Iterator[I64]:
    """The candidates in batches of about ``_PAIRS``, each pair once per batch."""
    waiting: list[I64] = []
    n_waiting = 0
    for some in candidates:
        waiting.append(some)
        n_waiting += len(some)
        if n_waiting >= _PAIRS:
            yield np.unique(np.concatenate(waiting))
            waiting, n_waiting = [], 0
    if n_waiting:
        yield np.unique(np.concatenate(waiting))


def _compared(selection: Selection, pairs: I64, threshold: float) -> Pairs:
    """The candidates that really are similar."""
    ends = pairs >> 32, pairs & 0xFFFFFFFF
    sets = sets_of(selection.arrays, selection.pieces, np.unique(np.concatenate(ends)))
    left, right = (np.searchsorted(sets.numbers, end) for end in ends)
    sizes = np.diff(sets.starts)
    shared = shared_grams(sets.grams, sets.starts, left, right)
    similarity = shared / (sizes[left] + sizes[right] - shared)
    near = similarity >= threshold
    found = np.zeros(int(near.sum()), dtype=PAIR)
    found["similarity"] = similarity[near]
    for side, end, at in (("left", ends[0], left), ("right", ends[1], right)):
        found[side] = end[near]
        found[f"{side}_priority"] = sets.rows["priority"][at[near]]
        found[f"{side}_sense"] = sets.rows["sense"][at[near]]
    return found


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
