"""The report as Markdown, for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from audits.figures import (
    AuditReport,
    Coefficient,
    CriterionQuality,
    Group,
    Interval,
)
from schemas.markdown import NOTHING, percent, table

_RULES = {
    "not_good": "An unsure answer, an open dispute and “partly” count as not good.",
    "left_out": "Items with an unsure answer or an open dispute are left out of a share; "
    "“partly” counts as not good.",
}


def render(report: AuditReport) -> str:
    """The whole report."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: AuditReport) -> Iterable[str]:
    yield f"# Audit {report.name}"
    yield ""
    strata = " × ".join(report.strata_fields) or "none"
    yield (
        f"{report.sampled:,} of {report.population:,} rows, drawn at random within strata "
        f"({strata}; {report.allocation} allocation; seed {report.seed}). Mode: {report.mode}. "
        f"Audit id: `{report.audit_id}`."
    )
    yield ""
    yield table(
        ("annotator", "rows", "complete", "begun"),
        [(a.annotator, a.rows, a.complete, a.started - a.complete) for a in report.annotators],
    )
    yield ""
    out = report.outcomes
    yield (
        f"Outcomes so far: {out.good:,} good, {out.bad:,} bad, {out.unsure:,} unsure. "
        f"Disputes to adjudicate: {report.disagreements:,}."
    )
    yield from _quality(report)
    yield from _agreement(report)
    yield from _worst("Worst strata", report.worst_strata)
    yield from _worst("Worst lemmas", report.worst_lemmas)
    yield from _worst("Worst prompt versions", report.worst_prompts)


def _quality(report: AuditReport) -> Iterable[str]:
    yield ""
    yield "## Quality"
    yield ""
    yield (
        "Estimated share of good rows in the whole population, with its 95 % interval (stratified "
        "score interval with finite-population correction; of a single stratum, the exact mid-p "
        f"interval). {_RULES[report.unsure_rule]} Items without an answer are represented by the "
        "others of their stratum."
    )
    yield ""
    yield table(
        ("criterion", "meaning", "good", "95 % interval", "answered", "missing", "unsure", "open"),
        [
            (
                q.criterion,
                q.question,
                point_estimate(q.share),
                interval(q.share),
                q.answered,
                q.missing,
                q.unsure - q.open,
                q.open,
            )
            for q in report.quality
        ],
        left=2,
    )
    for quality in report.quality:
        if 0 < quality.covered < 1:
            yield ""
            yield (
                f"{quality.criterion}: some strata have no answers; the estimate speaks for "
                f"{quality.covered:.1%} of the population."
            )
    yield from _answers(report.quality)
    yield ""
    yield "### By stratum"
    yield ""
    criteria = [quality.criterion for quality in report.quality]
    yield table(
        ("stratum", "population", "sampled", *criteria),
        [
            (
                parts[0].stratum,
                parts[0].population,
                parts[0].sampled,
                *(f"{point_estimate(part.share)} {interval(part.share)}" for part in parts),
            )
            for parts in zip(*(quality.strata for quality in report.quality), strict=True)
        ],
    )


def _answers(qualities: Sequence[CriterionQuality]) -> Iterable[str]:
    yield ""
    yield "### Answers"
    yield ""
    yield "Estimated share of every answer (number of answers in the sample)."
    yield ""
    yield table(
        ("criterion", "answers"),
        [
            (
                quality.criterion,
                ", ".join(
                    f"{answer.code} {answer.share:.1%} ({answer.count})"
                    for answer in quality.answers
                )
                or NOTHING,
            )
            for quality in qualities
        ],
        left=2,
    )


def _agreement(report: AuditReport) -> Iterable[str]:
    yield ""
    yield "## Agreement"
    yield ""
    yield (
        "Over the items with two answers or more; unsure is an answer like any other. Intervals of "
        "alpha and kappa by bootstrap over items. "
        f"{NOTHING}: not defined, as when every answer is the same."
    )
    yield ""
    yield table(
        ("criterion", "items", "all the same", "Krippendorff's alpha", "Fleiss' kappa"),
        [
            (a.criterion, a.items, coefficient(a.raw), coefficient(a.alpha), coefficient(a.fleiss))
            for a in report.agreement
        ],
    )
    yield ""
    yield table(
        ("criterion", "pair", "items", "agreement", "Cohen's kappa"),
        [
            (
                a.criterion,
                f"{pair.first} – {pair.second}",
                pair.items,
                coefficient(pair.raw),
                coefficient(pair.kappa),
            )
            for a in report.agreement
            for pair in a.pairs
        ],
        left=2,
    )
    yield ""
    yield "### With themselves, on hidden repeats"
    yield ""
    yield table(
        ("annotator", "criterion", "repeats", "agreement", "Cohen's kappa"),
        [
            (a.annotator, a.criterion, a.repeats, coefficient(a.raw), coefficient(a.kappa))
            for a in report.self_agreement
        ],
        left=2,
    )


def _worst(title: str, groups: Sequence[Group]) -> Iterable[str]:
    if not groups:
        return
    yield ""
    yield f"## {title}"
    yield ""
    yield table(
        ("name", "answered", "bad", "share of bad rows", "95 % interval"),
        [
            (g.name, g.answered, g.bad, point_estimate(g.share_bad), interval(g.share_bad))
            for g in groups
        ],
    )


def point_estimate(share: Interval | None) -> str:
    """``92.4 %``."""
    return percent(None if share is None else share.value)


def interval(share: Interval | None) -> str:
    """``[90.1, 94.0]``, in per cent."""
    return NOTHING if share is None else f"[{100 * share.low:.1f}, {100 * share.high:.1f}]"


def coefficient(figure: Coefficient) -> str:
    """``0.74 [0.61, 0.85]``."""
    if figure.value is None:
        return NOTHING
    if figure.low is None or figure.high is None:
        return f"{figure.value:.2f}"
    return f"{figure.value:.2f} [{figure.low:.2f}, {figure.high:.2f}]"
