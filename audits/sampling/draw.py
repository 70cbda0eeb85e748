"""The draw: a simple random sample without replacement in every stratum.

A candidate's rank is a digest of the seed and its context id; the lowest ranks of a stratum are
its sample. The sample therefore depends on the seed and on which candidates there are, not on
their order; within a stratum a larger sample of the same seed contains the smaller one.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import ceil

import numpy as np

from audits.figures import ROW, AuditReport
from audits.sampling.allocation import allocate
from audits.sampling.candidates import AuditCandidate
from audits.sampling.strata import stratum_of
from audits.settings import AuditSettings
from audits.statistics.intervals import Z95, score
from schemas.errors import InputError, UsageError
from schemas.ids import content_digest

DEFAULT_SIZE = 200
"""Half an interval is at most 7 points then, and two people need an afternoon."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A drawn candidate with its stratum and its probability of being drawn, n_h / N_h."""

    candidate: AuditCandidate
    stratum: str
    inclusion_probability: float


@dataclass(frozen=True, slots=True)
class Sample:
    """What was drawn, by context id, and the strata's sizes in the population and the sample."""

    drawn: tuple[Drawn, ...]
    population: Mapping[str, int]
    sizes: Mapping[str, int]


def rank(seed: int, *parts: str) -> str:
    """A uniformly random text that the seed and the parts fix."""
    return content_digest(str(seed), *parts)


def draw(
    candidates: Iterable[AuditCandidate],
    settings: AuditSettings,
    earlier: AuditReport | None = None,
) -> Sample:
    """Draws the sample in one pass; keeps at most the sample's size of candidates per stratum."""
    most = _most(settings)
    name_of = stratum_of(settings.strata)
    population: Counter[str] = Counter()
    lowest: dict[str, list[_Ranked]] = {}
    for candidate in candidates:
        name = name_of(candidate)
        population[name] += 1
        heap = lowest.setdefault(name, [])
        ranked = _Ranked(rank(settings.seed, candidate.context_id), candidate)
        if len(heap) < most:
            heapq.heappush(heap, ranked)
        elif heap[0] < ranked:  # the heap's top is the highest rank kept
            heapq.heapreplace(heap, ranked)
    if not population:
        raise InputError("nothing to audit: there are no contexts to draw from")
    sizes = dict(sorted(sample_sizes(population, settings, earlier).items()))
    for name, size in sizes.items():
        if size > len(lowest[name]):
            raise UsageError(f"the margin needs {size} rows of stratum {name}; give a size instead")
    drawn = [
        Drawn(ranked.candidate, name, size / population[name])
        for name, size in sizes.items()
        for ranked in sorted(lowest[name], reverse=True)[:size]
    ]
    drawn.sort(key=lambda item: item.candidate.context_id)
    _refuse_doubles(drawn)
    return Sample(tuple(drawn), {name: population[name] for name in sizes}, sizes)


@dataclass(slots=True, frozen=True)
class _Ranked:
    """Orders candidates by descending rank, for a heap that gives up its highest rank first."""

    rank: str
    candidate: AuditCandidate

    def __lt__(self, other: _Ranked) -> bool:
        return (self.rank, self.candidate.context_id) > (other.rank, other.candidate.context_id)


def sample_sizes(
    population: Mapping[str, int],
    settings: AuditSettings,
    earlier: AuditReport | None = None,
) -> dict[str, int]:
    """The sample size of every stratum for the wanted total or the wanted margin."""
    good = _expected(population, settings, earlier)

    def sizes(total: int) -> dict[str, int]:
        return allocate(
            total,
            population,
            settings.allocation,
            minimum=settings.min_per_stratum,
            good=good if earlier else None,
        )

    if settings.margin is None:
        return sizes(settings.size or DEFAULT_SIZE)
    return _for_margin(settings.margin, population, good, sizes)


def _for_margin(
    margin: float,
    population: Mapping[str, int],
    good: Mapping[str, float],
    sizes: Callable[[int], dict[str, int]],
) -> dict[str, int]:
    """The smallest sample whose interval is expected to reach ``margin`` to either side."""
    low, high = min(len(population), sum(population.values())), sum(population.values())
    while low < high:
        middle = (low + high) // 2
        if expected_margin(sizes(middle), population, good) <= margin:
            high = middle
        else:
            low = middle + 1
    return sizes(low)


def expected_margin(
    sizes: Mapping[str, int], population: Mapping[str, int], good: Mapping[str, float]
) -> float:
    """Half the width of the interval if every stratum's sample shows its expected share."""
    names = sorted(sizes)
    n = np.array([sizes[name] for name in names], dtype=np.float64)
    counts = np.array([population[name] for name in names], dtype=np.float64)
    share = np.array([good[name] for name in names])
    bounds = score(n * share, n, counts)
    return float((bounds.high - bounds.low)[0] / 2)


def _expected(
    population: Mapping[str, int], settings: AuditSettings, earlier: AuditReport | None
) -> dict[str, float]:
    """The share of good rows to expect: the earlier audit's with one row of either kind added."""
    if earlier is None:
        return dict.fromkeys(population, settings.expected)
    if earlier.strata_fields != settings.strata:
        raise UsageError(
            f"the earlier audit {earlier.name} has the strata {', '.join(earlier.strata_fields)}, "
            f"this one {', '.join(settings.strata)}; they must be the same"
        )
    row = earlier.of(ROW)
    good, answered = sum(s.good for s in row.strata), sum(s.answered for s in row.strata)
    overall = (good + 1) / (answered + 2)
    known = {s.stratum: (s.good + 1) / (s.answered + 2) for s in row.strata if s.answered}
    return {name: known.get(name, overall) for name in population}


def _most(settings: AuditSettings) -> int:
    """An upper bound of any stratum's sample size, known before the population is.

    For a margin: a stratum needs no more rows than an undivided, infinite population would at
    quality 0.5, (z / (2 margin))^2; twice that leaves room for rounding and minima.
    """
    if settings.margin is None:
        return settings.size or DEFAULT_SIZE
    return 2 * ceil((Z95 / (2 * settings.margin)) ** 2) + 100


def _refuse_doubles(drawn: list[Drawn]) -> None:
    seen = Counter(item.candidate.context_id for item in drawn)
    doubles = [name for name, count in seen.items() if count > 1]
    if doubles:
        raise InputError(f"context {doubles[0]} is there twice; an audit needs each context once")
