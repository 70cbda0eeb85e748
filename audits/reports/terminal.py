"""The report on a terminal: the tables of most interest, the rest is in the Markdown."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from audits.figures import AuditReport
from audits.reports import tables
from audits.reports.tables import ReportTable
from audits.text import one_line
from schemas.markdown import grouped

WORST_SHOWN = 5
"""Lines of each table of the worst, so that all tables fit a screen or two."""


def show(report: AuditReport, console: Console) -> None:
    """Prints the report's tables to a console."""
    out = report.outcomes
    console.print(
        f"audit {report.name}: {report.sampled:,} of {report.population:,} rows "
        f"({report.mode}, seed {report.seed})\n"
        f"outcomes: {out.good:,} good, {out.bad:,} bad, {out.unsure:,} unsure; "
        f"{report.disagreements:,} to adjudicate",
        markup=False,
    )
    for title, table in (
        ("annotators", tables.annotators(report)),
        ("quality (share of good rows in the population)", tables.qualities(report, brief=True)),
        ("quality at worst and at best", tables.spans(report)),
        ("quality by annotator", tables.rates(report)),
        ("reasons", tables.reasons(report)),
        ("agreement", tables.agreements(report)),
        ("agreement by pair", tables.pair_agreements(report)),
        ("agreement with themselves (hidden repeats)", tables.with_themselves(report)),
        ("worst strata", tables.worst(report.worst_strata[:WORST_SHOWN])),
        ("worst lemmas", tables.worst(report.worst_lemmas[:WORST_SHOWN])),
        ("worst prompt versions", tables.worst(report.worst_prompts[:WORST_SHOWN])),
    ):
        if table.rows:
            console.print(_drawn(title, table))


def _drawn(title: str, content: ReportTable) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold")
    for place, name in enumerate(content.header):
        table.add_column(name, justify="left" if place < content.left else "right")
    for row in content.rows:
        cells = (grouped(cell) if isinstance(cell, int) else one_line(cell) for cell in row)
        table.add_row(*map(Text, cells))  # a name may look like Rich's markup
    return table
