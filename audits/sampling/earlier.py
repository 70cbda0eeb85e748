"""What earlier rounds of a run's audits have drawn, so that a later one goes on from there.

A round with the same questions reads no row again. With the same strata it goes on with the draw:
in every stratum the rows drawn earlier and the new ones are one simple random sample, of the rows
there are now and of those that were judged bad and dropped. Rows that are new since a round, which
it could not draw, are a stratum of their own. With other strata the rows read before stand apart,
as a stratum that was read in full, and the new sample is one of the others.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from audits.answers.outcomes import outcomes_of
from audits.figures import StratumQuality
from audits.key import AuditItem, has_key, read_key, read_population
from audits.reports.quality import row_quality
from audits.rounds import Round, read_rounds
from audits.sampling.candidates import AuditCandidate
from audits.sampling.strata import stratum_of
from audits.settings import AuditSettings

READ_BEFORE = "read before"
NEW_SINCE = "new since {name}"


@dataclass(frozen=True, slots=True)
class EarlierRounds:
    """The rounds before one, as far as they ask what it asks; all empty for a first one."""

    number: int = 1
    """That of the new round."""
    names: tuple[str, ...] = ()
    items: Mapping[str, AuditItem] = field(default_factory=dict)
    """Every row drawn, by context id, with the name of the audit in whose sheets it is."""
    dropped: frozenset[str] = frozenset()
    """Of these, those that were judged bad."""
    populations: tuple[tuple[str, frozenset[str]], ...] = ()
    """The name of each round and the context ids that it was drawn from; none of version 0.1."""
    goes_on: bool = False
    """Whether the strata are the same."""
    found: Mapping[str, StratumQuality] = field(default_factory=dict)
    """What was found in each stratum so far."""

    def stratum_of(self, settings: AuditSettings) -> Callable[[AuditCandidate], str]:
        """The function that names a candidate's stratum."""
        plain = stratum_of(settings.strata)

        def named(candidate: AuditCandidate) -> str:
            if not self.goes_on:
                return READ_BEFORE if candidate.context_id in self.items else plain(candidate)
            last = ""
            for name, known in self.populations:
                if candidate.context_id in known:
                    break
                last = name
            return NEW_SINCE.format(name=last) if last else plain(candidate)

        return named

    def keeps(self, context_id: str) -> bool:
        """Whether a row drawn earlier counts though it is no longer there: it was dropped."""
        return self.goes_on and context_id in self.dropped


def earlier_rounds(
    place: Path, settings: AuditSettings, present: Callable[[set[str]], Collection[str]]
) -> EarlierRounds:
    """The audits beside that in ``place`` that were before it, with the mode of ``settings``.

    ``present`` tells which of some contexts can be drawn now. A round of which most rows are gone,
    those left out that it judged bad, was of other data and is none.
    """
    rounds = read_rounds(place.parent, besides=place.name)
    if has_key(place):  # a draw that is completed: what came after it is not before it
        number = read_key(place).round
        rounds = [each for each in rounds if each.judgements.key.round < number]
    number = 1 + max((each.judgements.key.round for each in rounds), default=0)
    rounds = [
        each
        for each in rounds
        if each.judgements.key.mode == settings.mode and _of_these_rows(each, present)
    ]
    if not rounds:
        return EarlierRounds(number)
    last = rounds[-1].judgements
    goes_on = all(each.judgements.key.strata_fields == settings.strata for each in rounds)
    return EarlierRounds(
        number=number,
        names=tuple(each.folder.name for each in rounds),
        items={name: item for each in rounds for name, item in _own(each).items()},
        dropped=frozenset(
            name
            for each in rounds
            for name, outcome in outcomes_of(each.judgements).items()
            if outcome == "bad"
        ),
        populations=tuple(
            (each.folder.name, known)
            for each in rounds
            if (known := read_population(each.folder)) is not None
        ),
        goes_on=goes_on,
        found={s.stratum: s for s in row_quality(last, "not_good").strata} if goes_on else {},
    )


def _of_these_rows(each: Round, present: Callable[[set[str]], Collection[str]]) -> bool:
    bad = {name for name, found in outcomes_of(each.judgements).items() if found == "bad"}
    kept = set(each.judgements.items) - bad
    return not kept or 2 * len(present(kept)) > len(kept)


def _own(each: Round) -> dict[str, AuditItem]:
    """The rows that a round drew itself."""
    return {
        name: item.model_copy(update={"drawn_in": each.folder.name})
        for name, item in each.judgements.items.items()
        if not item.drawn_in
    }
