"""Intervals by resampling lemmas, for contexts of one lemma are not independent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_BLOCK = 64


@dataclass(frozen=True, slots=True)
class Estimate:
    """A share with its interval, over so many items of so many lemmas."""

    value: float
    low: float
    high: float
    n_items: int
    n_lemmas: int


def accuracy(
    correct: Sequence[bool],
    lemmas: Sequence[str],
    *,
    samples: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
) -> Estimate:
    """Accuracy (= micro-F1, one answer per item) and its percentile interval over lemmas.

    NaN for no items.
    """
    if not correct:
        return Estimate(float("nan"), float("nan"), float("nan"), 0, 0)
    names, group = np.unique(np.asarray(lemmas), return_inverse=True)
    right = np.bincount(group, weights=np.asarray(correct, dtype=float))
    total = np.bincount(group).astype(float)
    rng = np.random.default_rng(seed)
    values = np.empty(samples)
    for at in range(0, samples, _BLOCK):
        n = min(_BLOCK, samples - at)
        drawn = rng.integers(0, len(names), size=(n, len(names)))
        values[at : at + n] = right[drawn].sum(axis=1) / total[drawn].sum(axis=1)
    tail = (1 - confidence) / 2
    low, high = np.quantile(values, [tail, 1 - tail])
    return Estimate(
        float(right.sum() / total.sum()), float(low), float(high), len(correct), len(names)
    )
