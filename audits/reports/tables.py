"""The tables of a report, whatever they are printed with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from audits.figures import AuditReport, Coefficient, Group, Interval, Span
from schemas.markdown import NOTHING, percent


class ReportTable(NamedTuple):
    """A header and its rows; the first ``left`` columns are text, the others numbers."""

    header: tuple[str, ...]
    rows: list[tuple[str | int, ...]]
    left: int = 1


def annotators(report: AuditReport) -> ReportTable:
    """How far everybody has come."""
    header: tuple[str, ...] = ("annotator", "rows", "complete", "begun")
    rows: list[tuple[str | int, ...]] = [
        (a.annotator, a.rows, a.complete, a.started - a.complete) for a in report.annotators
    ]
    if any(a.seconds is not None for a in report.annotators):
        header = (*header, "seconds a row")
        times = [NOTHING if a.seconds is None else f"{a.seconds:.0f}" for a in report.annotators]
        rows = [(*row, time) for row, time in zip(rows, times, strict=True)]
    return ReportTable(header, rows)


def qualities(report: AuditReport, *, brief: bool = False) -> ReportTable:
    """The share of good rows by each criterion; ``brief`` does not say what it means."""
    header = ("good", "95 % interval", "answered", "missing", "unsure", "open")
    rows: list[tuple[str | int, ...]] = [
        (
            *((q.criterion,) if brief else (q.criterion, q.question)),
            point_estimate(q.share),
            interval(q.share),
            q.answered,
            q.missing,
            q.unsure - q.open,
            q.open,
        )
        for q in report.quality
    ]
    names = ("criterion",) if brief else ("criterion", "meaning")
    return ReportTable((*names, *header), rows, left=len(names))


def answer_shares(report: AuditReport) -> ReportTable:
    """The estimated share of every answer."""
    rows: list[tuple[str | int, ...]] = [
        (q.criterion, ", ".join(f"{a.code} {a.share:.1%} ({a.count})" for a in q.answers))
        for q in report.quality
    ]
    return ReportTable(("criterion", "answers"), [(c, told or NOTHING) for c, told in rows], left=2)


def reasons(report: AuditReport) -> ReportTable:
    """Why answers are bad or unsure, where annotators said so."""
    rows: list[tuple[str | int, ...]] = [
        (r.criterion, r.answer, r.label, r.count) for r in report.reasons
    ]
    return ReportTable(("criterion", "answer", "reason", "rows"), rows, left=3)


def spans(report: AuditReport) -> ReportTable:
    """What the estimate would be at worst and at best, and what a model makes of it."""
    header = ("criterion", "good", "disputes bad or good", "missing bad or good", "by the model")
    rows: list[tuple[str | int, ...]] = [
        (
            q.criterion,
            point_estimate(q.share),
            interval(q.disputes),
            interval(q.missing_counted),
            percent(q.modelled),
        )
        for q in report.quality
    ]
    return ReportTable(header, rows)


def rates(report: AuditReport) -> ReportTable:
    """The estimate from every annotator's verdicts alone."""
    rows: list[tuple[str | int, ...]] = [
        (q.criterion, r.annotator, r.answered, point_estimate(r.share), interval(r.share))
        for q in report.quality
        for r in q.annotators
    ]
    return ReportTable(("criterion", "annotator", "rows", "good", "95 % interval"), rows, left=2)


def by_stratum(report: AuditReport) -> ReportTable:
    """The share of good rows of each stratum by each criterion."""
    header = ("stratum", "population", "sampled", *(q.criterion for q in report.quality))
    rows: list[tuple[str | int, ...]] = [
        (
            parts[0].stratum,
            parts[0].population,
            parts[0].sampled,
            *(f"{point_estimate(part.share)} {interval(part.share)}" for part in parts),
        )
        for parts in zip(*(quality.strata for quality in report.quality), strict=True)
    ]
    return ReportTable(header, rows)


def agreements(report: AuditReport) -> ReportTable:
    """How far all annotators agree, by each question."""
    header = ("criterion", "items", "all the same", "AC1", "Krippendorff's alpha", "Fleiss' kappa")
    rows: list[tuple[str | int, ...]] = [
        (a.criterion, a.items, *map(coefficient, (a.raw, a.ac1, a.alpha, a.fleiss)))
        for a in report.agreement
    ]
    return ReportTable(header, rows)


def pair_agreements(report: AuditReport) -> ReportTable:
    """How far every two of them agree."""
    header = ("criterion", "pair", "items", "agreement", "Cohen's kappa")
    rows: list[tuple[str | int, ...]] = [
        (
            a.criterion,
            f"{pair.first} – {pair.second}",
            pair.items,
            coefficient(pair.raw),
            coefficient(pair.kappa),
        )
        for a in report.agreement
        for pair in a.pairs
    ]
    return ReportTable(header, rows, left=2)


def with_themselves(report: AuditReport) -> ReportTable:
    """How far each of them agrees with their own first answers."""
    header = ("annotator", "criterion", "repeats", "agreement", "Cohen's kappa")
    rows: list[tuple[str | int, ...]] = [
        (a.annotator, a.criterion, a.repeats, coefficient(a.raw), coefficient(a.kappa))
        for a in report.self_agreement
    ]
    return ReportTable(header, rows, left=2)


def worst(groups: Sequence[Group]) -> ReportTable:
    """Groups of rows with their share of bad ones."""
    header = ("name", "answered", "bad", "share of bad rows", "95 % interval")
    rows: list[tuple[str | int, ...]] = [
        (g.name, g.answered, g.bad, point_estimate(g.share_bad), interval(g.share_bad))
        for g in groups
    ]
    return ReportTable(header, rows)


def point_estimate(share: Interval | None) -> str:
    """``92.4 %``."""
    return percent(None if share is None else share.value)


def interval(share: Interval | Span | None) -> str:
    """``[90.1, 94.0]``, in per cent."""
    return NOTHING if share is None else f"[{100 * share.low:.1f}, {100 * share.high:.1f}]"


def coefficient(figure: Coefficient) -> str:
    """``0.74 [0.61, 0.85]``."""
    if figure.value is None:
        return NOTHING
    if figure.low is None or figure.high is None:
        return f"{figure.value:.2f}"
    return f"{figure.value:.2f} [{figure.low:.2f}, {figure.high:.2f}]"
