"""The 95 % interval for the share of good rows in one stratum, from the exact distribution.

N rows hold an unknown number K of good ones; n rows were drawn without replacement and x were
good, so that X is hypergeometric. K is inside when what would have surprised more is not rarer
than 5 %, the samples as likely as the one that was seen counting half:

    P_K(p_K(X) < p_K(x)) + P_K(p_K(X) = p_K(x)) / 2 > 0.05,    p_K(x) = P_K(X = x).

This is Sterne's interval with the mid-p: the test orders samples by their probability (Sterne,
Some remarks on confidence or fiducial limits, Biometrika 41, 1954), and half of the tie brings the
coverage, which must jump from K to K as X is whole, near 95 % instead of above it (Lancaster,
Significance tests in discrete distributions, JASA 56, 1961). Where the K inside leave a gap, the
interval reaches from the smallest to the largest (Fay, Two-sided exact tests and matching
confidence intervals for discrete data, R Journal 2(1), 2010).
"""

from __future__ import annotations

from functools import lru_cache
from math import ceil, floor, log, sqrt

import numpy as np
from numpy.typing import NDArray

LEVEL = 0.05
"""What is left outside of a 95 % interval."""
_SAME = 1e-7
"""Probabilities whose ratio is so near to 1 are equal, but for rounding."""
_AT_ONCE = 256
"""Numbers of good rows tried in one call: a table of some MB for the largest samples."""

Counts = NDArray[np.int64]
Floats = NDArray[np.float64]


def exact(good: int, n: int, population: float) -> tuple[float, float]:
    """The ends of the interval for K / N; it holds ``good / n``. A part of a row is a row.

    By Hoeffding's inequality (1963) a sample whose share is d or more away from K / N, and so any
    that is rarer, has a probability of at most exp(-2 n d^2): a K so far off that n + 1 of these
    stay below 5 % need not be tried.
    """
    share, rows = good / n, ceil(population - 1e-9)
    far = sqrt(log((n + 1) / LEVEL) / (2 * n))
    least = max(good, floor(rows * (share - far)))
    most = min(rows - (n - good), ceil(rows * (share + far)))
    low = _first_inside(np.arange(least, most + 1), good, n, rows) / rows
    high = _first_inside(np.arange(most, least - 1, -1), good, n, rows) / rows
    return min(low, share), max(high, share)


def mid_p(counts: Counts, good: int, n: int, population: int) -> Floats:
    """How likely a sample no likelier than ``good`` of ``n`` is under every K of ``counts``."""
    reach = min(n, ceil(3.5 * sqrt(n)) + 1)  # beyond lies less than 5e-11 (Hoeffding)
    samples = (counts * n // population)[:, None] + np.arange(-reach, reach + 1)
    likely = _probability(samples, counts[:, None], n, population)
    seen = _probability(np.array(good), counts, n, population)[:, None]
    rarer = (likely * (likely < seen * (1 - _SAME))).sum(axis=1)
    tied = (likely * (np.abs(likely - seen) <= seen * _SAME)).sum(axis=1)
    return np.asarray(rarer + tied / 2)


def _first_inside(counts: Counts, good: int, n: int, population: int) -> int:
    for start in range(0, len(counts), _AT_ONCE):
        part = counts[start : start + _AT_ONCE]
        inside = mid_p(part, good, n, population) > LEVEL
        if inside.any():
            return int(part[inside.argmax()])
    raise AssertionError(f"no share of {population} rows explains {good} good ones of {n}")


def _probability(x: Counts, good: Counts, n: int, population: int) -> Floats:
    """The hypergeometric probability of ``x`` good rows among ``n``; 0 where there is no such x."""
    bad = population - good
    possible = (x >= 0) & (x <= n) & (x <= good) & (n - x <= bad)
    x = np.where(possible, x, np.maximum(0, n - bad))
    logs = _log_factorials(population)
    exponent = (
        (logs[good] - logs[x] - logs[good - x])
        + (logs[bad] - logs[n - x] - logs[bad - n + x])
        - (logs[population] - logs[n] - logs[population - n])
    )
    return np.where(possible, np.exp(exponent), 0.0)


@lru_cache(maxsize=4)
def _log_factorials(most: int) -> Floats:
    """log 0!, log 1!, ..., log most!"""
    return np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, most + 1)))])
