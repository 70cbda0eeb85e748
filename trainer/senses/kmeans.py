"""k-means of many words at once: equal points give equal bytes, in any order and any company.

Words with equally many vectors are stacked to (U, n, w); every product is made word by word, so
that no word's centres depend on the others in its stack. The rows of a word are sorted by their
bytes first, and what is random is seeded by the word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Clusters:
    """Centres (U, k, w), the centre of each point (U, n), and the sums of squares (U,)."""

    centres: Floats
    labels: NDArray[np.int64]
    inertia: NDArray[np.float64]


def k_means(points: Floats, k: int, seeds: Sequence[int], steps: int, restarts: int) -> Clusters:
    """The best of ``restarts`` runs of Lloyd's algorithm from k-means++ starts, per word.

    ``points`` is (U, n, w) with k <= n. Where a word has fewer distinct points than k, some
    centres coincide and have no points.
    """
    order = canonical_order(points)
    ordered = np.take_along_axis(points, order[:, :, None], axis=1)
    best: Clusters | None = None
    for restart in range(restarts):
        draws = np.stack([np.random.default_rng([seed, k, restart]).random(k) for seed in seeds])
        found = lloyd(ordered, spread_starts(ordered, draws), steps)
        best = found if best is None else _better(best, found)
    assert best is not None
    labels = np.empty_like(best.labels)
    np.put_along_axis(labels, order, best.labels, axis=1)
    return Clusters(best.centres, labels, best.inertia)


def canonical_order(points: Floats) -> NDArray[np.int64]:
    """(U, n) positions that sort each word's rows by their bytes: an order of their own."""
    rows = np.ascontiguousarray(points)
    n = points.shape[1]
    found = [sorted(range(n), key=[row.tobytes() for row in own].__getitem__) for own in rows]
    return np.array(found, dtype=np.int64).reshape(len(points), n)


def squared_distances(points: Floats, centres: Floats) -> Floats:
    """(U, n, k) squared distances of points (U, n, w) from centres (U, k, w), none below 0."""
    products = points @ centres.transpose(0, 2, 1)
    own = np.square(points).sum(axis=2, keepdims=True)
    theirs = np.square(centres).sum(axis=2)[:, None, :]
    found: Floats = np.maximum(own - 2.0 * products + theirs, 0.0)
    return found


def spread_starts(points: Floats, draws: NDArray[np.float64]) -> Floats:
    """(U, k, w) first centres by k-means++: far points are likelier (Arthur, Vassilvitskii 2007).

    ``draws`` (U, k) are uniform in [0, 1): the j-th chooses the j-th centre.
    """
    n_words, n, width = points.shape
    k, words = draws.shape[1], np.arange(n_words)
    centres = np.empty((n_words, k, width), dtype=np.float32)
    chosen = np.minimum((draws[:, 0] * n).astype(np.int64), n - 1)
    closest = np.full((n_words, n), np.inf)
    for j in range(k):
        if j:
            summed = np.cumsum(closest, axis=1)
            aim = draws[:, j] * summed[:, -1]
            chosen = np.minimum((summed <= aim[:, None]).sum(axis=1), n - 1)
        centres[:, j] = points[words, chosen]
        distances = np.square(points - centres[:, j][:, None, :]).sum(axis=2)
        closest = np.minimum(closest, distances)
    return centres


def lloyd(points: Floats, centres: Floats, steps: int) -> Clusters:
    """At most ``steps`` times: each point to its nearest centre, each centre to their mean.

    A centre without points takes the point that is farthest from its own, and no step makes the
    sum of squares larger.
    """
    labels: NDArray[np.int64] | None = None
    for _ in range(steps):
        distances = squared_distances(points, centres)
        nearest = distances.argmin(axis=2)
        if labels is not None and np.array_equal(nearest, labels):
            break
        labels = nearest
        centres = _moved(points, labels, distances.min(axis=2), centres.shape[1])
    labels = squared_distances(points, centres).argmin(axis=2)
    own = np.take_along_axis(centres, labels[:, :, None], axis=1)
    inertia = np.square(points - own, dtype=np.float64).sum(axis=(1, 2))
    return Clusters(centres, labels, inertia)


def _moved(points: Floats, labels: NDArray[np.int64], distances: Floats, k: int) -> Floats:
    belongs = (labels[:, :, None] == np.arange(k)).astype(np.float32)
    counts = belongs.sum(axis=1)
    centres: Floats = belongs.transpose(0, 2, 1) @ points / np.maximum(counts, 1.0)[:, :, None]
    distances = distances.copy()
    for word, empty in zip(*np.nonzero(counts == 0), strict=True):
        farthest = int(distances[word].argmax())
        centres[word, empty] = points[word, farthest]
        distances[word, farthest] = 0.0
    return centres


def _better(one: Clusters, other: Clusters) -> Clusters:
    wins = other.inertia < one.inertia
    return Clusters(
        np.where(wins[:, None, None], other.centres, one.centres),
        np.where(wins[:, None], other.labels, one.labels),
        np.where(wins, other.inertia, one.inertia),
    )
