"""The draw: a simple random sample without replacement in every stratum.

A candidate's rank is a digest of the seed and its context id; the lowest ranks of a stratum are
its sample. The sample therefore depends on the seed and on which candidates there are, not on
their order; within a stratum a larger sample of the same seed contains the smaller one.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import ceil
from types import MappingProxyType

from audits.figures import ROW, AuditReport
from audits.key import AuditItem
from audits.sampling.allocation import allocate
from audits.sampling.candidates import AuditCandidate
from audits.sampling.earlier import EarlierRounds
from audits.sampling.margin import for_margin
from audits.settings import AuditSettings
from audits.statistics.intervals import Z95
from schemas.errors import InputError, UsageError
from schemas.ids import content_digest

FIRST = EarlierRounds()
NOTHING: Mapping[str, int] = MappingProxyType({})
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
    carried: tuple[AuditItem, ...] = ()
    """The rows of earlier rounds that count with it; ``sizes`` hold them too."""
    everyone: tuple[tuple[str, str], ...] = ()
    """The context ids that could be drawn, sorted, each with its stratum."""


def rank(seed: int, *parts: str) -> str:
    """A uniformly random text that the seed and the parts fix."""
    return content_digest(str(seed), *parts)


def draw(
    candidates: Iterable[AuditCandidate],
    settings: AuditSettings,
    report: AuditReport | None = None,
    earlier: EarlierRounds = FIRST,
) -> Sample:
    """Draws the sample in one pass; keeps at most the sample's size of candidates per stratum.

    ``report`` tells what shares to expect. Rows drawn in ``earlier`` rounds are not drawn again;
    they count in their strata, and ``settings.size`` is how many come to them.
    """
    most = _most(settings)
    name_of = earlier.stratum_of(settings)
    population: Counter[str] = Counter()
    carried: dict[str, str] = {}
    lowest: dict[str, list[_Ranked]] = {}
    everyone: list[tuple[str, str]] = []
    for candidate in candidates:
        name = name_of(candidate)
        population[name] += 1
        everyone.append((candidate.context_id, name))
        if candidate.context_id in earlier.items:
            carried[candidate.context_id] = name
            continue
        heap = lowest.setdefault(name, [])
        ranked = _Ranked(rank(settings.seed, candidate.context_id), candidate)
        if len(heap) < most:
            heapq.heappush(heap, ranked)
        elif heap[0] < ranked:  # the heap's top is the highest rank kept
            heapq.heapreplace(heap, ranked)
    if not population:
        raise InputError("nothing to audit: there are no contexts to draw from")
    for context_id, item in earlier.items.items():
        if context_id not in carried and earlier.keeps(context_id):
            carried[context_id] = item.stratum
            population[item.stratum] += 1
    before = Counter(carried.values())
    sizes = dict(sorted(sample_sizes(population, settings, report, before, earlier).items()))
    if earlier.items and sum(sizes.values()) == before.total():
        raise UsageError(
            "no row to draw: earlier rounds have read them all, or meet the margin already; "
            "--again reads rows again"
        )
    drawn = []
    for name, size in sizes.items():
        new = size - before[name]
        heap = lowest.get(name, [])
        if new > len(heap):
            raise UsageError(f"the margin needs {size} rows of stratum {name}; give a size instead")
        drawn += [
            Drawn(ranked.candidate, name, size / population[name])
            for ranked in sorted(heap, reverse=True)[:new]
        ]
    drawn.sort(key=lambda item: item.candidate.context_id)
    _refuse_doubles(drawn)
    return Sample(
        tuple(drawn),
        {name: population[name] for name in sizes},
        sizes,
        tuple(
            earlier.items[context_id].model_copy(
                update={"stratum": name, "inclusion_probability": sizes[name] / population[name]}
            )
            for context_id, name in sorted(carried.items())
        ),
        tuple(sorted(everyone)),
    )


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
    report: AuditReport | None = None,
    before: Mapping[str, int] = NOTHING,
    earlier: EarlierRounds = FIRST,
) -> dict[str, int]:
    """The size of every stratum's sample, with the rows drawn ``before``, for the wanted total of
    new rows or the wanted margin."""
    good = _expected(population, settings, report, earlier)
    known = report is not None or bool(earlier.found)
    drawn = sum(before.values())

    def sizes(total: int) -> dict[str, int]:
        return allocate(
            total,
            population,
            settings.allocation,
            minimum=settings.min_per_stratum,
            good=good if known else None,
            drawn=before,
        )

    if settings.margin is None:
        return sizes(drawn + (settings.size or DEFAULT_SIZE))
    least = sum(max(1, before.get(name, 0)) for name in population)
    return for_margin(settings.margin, settings.assurance, population, good, sizes, least)


def _expected(
    population: Mapping[str, int],
    settings: AuditSettings,
    report: AuditReport | None,
    earlier: EarlierRounds,
) -> dict[str, float]:
    """The share of good rows to expect: what was found, with one row of either kind added."""
    if report is not None:
        if report.strata_fields != settings.strata:
            raise UsageError(
                f"the earlier audit {report.name} has the strata "
                f"{', '.join(report.strata_fields)}, this one {', '.join(settings.strata)}; they "
                "must be the same"
            )
        strata = report.of(ROW).strata
    else:
        strata = tuple(earlier.found.values())
    if not strata:
        return dict.fromkeys(population, settings.expected)
    overall = (sum(s.good for s in strata) + 1) / (sum(s.answered for s in strata) + 2)
    known = {s.stratum: (s.good + 1) / (s.answered + 2) for s in strata if s.answered}
    return {name: known.get(name, overall) for name in population}


def _most(settings: AuditSettings) -> int:
    """An upper bound of any stratum's sample size, known before the population is.

    For a margin: a stratum needs no more rows than an undivided, infinite population would at
    quality 0.5, (z / (2 margin))^2; twice that leaves room for rounding and minima.
    """
    if settings.margin is None:
        return settings.size or DEFAULT_SIZE
    return (2 if settings.assurance is None else 3) * ceil((Z95 / (2 * settings.margin)) ** 2) + 100


def _refuse_doubles(drawn: list[Drawn]) -> None:
    seen = Counter(item.candidate.context_id for item in drawn)
    doubles = [name for name, count in seen.items() if count > 1]
    if doubles:
        raise InputError(f"context {doubles[0]} is there twice; an audit needs each context once")
