"""The usages of words: how many each has, their centres, and how often each is met."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.senses.kmeans import Floats, canonical_order, k_means, squared_distances
from trainer.senses.reservoir import seed_of
from trainer.senses.settings import SensesSettings

NUMBERS_OF_USAGES = (1, 2, 3, 5, 8, 12, 20)
"""Those among which "explained" chooses."""
_NEARLY = 0.02
_PER_USAGE = 5
_HELD_OUT = 10


@dataclass(frozen=True, slots=True)
class Usages:
    """A word's centres (k, w), the most frequent first; their numbers of points; whose each is."""

    centres: Floats
    mass: NDArray[np.int32]
    labels: NDArray[np.int64]


def cluster_words(
    points: Floats, words: Sequence[str], n_senses: Sequence[int], settings: SensesSettings
) -> list[Usages]:
    """The usages of words with equally many vectors, ``points`` being (U, n, w).

    ``n_senses`` is the number of each word's senses in the inventory, 0 where it has none.
    """
    points = np.ascontiguousarray(points, dtype=np.float32)
    seeds = [seed_of("k-means", word) for word in words]
    numbers = _numbers(points, seeds, n_senses, settings)
    found: dict[int, Usages] = {}
    alike: dict[int, list[int]] = defaultdict(list)
    for at, k in enumerate(numbers):
        alike[k].append(at)
    for k, own in sorted(alike.items()):
        clusters = k_means(
            points[own], k, [seeds[at] for at in own], settings.steps, settings.restarts
        )
        for at, centres, labels in zip(own, clusters.centres, clusters.labels, strict=True):
            found[at] = in_order(centres, labels)
    return [found[at] for at in range(len(words))]


def _numbers(
    points: Floats, seeds: Sequence[int], n_senses: Sequence[int], settings: SensesSettings
) -> list[int]:
    n = points.shape[1]
    most = max(1, min(settings.most_usages, n // _PER_USAGE))
    if settings.choice == "fixed":
        return [most] * len(points)
    if settings.choice == "inventory":
        return [max(1, min(own, n if n >= _PER_USAGE else 1)) for own in n_senses]
    tried = [k for k in NUMBERS_OF_USAGES if k <= most]
    shares = held_out_shares(points, tried, seeds, settings.steps)
    return [smallest_good(dict(zip(tried, own, strict=True))) for own in shares.T]


def smallest_good(shares: dict[int, float]) -> int:
    """The smallest number whose share is within 0.02 of the best."""
    best = max(shares.values())
    return min(k for k, share in shares.items() if share >= best - _NEARLY)


def held_out_shares(
    points: Floats, tried: Sequence[int], seeds: Sequence[int], steps: int
) -> NDArray[np.float64]:
    """(numbers, U) shares of the variance of a tenth of the points that the rest explains.

    Five points are held out at least; the variance is about the mean of those that are not. One
    start each: what it costs to choose must not exceed what the clustering costs.
    """
    n_words, n, _ = points.shape
    if len(tried) == 1:
        return np.zeros((1, n_words))
    order = canonical_order(points)
    n_held = max(_PER_USAGE, n // _HELD_OUT)
    drawn = np.stack([np.random.default_rng([seed, 0]).permutation(n) for seed in seeds])
    rows = np.take_along_axis(order, drawn, axis=1)
    held, rest = (
        np.take_along_axis(points, part[:, :, None], axis=1)
        for part in (rows[:, :n_held], rows[:, n_held:])
    )
    mean = rest.mean(axis=1, keepdims=True)
    total = np.square(held - mean, dtype=np.float64).sum(axis=(1, 2))
    shares = []
    for k in tried:
        centres = mean if k == 1 else k_means(rest, k, seeds, steps, 1).centres
        left = squared_distances(held, centres).min(axis=2).sum(axis=1, dtype=np.float64)
        shares.append(np.where(total > 0, 1.0 - left / np.maximum(total, 1e-30), 0.0))
    return np.stack(shares)


def in_order(centres: Floats, labels: NDArray[np.int64]) -> Usages:
    """Centres without points are left out; the most frequent first, equals by their bytes."""
    mass = np.bincount(labels, minlength=len(centres))
    order = [int(j) for j in np.flatnonzero(mass)]
    order.sort(key=lambda j: (-int(mass[j]), centres[j].tobytes()))
    place = np.full(len(centres), -1, dtype=np.int64)
    place[order] = np.arange(len(order))
    return Usages(centres[order], mass[order].astype(np.int32), place[labels])
