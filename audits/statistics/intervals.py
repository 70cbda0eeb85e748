"""95 % intervals for a share: of a stratified sample, and Wilson's.

A stratum h of N_h rows holds an unknown share p_h of good ones; n_h rows were drawn without
replacement and x_h were good. With W_h = N_h / N the overall share is estimated by
sum(W_h x_h / n_h).

Where only one stratum has rows that were not read, one number is unknown, and the interval is
exact (:mod:`audits.statistics.exact`). Otherwise it inverts a score test. A value t is inside when

    (estimate - t)^2 <= z^2 * sum(W_h^2 * q_h * (1 - q_h) / m_h),

where m_h = n_h (N_h - 1) / (N_h - n_h) carries the finite-population correction (an infinite
m_h: the stratum was read in full) and q_h are the stratum shares most likely under
sum(W_h q_h) = t. The likelihood holds one further observation per stratum, worth t: without it a
stratum of four rows that are all good passes for one without variance, and the interval is too
short. With a single stratum q_1 = t, and this is Wilson's interval (1927).

Source of the score interval for a sum of weighted proportions: Martín Andrés, Álvarez Hernández
and Herranz Tejedor, Inferences about a linear combination of proportions, Statistical Methods in
Medical Research 20 (2011). Arrays have one column per stratum and one row per audit, so that a
thousand simulated audits are one call.
"""

from __future__ import annotations

from math import sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from audits.statistics.exact import exact

Floats = NDArray[np.float64]

Z95 = 1.959963984540054
"""The 97.5 % point of the normal distribution."""
_READ_IN_FULL = 1e12
"""Stands for an endless sample: no variance is left."""
_OUTER_STEPS = 32
"""Halvings of at most 1: an end is known to 2^-32."""
_INNER_STEPS = 48
"""Halvings of 50: the multiplier's inverse hyperbolic sine is known to 2e-13."""


class Bounds(NamedTuple):
    """Estimates with the ends of their intervals, each of shape (audits,)."""

    value: Floats
    low: Floats
    high: Floats


def wilson(good: float, n: float) -> tuple[float, float]:
    """Wilson's 95 % interval for a share, of a population without end."""
    share, shrunk = min(1.0, good / n), 1 + Z95**2 / n
    centre = (share + Z95**2 / (2 * n)) / shrunk
    half = Z95 / shrunk * sqrt(share * (1 - share) / n + Z95**2 / (4 * n**2))
    # An end that equals the estimate may miss it by the last bit.
    return max(0.0, min(centre - half, share)), min(1.0, max(centre + half, share))


def stratified(good: Floats, n: Floats, population: Floats) -> Bounds:
    """Stratified estimates and their 95 % intervals.

    ``good`` (audits, strata), ``n`` and ``population`` (strata,), all whole; every n is 1 or more
    and at most its population.
    """
    unread = np.flatnonzero(np.asarray(population) > np.asarray(n))
    if len(unread) > 1:
        return score(good, n, population)
    good, population = np.atleast_2d(good), np.asarray(population, dtype=np.float64)
    value: Floats = (good / n) @ (population / population.sum())
    if not len(unread):
        return Bounds(value, value, value)
    [stratum] = unread
    rows = float(population[stratum])
    read: Floats = good.sum(axis=1) - good[:, stratum]
    ends = np.array([exact(int(x), int(n[stratum]), rows) for x in good[:, stratum]])
    low, high = (read[:, None] + rows * ends).T / population.sum()
    return Bounds(value, np.minimum(low, value), np.maximum(high, value))


def score(
    good: Floats,
    n: Floats,
    population: Floats,
    ratio: float | Floats = 1.0,
    extra: float | Floats = 0.0,
) -> Bounds:
    """The same with the score interval, whatever the strata; nothing need be whole.

    ``ratio`` is the variance of the rows' values to that of values that are 0 or 1 and have the
    same mean, ``extra`` a variance of the estimate that does not come from the draw of rows; both
    are numbers, or arrays of shape (audits,).
    """
    good = np.atleast_2d(np.asarray(good, dtype=np.float64))
    n, population = np.asarray(n, dtype=np.float64), np.asarray(population, dtype=np.float64)
    weight = population / population.sum()
    value = (good / n) @ weight
    size = _corrected(n, population)

    # Both ends at once, each bisected from the estimate, which is inside, towards 0 or 1.
    twice, centre = np.concatenate([good, good]), np.concatenate([value, value])
    ratio, extra = (np.tile(np.broadcast_to(each, value.shape), 2) for each in (ratio, extra))
    inside, out = centre, np.repeat([0.0, 1.0], len(value))
    for _ in range(_OUTER_STEPS):
        middle = (inside + out) / 2
        share = most_likely_shares(middle, twice, n, weight)
        variance = ratio * ((share * (1 - share) / size) @ weight**2) + extra
        accepted = (centre - middle) ** 2 <= Z95**2 * variance
        inside, out = np.where(accepted, middle, inside), np.where(accepted, out, middle)
    low, high = np.split(out, 2)

    # Where another annotator might have said otherwise, nothing that was seen is certain.
    certain = extra[: len(value)] == 0
    seen_good: Floats = np.where(certain, good.sum(axis=1) / population.sum(), 0.0)
    seen_bad: Floats = np.where(certain, (n - good).sum(axis=1) / population.sum(), 0.0)
    return Bounds(
        value,
        np.minimum(np.maximum(low, seen_good), value),
        np.maximum(np.minimum(high, 1 - seen_bad), value),
    )


def most_likely_shares(total: Floats, good: Floats, n: Floats, weight: Floats) -> Floats:
    """The stratum shares q (audits, strata) most likely under ``q @ weight == total``.

    Each stratum has one further observation worth ``total``. At the maximum
    x / q - (m - x) / (1 - q) = multiplier * weight in every stratum, a quadratic in q that falls
    as the multiplier grows; the multiplier is found by bisection on its inverse hyperbolic sine.
    A single stratum's share is the total itself.
    """
    if good.shape[1] == 1:
        return total[:, None]
    good, n = good + total[:, None], n + 1
    low, high = np.full_like(total, -25.0), np.full_like(total, 25.0)
    for _ in range(_INNER_STEPS):
        middle = (low + high) / 2
        too_large = _root(np.sinh(middle)[:, None] * weight, good, n) @ weight > total
        low, high = np.where(too_large, middle, low), np.where(too_large, high, middle)
    return _root(np.sinh((low + high) / 2)[:, None] * weight, good, n)


def _root(slope: Floats, good: Floats, n: Floats) -> Floats:
    """The root in [0, 1] of slope q^2 - (n + slope) q + good = 0, in its stable form."""
    linear = n + slope
    discriminant = np.sqrt(np.maximum(linear**2 - 4 * slope * good, 0.0))
    positive = 2 * good / np.where(linear >= 0, linear + discriminant, 1.0)
    negative = (linear - discriminant) / np.where(linear < 0, 2 * slope, 1.0)
    return np.minimum(np.maximum(np.where(linear >= 0, positive, negative), 0.0), 1.0)


def _corrected(n: Floats, population: Floats) -> Floats:
    """The sample sizes that give the same variance with replacement."""
    left = population - n
    return np.where(left > 0, n * (population - 1) / np.where(left > 0, left, 1.0), _READ_IN_FULL)
