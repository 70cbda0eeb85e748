"""The report on a terminal: the tables of most interest, the rest is in the Markdown."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.table import Table

from audits.figures import AuditReport, Group
from audits.markdown import coefficient, interval, point_estimate

WORST_SHOWN = 5


def show(report: AuditReport, console: Console) -> None:
    """Prints the report's tables to a console."""
    console.print(
        f"audit {report.name}: {report.sampled:,} of {report.population:,} rows "
        f"({report.mode}, seed {report.seed})"
    )
    out = report.outcomes
    console.print(
        f"outcomes: {out.good:,} good, {out.bad:,} bad, {out.unsure:,} unsure; "
        f"{report.disagreements:,} to adjudicate"
    )
    console.print(
        _table(
            "annotators",
            ("annotator", "rows", "complete", "begun"),
            ((a.annotator, a.rows, a.complete, a.started - a.complete) for a in report.annotators),
        )
    )
    console.print(
        _table(
            "quality (share of good rows in the population)",
            ("criterion", "good", "95 % interval", "answered", "missing", "unsure", "open"),
            (
                (
                    q.criterion,
                    point_estimate(q.share),
                    interval(q.share),
                    q.answered,
                    q.missing,
                    q.unsure - q.open,
                    q.open,
                )
                for q in report.quality
            ),
        )
    )
    console.print(
        _table(
            "agreement",
            ("criterion", "items", "all the same", "alpha", "Fleiss", "kappa by pair"),
            (
                (
                    a.criterion,
                    a.items,
                    coefficient(a.raw),
                    coefficient(a.alpha),
                    coefficient(a.fleiss),
                    "; ".join(f"{p.first}–{p.second} {coefficient(p.kappa)}" for p in a.pairs),
                )
                for a in report.agreement
            ),
        )
    )
    console.print(
        _table(
            "agreement with themselves (hidden repeats)",
            ("annotator", "criterion", "repeats", "agreement", "kappa"),
            (
                (s.annotator, s.criterion, s.repeats, coefficient(s.raw), coefficient(s.kappa))
                for s in report.self_agreement
            ),
        )
    )
    for title, groups in (
        ("worst strata", report.worst_strata),
        ("worst lemmas", report.worst_lemmas),
        ("worst prompt versions", report.worst_prompts),
    ):
        if groups:
            console.print(_worst(title, groups))


def _worst(title: str, groups: tuple[Group, ...]) -> Table:
    return _table(
        title,
        ("name", "answered", "bad", "share bad", "95 % interval"),
        (
            (g.name, g.answered, g.bad, point_estimate(g.share_bad), interval(g.share_bad))
            for g in groups[:WORST_SHOWN]
        ),
    )


def _table(title: str, header: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold")
    for place, name in enumerate(header):
        table.add_column(name, justify="left" if place == 0 else "right")
    for row in rows:
        table.add_row(*(f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row))
    return table
