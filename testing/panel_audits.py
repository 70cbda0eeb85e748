"""Simulated audits with strata by the judges' votes and a model's doubt, and in several looks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from audits.sampling.allocation import allocate
from audits.statistics.intervals import Bounds, score

Floats = NDArray[np.float64]

# Shares of the rows, and of them that are good: unanimous and sure, unanimous and doubting,
# divided, against.
BEFORE_SELECT = {"sure": (0.70, 0.99), "doubting": (0.12, 0.93), "divided": (0.08, 0.6),
                 "against": (0.10, 0.15)}  # fmt: skip
RELEASED = {"sure": (0.78, 0.985), "doubting": (0.14, 0.9), "divided": (0.08, 0.62)}
ROWS = 20_000


class StrataFound(NamedTuple):
    """What many audits of one population came to."""

    coverage: float
    half_width: float
    simple: float
    """The half-width of a simple random sample of as many rows."""
    bias: float


def audits_by_strata(
    shares: Mapping[str, tuple[float, float]], first: int, more: int, audits: int, seed: int
) -> StrataFound:
    """A first round of ``first`` rows, proportional, and one of ``more`` by Neyman after it."""
    generator = np.random.default_rng(seed)
    population = {name: round(ROWS * share) for name, (share, _) in shares.items()}
    right = {name: round(population[name] * good) for name, (_, good) in shares.items()}
    truth = sum(right.values()) / sum(population.values())
    sizes = allocate(first, population, "proportional")
    by_sizes: dict[tuple[int, ...], list[list[int]]] = {}
    for _ in range(audits):
        seen = _drawn(sizes, right, population, generator)
        good = {name: (seen[name] + 1) / (sizes[name] + 2) for name in sizes}
        both = allocate(first + more, population, "neyman", good=good, drawn=sizes)
        left = {name: right[name] - seen[name] for name in right}
        rest = {name: population[name] - sizes[name] for name in population}
        new = {name: both[name] - sizes[name] for name in both}
        then = _drawn(new, left, rest, generator)
        sample = tuple(both[name] for name in sorted(both))
        by_sizes.setdefault(sample, []).append([seen[n] + then[n] for n in sorted(both)])
    bounds = [
        score(np.array(good, dtype=float), np.array(n, dtype=float), _array(population))
        for n, good in by_sizes.items()
    ]
    low, high, value = (np.concatenate([getattr(b, end) for b in bounds]) for end in _ENDS)
    simple = _simple(first + more, truth, 1000, generator)
    return StrataFound(
        float(((low <= truth) & (truth <= high)).mean()),
        float((high - low).mean() / 2),
        float((simple.high - simple.low).mean() / 2),
        float(value.mean() - truth),
    )


def audits_in_looks(
    good: float, margin: float, first: int, step: int, audits: int, seed: int
) -> tuple[float, float]:
    """Coverage and mean size where an audit stops at the first look that meets the margin.

    The first look is after ``first`` rows, the others ``step`` rows apart.
    """
    generator = np.random.default_rng(seed)
    right, rows = round(good * ROWS), np.array([float(ROWS)])
    seen = generator.hypergeometric(right, ROWS - right, first, audits)
    size, stopped_at = first, np.zeros(audits)
    covered, live = np.zeros(audits, dtype=bool), np.arange(audits)
    while len(live):
        values, back = np.unique(seen, return_inverse=True)
        bounds = score(values[:, None].astype(float), np.array([float(size)]), rows)
        met = ((bounds.high - bounds.low) / 2 <= margin)[back]
        holds = ((bounds.low <= good) & (good <= bounds.high))[back]
        covered[live[met]], stopped_at[live[met]] = holds[met], size
        live, seen = live[~met], seen[~met]
        if len(live):
            seen = seen + generator.hypergeometric(right - seen, ROWS - size - (right - seen), step)
            size += step
    return float(covered.mean()), float(stopped_at.mean())


_ENDS = ("low", "high", "value")


def _drawn(
    sizes: Mapping[str, int],
    right: Mapping[str, int],
    population: Mapping[str, int],
    generator: np.random.Generator,
) -> dict[str, int]:
    return {
        name: int(generator.hypergeometric(right[name], population[name] - right[name], size))
        for name, size in sizes.items()
    }


def _array(population: Mapping[str, int]) -> Floats:
    return np.array([float(population[name]) for name in sorted(population)])


def _simple(n: int, truth: float, audits: int, generator: np.random.Generator) -> Bounds:
    right = round(truth * ROWS)
    seen = generator.hypergeometric(right, ROWS - right, n, audits)
    return score(seen[:, None].astype(float), np.array([float(n)]), np.array([float(ROWS)]))
