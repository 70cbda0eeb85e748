"""The smallest sample that meets a margin: on average, or with an assurance."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from audits.statistics.intervals import score

DRAWS = 400
"""Samples that are simulated to see how often a size meets the margin: an assurance of 0.8 is
known to 2 points."""


def for_margin(
    margin: float,
    assurance: float | None,
    population: Mapping[str, int],
    good: Mapping[str, float],
    sizes: Callable[[int], dict[str, int]],
    least: int,
) -> dict[str, int]:
    """The smallest sample whose interval reaches ``margin`` to either side.

    Without an assurance, that of a sample which shows the expected shares; with one, that of so
    many samples: half the audits miss the margin of an average one.
    """
    low, high = min(least, sum(population.values())), sum(population.values())
    while low < high:
        middle = (low + high) // 2
        found = (
            expected_margin(sizes(middle), population, good)
            if assurance is None
            else assured_margin(sizes(middle), population, good, assurance)
        )
        if found <= margin:
            high = middle
        else:
            low = middle + 1
    return sizes(low)


def expected_margin(
    sizes: Mapping[str, int], population: Mapping[str, int], good: Mapping[str, float]
) -> float:
    """Half the width of the interval if every stratum's sample shows its expected share."""
    n, counts, share = _arrays(sizes, population, good)
    bounds = score(n * share, n, counts)
    return float((bounds.high - bounds.low)[0] / 2)


def assured_margin(
    sizes: Mapping[str, int],
    population: Mapping[str, int],
    good: Mapping[str, float],
    assurance: float,
) -> float:
    """Half the width of the interval that so many samples do not exceed."""
    n, counts, share = _arrays(sizes, population, good)
    generator = np.random.default_rng(0)
    right = np.round(counts * share).astype(np.int64)
    wrong = counts.astype(np.int64) - right
    seen = generator.hypergeometric(right, wrong, n.astype(np.int64), size=(DRAWS, len(n)))
    bounds = score(seen.astype(np.float64), n, counts)
    return float(np.quantile((bounds.high - bounds.low) / 2, assurance))


def _arrays(
    sizes: Mapping[str, int], population: Mapping[str, int], good: Mapping[str, float]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    names = sorted(sizes)
    n = np.array([sizes[name] for name in names], dtype=np.float64)
    counts = np.array([population[name] for name in names], dtype=np.float64)
    return n, counts, np.array([good[name] for name in names])
