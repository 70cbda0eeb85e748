"""Intervals by resampling lemmas, for contexts of one lemma are not independent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_BLOCK = 64


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean with its interval, over so many items of so many lemmas."""

    value: float
    low: float
    high: float
    n_items: int
    n_lemmas: int


def mean_over_lemmas(
    values: Sequence[float],
    lemmas: Sequence[str],
    *,
    samples: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
) -> Estimate:
    """The mean of the items' values and its percentile interval over lemmas; NaN for no items.

    Accuracy (= micro-F1, one answer per item) where a value is 1 for right and 0 for wrong; a
    lead where it is the difference of two systems on the same item.
    """
    if not values:
        return Estimate(float("nan"), float("nan"), float("nan"), 0, 0)
    names, group = np.unique(np.asarray(lemmas), return_inverse=True)
    summed = np.bincount(group, weights=np.asarray(values, dtype=float))
    total = np.bincount(group).astype(float)
    rng = np.random.default_rng(seed)
    means = np.empty(samples)
    for at in range(0, samples, _BLOCK):
        n = min(_BLOCK, samples - at)
        drawn = rng.integers(0, len(names), size=(n, len(names)))
        means[at : at + n] = summed[drawn].sum(axis=1) / total[drawn].sum(axis=1)
    tail = (1 - confidence) / 2
    low, high = np.quantile(means, [tail, 1 - tail])
    return Estimate(
        float(summed.sum() / total.sum()), float(low), float(high), len(values), len(names)
    )
