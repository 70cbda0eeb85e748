"""The audits of a run beside a release of it: what they found, and what of it is still there.

An audit's figures speak for the rows that its sample was drawn from. Since then rows were dropped,
those that it judged bad above all. With T the estimated number of good rows among N, of which D
were judged bad and dropped, T / (N - D) is what the others are worth: rows that are like those
dropped and that nobody read are still there. Rows that are gone for other reasons leave the
sample, and their stratum the part that they were of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from audits.answers.judgements import Judgements
from audits.answers.outcomes import outcomes_of
from audits.figures import AuditRound, Interval, ReleaseAudits, ReleaseName
from audits.key import DrawnRelease, Stratum
from audits.questions import UnsureRule
from audits.reports.quality import estimate, judged_rows
from audits.reports.report import make_report
from audits.rounds import Round, judged_otherwise
from audits.text import canonical
from languages.language import Language


class RowsNow(NamedTuple):
    """A release, as far as an audit looks at it: its name, and the glosses of its rows."""

    release: DrawnRelease
    glosses: Mapping[str, str]
    """Context id -> gloss, of the audited rows that are there."""


def release_audits(
    rounds: Sequence[Round], now: RowsNow, language: Language, rule: UnsureRule
) -> ReleaseAudits:
    """All rounds with their figures, and what of their rows the release still has."""
    gone_on_with = {name for each in rounds for name in each.judgements.key.earlier}
    return ReleaseAudits(
        rounds=tuple(
            _round(each, now, language, rule, latest=each.folder.name not in gone_on_with)
            for each in rounds
        ),
        judged_otherwise=judged_otherwise(list(rounds)),
    )


def _round(
    each: Round, now: RowsNow, language: Language, rule: UnsureRule, *, latest: bool
) -> AuditRound:
    judgements = each.judgements
    drawn, key = judgements.key.release, judgements.key
    here = {
        name
        for name, item in judgements.items.items()
        if name in now.glosses and canonical(now.glosses[name]) == canonical(item.gloss)
    }
    bad = {name for name, outcome in outcomes_of(judgements).items() if outcome == "bad"}
    dropped = bad - here
    kept = len(judgements.items) - len(dropped)
    as_drawn = drawn is not None and drawn.digest == now.release.digest
    return AuditRound(
        folder=each.folder.name,
        number=key.round,
        drawn_from=ReleaseName(**drawn.model_dump()) if drawn else None,
        as_drawn=as_drawn,
        # More than half of what should be there is: else these are another release's rows.
        of_this_release=as_drawn or 2 * len(here) > kept,
        latest=latest,
        here=len(here),
        dropped=len(dropped),
        gone=kept - len(here),
        after=share_after(judgements, rule, here, dropped),
        report=make_report(judgements, language, rule),
    )


def share_after(
    judgements: Judgements, rule: UnsureRule, here: set[str], dropped: set[str]
) -> Interval | None:
    """The share of good rows among those that are left, with its interval."""
    judged = judged_rows(judgements, lambda name: name in here or name in dropped)
    left = Counter(item.stratum for item in judged)
    strata = [
        Stratum(
            name=stratum.name,
            population=max(
                left[stratum.name],
                round(stratum.population * left[stratum.name] / stratum.sampled),
            ),
            sampled=left[stratum.name],
        )
        for stratum in judgements.key.strata
        if left[stratum.name]
    ]
    share = estimate(strata, judged, rule)
    if share is None:
        return None
    answered = {item.stratum for item in judged if item.verdicts}
    total = sum(stratum.population for stratum in strata if stratum.name in answered)
    lost = [item for item in judged_rows(judgements, dropped.__contains__) if item.verdicts]
    good = sum(
        sum(said == "good" for said in item.verdicts.values()) / len(item.verdicts) for item in lost
    )
    rest = total - len(lost)
    if rest <= 0:
        return None

    def without(value: float) -> float:
        return min(1.0, max(0.0, (value * total - good) / rest))

    return Interval(value=without(share.value), low=without(share.low), high=without(share.high))
