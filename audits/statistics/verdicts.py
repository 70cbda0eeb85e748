"""The share of good rows where rows have the verdicts of several annotators.

A row is worth the mean of its annotators' verdicts (1 good, 0 not), so that the estimate is that of
what an annotator of these says of a row, however many rows they share. With W_h = N_h / N, n_h of
N_h rows read, their values y and f_h = n_h / N_h, the estimate sum(W_h mean_h(y)) has the variance

    sum(W_h^2 (1 - f_h) var_h(y) / n_h) + sum(W_h^2 f_h w / n_h) + s^2 sum(a^2)

of the draw of rows, of the verdicts on the rows drawn (two-stage sampling: Cochran, Sampling
Techniques, 1977, 10.3), w being the variance of a row's mean of verdicts, and of the choice of
annotators, who differ by s^2 and gave the parts a of all verdicts. The first part is taken as the
score interval takes it (:mod:`audits.statistics.intervals`), in the ratio that var_h(y) has to
mean(1 - mean); the others are added. Where every row has one value of 0 or 1 and nobody differs,
this is that interval.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from audits.statistics.intervals import Bounds, score, stratified

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Rated:
    """A row of a stratum with the verdicts of its annotators: 1 for good, 0 for not."""

    stratum: int
    verdicts: Mapping[str, float]

    @property
    def value(self) -> float:
        """The mean verdict."""
        return sum(self.verdicts.values()) / len(self.verdicts)


class ScoreInput(NamedTuple):
    """What the interval is made from: ``good`` and ``n`` of every stratum, two variances."""

    good: Floats
    n: Floats
    ratio: float
    extra: float


def share_of_good(rows: Sequence[Rated], population: Floats) -> Bounds:
    """The estimate and its 95 % interval; every stratum has a row at least."""
    found = score_input(rows, population)
    if found.extra or any(row.value not in (0.0, 1.0) for row in rows):
        return score(found.good, found.n, population, found.ratio, found.extra)
    return stratified(found.good, found.n, population)


def score_input(rows: Sequence[Rated], population: Floats) -> ScoreInput:
    """The same before the interval is worked out."""
    strata = np.array([row.stratum for row in rows])
    values = np.array([row.value for row in rows])
    n_strata = len(population)
    n = np.bincount(strata, minlength=n_strata).astype(np.float64)
    good: Floats = np.bincount(strata, weights=values, minlength=n_strata).astype(np.float64)
    mean, weight = good / n, population / population.sum()
    read = n / population
    spread = np.bincount(strata, weights=(values - mean[strata]) ** 2, minlength=n_strata) / n
    drawn = weight**2 * np.maximum(0.0, 1 - read) / n
    binary = float(drawn @ (mean * (1 - mean)))
    ratio = float(drawn @ spread) / binary if binary else 1.0
    within = float((weight**2 * np.minimum(1.0, read) / n).sum() * _variance_of_a_mean(rows))
    return ScoreInput(good, n, ratio, within + rater_variance(rows))


def rater_variance(rows: Sequence[Rated]) -> float:
    """The variance of the estimate that comes from the choice of annotators; 0 for one.

    Of every two, the square of the difference of their rates is 2 s^2 and the variance that the
    difference has from the rows they read; what is over is averaged over the pairs. It counts where
    it is more than nothing.
    """
    parts: dict[str, float] = {}
    said: dict[str, dict[int, float]] = {}
    for at, row in enumerate(rows):
        for annotator, verdict in row.verdicts.items():
            parts[annotator] = parts.get(annotator, 0.0) + 1 / len(row.verdicts)
            said.setdefault(annotator, {})[at] = verdict
    excess = [
        _excess(said[a], said[b])
        for a, b in combinations(sorted(said), 2)
        if len(said[a]) > 1 and len(said[b]) > 1
    ]
    if not excess:
        return 0.0
    shares = np.array(list(parts.values())) / len(rows)
    return max(0.0, float(np.mean(excess)) / 2) * float((shares**2).sum())


def _excess(first: Mapping[int, float], second: Mapping[int, float]) -> float:
    """The squared difference of two rates less its variance, given what rows both read."""
    rate, other = float(np.mean(list(first.values()))), float(np.mean(list(second.values())))
    variance = 0.0
    for at in first.keys() | second.keys():
        part = (first[at] - rate) / len(first) if at in first else 0.0
        part -= (second[at] - other) / len(second) if at in second else 0.0
        variance += part**2
    least = min(len(first), len(second))
    return (rate - other) ** 2 - variance * least / (least - 1)


def _variance_of_a_mean(rows: Sequence[Rated]) -> float:
    """The mean over rows of the variance of their mean verdict, as far as it can be seen.

    A row with one verdict takes the variance of a verdict from those with more.
    """
    several = [row for row in rows if len(row.verdicts) > 1]
    if not several:
        return 0.0
    of_verdict = float(np.mean([np.var(list(r.verdicts.values()), ddof=1) for r in several]))
    return of_verdict * float(np.mean([1 / len(row.verdicts) for row in rows]))
