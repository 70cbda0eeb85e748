"""The report as Markdown, for people."""

from __future__ import annotations

from collections.abc import Iterable

from audits.figures import AuditReport
from audits.reports import tables
from audits.reports.tables import ReportTable
from schemas.markdown import NOTHING, table

_RULES = {
    "not_good": "An unsure answer and “partly” count as not good.",
    "left_out": "Unsure answers are left out of a share; “partly” counts as not good.",
}


def report_text(report: AuditReport) -> str:
    """The whole report."""
    parts = [part if isinstance(part, str) else table(*part) for part in _parts(report)]
    return "\n\n".join(parts) + "\n"


def _parts(report: AuditReport) -> Iterable[str | ReportTable]:
    strata = " × ".join(report.strata_fields) or "none"
    out = report.outcomes
    yield f"# Audit {report.name}"
    yield (
        f"{report.sampled:,} of {report.population:,} rows, drawn at random within strata "
        f"({strata}; {report.allocation} allocation; seed {report.seed}). Mode: {report.mode}. "
        f"Audit id: `{report.audit_id}`."
    )
    yield tables.annotators(report)
    yield (
        f"Outcomes so far: {out.good:,} good, {out.bad:,} bad, {out.unsure:,} unsure. "
        f"Disputes to adjudicate: {report.disagreements:,}."
    )
    yield from _quality(report)
    yield "## Agreement"
    yield (
        "Over the items with two answers or more; unsure is an answer like any other. Intervals of "
        "the coefficients by bootstrap over items, where 5 answers are not the commonest. "
        f"{NOTHING}: not defined, as when every answer is the same."
    )
    yield tables.agreements(report)
    yield tables.pair_agreements(report)
    yield "### With themselves, on hidden repeats"
    yield tables.with_themselves(report)
    for title, groups in (
        ("Worst strata", report.worst_strata),
        ("Worst lemmas", report.worst_lemmas),
        ("Worst prompt versions", report.worst_prompts),
    ):
        if groups:
            yield f"## {title}"
            yield tables.worst(groups)


def _quality(report: AuditReport) -> Iterable[str | ReportTable]:
    yield "## Quality"
    yield (
        "Estimated share of good rows in the whole population, with its 95 % interval (stratified "
        "score interval with finite-population correction; of a single stratum, the exact mid-p "
        "interval). A row counts the mean of its annotators' verdicts until it is adjudicated; "
        f"the interval holds what annotators differ by. {_RULES[report.unsure_rule]} Items without "
        "an answer are represented by the others of their stratum."
    )
    yield tables.qualities(report)
    yield (
        "What the estimate would be if every open dispute, or every missing row, were bad or good; "
        "and the share of rows that are good by the model of Dawid and Skene, which takes "
        "annotators for people who err (from three of them on)."
    )
    yield tables.spans(report)
    if len(report.annotators) > 1:
        yield "### By annotator"
        yield tables.rates(report)
    for quality in report.quality:
        if 0 < quality.covered < 1:
            yield (
                f"{quality.criterion}: some strata have no answers; the estimate speaks for "
                f"{quality.covered:.1%} of the population."
            )
    yield "### Answers"
    yield "Estimated share of every answer (number of answers in the sample)."
    yield tables.answer_shares(report)
    if report.reasons:
        yield "### Reasons"
        yield tables.reasons(report)
    yield "### By stratum"
    yield tables.by_stratum(report)
