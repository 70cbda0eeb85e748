"""What ``viconwsd senses evaluate`` found: as JSON, and as tables."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from schemas.files import write_text
from schemas.markdown import table
from trainer.distil.report import SetResult, set_table, set_title
from trainer.senses.agreement import Agreement


class ReadingPace(BaseModel):
    """Sentences a second of one thread, all their words at once."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    alone: float
    in_batches: float


class SensesReport(BaseModel):
    """All figures of one evaluation."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    backbone: str
    n_units: int
    n_usages: int
    agreement: dict[str, Agreement]
    variance: dict[int, float]
    """By the number of usages a word: the share of held-out vectors' variance that they keep."""
    sets: tuple[SetResult, ...]
    megabytes: dict[str, float]
    pace: dict[str, ReadingPace]


def senses_sections(report: SensesReport) -> list[tuple[str, list[list[str]]]]:
    """The titled tables."""
    found: list[tuple[str, list[list[str]]]] = []
    if report.agreement:
        rows = [["system", "as the teacher", "most frequent usage", "chance", "variance kept"]]
        for name, own in report.agreement.items():
            mean = own.student
            value, low, high = (100 * (v or 0.0) for v in (mean.value, mean.low, mean.high))
            rows.append(
                [
                    name,
                    f"{value:.1f} [{low:.1f}, {high:.1f}]",
                    f"{100 * own.majority:.1f}",
                    f"{100 * own.chance:.1f}",
                    f"{100 * own.variance_kept:.1f}",
                ]
            )
        any_one = next(iter(report.agreement.values()))
        title = f"usages in documents held out ({any_one.n_occurrences:,} occurrences of "
        found.append((f"{title}{any_one.n_words:,} words)", rows))
    if report.variance:
        names = [f"{k} a word" for k in report.variance]
        shares = [f"{100 * share:.1f}" for share in report.variance.values()]
        found.append(("variance of held-out vectors that usages keep", [names, shares]))
    found += [(set_title(own), set_table(own)) for own in report.sets]
    rows = [["", "megabytes", "sentences/s, one by one", "sentences/s, 64 at a time"]]
    for name, size in report.megabytes.items():
        pace = report.pace.get(name)
        cells = ["", ""] if pace is None else [f"{pace.alone:,.0f}", f"{pace.in_batches:,.0f}"]
        rows.append([name, f"{size:,.1f}", *cells])
    found.append(("size and pace, one thread", rows))
    return found


def write_senses_report(folder: Path, report: SensesReport) -> list[Path]:
    """``senses.json`` and ``senses.md`` in the folder."""
    markdown = "\n".join(
        [
            f"# Usages of words\n\nBackbone {report.backbone}; {report.n_units:,} words, "
            f"{report.n_usages:,} usages. Leads are over the teacher.\n",
            *(f"## {t}\n\n{table(rows[0], rows[1:])}\n" for t, rows in senses_sections(report)),
        ]
    )
    paths = [folder / "senses.json", folder / "senses.md"]
    for path, text in zip(paths, (report.model_dump_json(indent=2), markdown), strict=True):
        write_text(path, text)
    return paths
