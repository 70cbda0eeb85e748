"""In which round of the search for near-duplicates a context is, by its priority."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.select.grams import I64, U64

_BITS = 16
_GROWTH = 4


def bucket_of(priority: U64) -> I64:
    """(n,): the leading bits of priorities."""
    bucket: I64 = (priority >> np.uint64(64 - _BITS)).astype(np.int64)
    return bucket


def buckets(priority: U64) -> I64:
    """How many of these priorities have each of the leading bits."""
    counts: I64 = np.bincount(bucket_of(priority), minlength=1 << _BITS)
    return counts


def bounds_of_rounds(by_bucket: I64, first_round: int) -> list[int]:
    """The buckets at which a new round begins.

    The first round has about ``first_round`` rows, and all rounds so far have four times as many
    each time.
    """
    so_far = np.cumsum(by_bucket)
    bounds: list[int] = []
    wanted = first_round
    while wanted < (so_far[-1] if len(so_far) else 0):
        bound = int(np.searchsorted(so_far, wanted)) + 1
        if not bounds or bound > bounds[-1]:
            bounds.append(bound)
        wanted *= _GROWTH
    return bounds


def rounds_of(priority: U64, bounds: Sequence[int]) -> NDArray[np.uint8]:
    """(n,): the round of each row, from 0."""
    return np.searchsorted(bounds, bucket_of(priority), side="right").astype(np.uint8)
