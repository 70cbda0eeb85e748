"""What the votes tell of the judges: their order bias, their skill, how far they agree.

Order bias: the candidates of a request stand in a random order. Of the choices that a judge made
in it, the number that falls on a place has, over all orders, a known mean and variance, whatever
the choices were: with counts c of n candidates and m choices in all, m / n and
sum(c^2) / n - (m / n)^2. Summed over requests, z is how many standard deviations the judge is
away from the mean. Sentences of one request share an order; nothing here takes their choices for
independent.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations, groupby
from math import sqrt
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from audits.figures import Coefficient
from audits.statistics.agreement import cohen, krippendorff
from pipeline.panel.records import CastVote
from schemas.numbers import counted

BIAS_Z = 4.0
"""Beyond this a place is chosen too often by more than chance (a fair judge: one in 30,000),"""
BIAS_SHARE = 0.1
"""and this share of choices too many is worth a word."""
CHANCE_Z = 3.0
LEAST_VOTES = 20
"""With fewer, nothing is said of a judge."""
AUDITORS = "auditors"
_FOR, _AGAINST = "good", "bad"

Count = Annotated[int, Field(ge=0)]


class _Figure(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PlaceFigures(_Figure):
    """How often a judge chose the candidate at a place, from 1."""

    place: Annotated[int, Field(ge=1)]
    choices: Count
    """Of this place."""
    of: Count
    """All choices in requests with so many candidates; "none of these" is no choice."""
    expected: float
    z: float | None
    """None where the choices leave no room for chance."""

    @property
    def biased(self) -> bool:
        """Whether the place is chosen for itself."""
        too_many = self.choices - self.expected
        return self.z is not None and self.z >= BIAS_Z and too_many >= BIAS_SHARE * self.of


class JudgeFigures(_Figure):
    """What one judge did; the places are those of ambiguous lemmas."""

    judge: str
    models: tuple[str, ...]
    votes: Count
    none_of_these: Count
    places: tuple[PlaceFigures, ...]
    unconditional: Count
    """Votes on ambiguous lemmas that did not hang on what others said."""
    for_meant: Count
    """Those of them for the sense that was meant."""
    expected_for_meant: float
    """As many as guessing would bring."""
    deviation: float
    """The standard deviation of guessing."""
    with_auditors: Coefficient | None = None
    """Cohen's kappa with the auditors' good or bad; None where nothing was audited."""

    @property
    def by_place(self) -> PlaceFigures | None:
        """The place that the judge chooses for itself, if there is one."""
        found = [place for place in self.places if place.biased]
        return max(found, key=lambda place: place.choices - place.expected, default=None)

    @property
    def at_chance(self) -> bool:
        """Whether the judge is no better than guessing, as far as its votes tell."""
        better = self.for_meant - self.expected_for_meant
        return self.unconditional >= LEAST_VOTES and better <= CHANCE_Z * self.deviation

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is wrong with this judge, a line each."""
        found = []
        if place := self.by_place:
            found.append(
                f"judge {self.judge} answers by position: it chose candidate {place.place} in "
                f"{place.choices / place.of:.0%} of {counted(place.of, 'choice')}, where "
                f"{place.expected / place.of:.0%} are expected (z = {place.z:.1f})"
            )
        if self.at_chance:
            found.append(
                f"judge {self.judge} is no better than chance: it chose the intended sense in "
                f"{self.for_meant:,} of {counted(self.unconditional, 'sentence')}, where guessing "
                f"brings {self.expected_for_meant:.0f}"
            )
        return tuple(found)


class PairFigures(_Figure):
    """How far two judges agree, over the contexts that both were asked about in any case."""

    one: str
    other: str
    contexts: Count
    same: Count
    """Contexts for which both made the same choice."""
    kappa: Coefficient
    """Cohen's, of "what was meant" or not."""


class PanelFigures(_Figure):
    """All judges of a run."""

    contexts: Count
    """Contexts with a vote."""
    votes: Count
    requests: Count
    judges: tuple[JudgeFigures, ...]
    pairs: tuple[PairFigures, ...]
    alpha: Coefficient | None
    """Krippendorff's, of "what was meant" or not; None with one judge."""

    @property
    def votes_per_context(self) -> float:
        """Opinions that a context took on average."""
        return self.votes / self.contexts if self.contexts else 0.0

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is wrong with any judge."""
        return tuple(line for judge in self.judges for line in judge.warnings)


class _Judge:
    """Counts of one judge's votes."""

    def __init__(self) -> None:
        self.models: set[str] = set()
        self.votes = self.none = self.unconditional = self.for_meant = 0
        self.expected = self.variance = 0.0
        self.requests: defaultdict[str, Counter[int]] = defaultdict(Counter)
        self.candidates: dict[str, int] = {}

    def add(self, vote: CastVote) -> None:
        """Counts a vote."""
        self.models.add(vote.provenance.model)
        self.votes += 1
        self.none += not vote.position
        n = len(vote.candidates)
        if n < 2:
            return
        if vote.unconditional:
            self.unconditional += 1
            self.for_meant += vote.agrees
            self.expected += 1 / n
            self.variance += (1 - 1 / n) / n
        if vote.position:
            self.requests[vote.provenance.request_key][vote.position] += 1
            self.candidates[vote.provenance.request_key] = n

    def places(self) -> Iterator[PlaceFigures]:
        """By place, over all requests with so many candidates."""
        seen, of = Counter[int](), Counter[int]()
        expected: defaultdict[int, float] = defaultdict(float)
        variance: defaultdict[int, float] = defaultdict(float)
        for request, counts in self.requests.items():
            n, total = self.candidates[request], counts.total()
            spread = sum(c * c for c in counts.values()) / n - (total / n) ** 2
            seen.update(counts)
            for place in range(1, n + 1):
                of[place] += total
                expected[place] += total / n
                variance[place] += spread
        for place in sorted(of):
            away, deviation = seen[place] - expected[place], sqrt(variance[place])
            yield PlaceFigures(
                place=place,
                choices=seen[place],
                of=of[place],
                expected=round(expected[place], 6),
                z=round(away / deviation, 6) if deviation > 1e-9 else None,
            )


def panel_figures(votes: Iterable[CastVote], outcomes: Mapping[str, str]) -> PanelFigures:
    """The figures of all votes, those on a context one after the other.

    ``outcomes`` are the auditors', by context.
    """
    judges: dict[str, _Judge] = {}
    n_contexts, requests = 0, set[str]()
    shared: list[dict[str, CastVote]] = []
    audited: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
    for context, group in groupby(votes, key=lambda vote: vote.context_id):
        cast = list(group)
        n_contexts += 1
        for vote in cast:
            judges.setdefault(vote.judge, _Judge()).add(vote)
            requests.add(vote.provenance.request_key)
            if (outcome := outcomes.get(context)) in (_FOR, _AGAINST):
                audited[vote.judge].append({vote.judge: _said(vote), AUDITORS: str(outcome)})
        sure = {vote.judge: vote for vote in cast if vote.unconditional}
        if len(sure) > 1:
            shared.append(sure)
    ratings = [{name: _said(vote) for name, vote in each.items()} for each in shared]
    return PanelFigures(
        contexts=n_contexts,
        votes=sum(judge.votes for judge in judges.values()),
        requests=len(requests),
        judges=tuple(_figures(name, judge, audited[name]) for name, judge in judges.items()),
        pairs=tuple(_pair(one, other, shared) for one, other in combinations(judges, 2)),
        alpha=krippendorff(ratings) if len(judges) > 1 else None,
    )


def _said(vote: CastVote) -> str:
    return _FOR if vote.agrees else _AGAINST


def _pair(one: str, other: str, shared: list[dict[str, CastVote]]) -> PairFigures:
    both = [(each[one], each[other]) for each in shared if one in each and other in each]
    return PairFigures(
        one=one,
        other=other,
        contexts=len(both),
        same=sum(a.chosen_sense_id == b.chosen_sense_id for a, b in both),
        kappa=cohen([{one: _said(a), other: _said(b)} for a, b in both], one, other),
    )


def _figures(name: str, judge: _Judge, audited: list[dict[str, str]]) -> JudgeFigures:
    return JudgeFigures(
        judge=name,
        models=tuple(sorted(judge.models)),
        votes=judge.votes,
        none_of_these=judge.none,
        places=tuple(judge.places()),
        unconditional=judge.unconditional,
        for_meant=judge.for_meant,
        expected_for_meant=round(judge.expected, 6),
        deviation=round(sqrt(judge.variance), 6),
        with_auditors=cohen(audited, name, AUDITORS) if audited else None,
    )
