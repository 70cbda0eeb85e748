"""Where the rows are worst: strata, lemmas, prompt versions.

Groups are ordered by the lower end of the interval of their share of bad rows: first comes what
is bad for certain, not what is bad in one row of one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from audits.answers.judgements import Judgements, row_verdict
from audits.figures import Group, Interval
from audits.key import AuditItem
from audits.statistics.intervals import wilson

LEMMAS_SHOWN = 10
"""A page has room for these; the rows of all bad lemmas are in the outcomes."""


@dataclass(slots=True)
class _Tally:
    name: str
    answered: int = 0
    bad: int = 0
    weight: float = 0.0
    squared: float = 0.0
    bad_weight: float = 0.0


def worst_strata(judgements: Judgements) -> tuple[Group, ...]:
    """All strata with answers."""
    return _ordered(judgements, lambda item: item.stratum)


def worst_lemmas(judgements: Judgements, match_key: Callable[[str], str]) -> tuple[Group, ...]:
    """The lemmas with bad rows; those whose ``match_key`` is equal count together."""
    groups = _ordered(judgements, lambda item: item.lemma, match_key)
    return tuple(group for group in groups if group.bad)[:LEMMAS_SHOWN]


def worst_prompts(judgements: Judgements) -> tuple[Group, ...]:
    """All prompt versions with answers; none where the provenance is not known."""
    return _ordered(judgements, lambda item: item.prompt_version)


def _ordered(
    judgements: Judgements,
    name_of: Callable[[AuditItem], str | None],
    match_key: Callable[[str], str] = str,
) -> tuple[Group, ...]:
    tallies: dict[str, _Tally] = {}
    for context_id, item in judgements.items.items():
        verdict = row_verdict(judgements.verdicts(context_id))
        name = name_of(item)
        if verdict is None or name is None:
            continue
        tally = tallies.setdefault(match_key(name), _Tally(name))
        weight = 1 / item.inclusion_probability
        tally.answered += 1
        tally.weight += weight
        tally.squared += weight**2
        if verdict == "bad":
            tally.bad += 1
            tally.bad_weight += weight
    groups = map(_group, tallies.values())
    return tuple(
        sorted(groups, key=lambda each: (-each.share_bad.low, -each.share_bad.value, each.name))
    )


def _group(tally: _Tally) -> Group:
    """The share of bad rows, each weighted by 1 / its inclusion probability.

    The interval is Wilson's for Kish's effective size (sum w)^2 / sum w^2.
    """
    share = tally.bad_weight / tally.weight
    effective = tally.weight**2 / tally.squared
    low, high = wilson(share * effective, effective)
    return Group(
        name=tally.name,
        answered=tally.answered,
        bad=tally.bad,
        share_bad=Interval(value=share, low=low, high=high),
    )
