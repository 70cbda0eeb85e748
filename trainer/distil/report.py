"""What ``viconwsd distil evaluate`` found: as JSON, and as tables with all rows side by side."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from schemas.markdown import table


class Measured(BaseModel):
    """A figure and its percentile interval over resampled lemmas."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    value: float
    low: float
    high: float

    def shown(self, sign: str = "") -> str:
        """As ``62.5 [60.0, 65.1]``, in hundredths."""
        value, low, high = (f"{100 * v:{sign}.1f}" for v in (self.value, self.low, self.high))
        return f"{value} [{low}, {high}]"


class RowResult(BaseModel):
    """One kind of vector on one set.

    ``figure`` is the accuracy at the development pairs' threshold, or Spearman's rho with the
    ratings; ``auc`` needs no threshold. Leads are over the standardised mean, on the same pairs.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    figure: Measured
    lead: Measured
    auc: Measured | None = None
    auc_lead: Measured | None = None


class SetResult(BaseModel):
    """All rows on one set; a pair with an unplaced target is wrong, or of cosine 0."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    measure: str
    n_pairs: int
    n_dev: int
    n_groups: int
    n_unplaced: int
    rows: tuple[RowResult, ...]


class DistilReport(BaseModel):
    """All sets, and what was measured."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    backbone: str
    weights: str
    layers: tuple[int, ...]
    chosen: str
    confidence: float
    sets: tuple[SetResult, ...]


def set_table(found: SetResult) -> list[list[str]]:
    """A row per kind of vector."""
    has_auc = any(row.auc is not None for row in found.rows)
    header = ["vector", found.measure, "lead", *(["AUC", "AUC lead"] if has_auc else [])]
    rows = [header]
    for row in found.rows:
        cells = [row.name, row.figure.shown(), row.lead.shown("+")]
        if has_auc and row.auc is not None and row.auc_lead is not None:
            cells += [row.auc.shown(), row.auc_lead.shown("+")]
        rows.append(cells)
    return rows


def set_title(found: SetResult) -> str:
    """What the set is and how much of it there is."""
    parts = [f"{found.n_pairs:,} pairs", f"{found.n_groups:,} groups"]
    parts.append(f"threshold from {found.n_dev:,} pairs" if found.n_dev else "")
    parts.append(f"{found.n_unplaced:,} unplaced" if found.n_unplaced else "")
    return f"{found.name} ({', '.join(filter(None, parts))})"


def distil_sections(report: DistilReport) -> list[tuple[str, list[list[str]]]]:
    """The titled tables."""
    return [(set_title(found), set_table(found)) for found in report.sets]


def distil_markdown(report: DistilReport) -> str:
    """The report as Markdown tables."""
    about = (
        f"Backbone {report.backbone}, hidden states {_shown(report.layers)}. Figures in "
        f"hundredths, {report.confidence:.0%} intervals over lemmas; leads are over the "
        f"standardised mean. Chosen on validation: {report.chosen}."
    )
    tables = [
        f"## {title}\n\n{table(rows[0], rows[1:])}\n" for title, rows in distil_sections(report)
    ]
    return "\n".join([f"# Words in context\n\n{about}\n", *tables])


def _shown(layers: Sequence[int]) -> str:
    first, last = layers[0], layers[-1]
    whole = tuple(range(first, last + 1)) == tuple(layers) and len(layers) > 1
    return f"{first} to {last}" if whole else ", ".join(map(str, layers))
