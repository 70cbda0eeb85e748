"""Evaluation results as one value, as JSON, and as Markdown."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

import orjson

from schemas.markdown import table
from trainer.evaluation.bootstrap import Estimate
from trainer.evaluation.breakdown import Cell
from trainer.evaluation.retrieval import Retrieval
from trainer.evaluation.similarity import Similarity

Table = list[list[str]]
MODEL = "viconbert"


@dataclass(frozen=True, slots=True)
class System:
    """A scorer's accuracies, or the model's leads over it; the model's name is ``viconbert``."""

    name: str
    cells: tuple[Cell, ...]

    def estimate(self, group: str, name: str) -> Estimate | None:
        """The estimate of one cell, None where the data has no such items."""
        for cell in self.cells:
            if (cell.group, cell.name) == (group, name):
                return cell.estimate
        return None


@dataclass(frozen=True, slots=True)
class WordInContext:
    """Accuracy on word-in-context pairs at the validation split's threshold."""

    estimate: Estimate
    threshold: float


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that one evaluation found; the model comes first among the systems.

    ``leads`` are its paired differences from the baselines, on the same items.
    """

    systems: tuple[System, ...]
    leads: tuple[System, ...] = ()
    retrieval: tuple[Retrieval, ...] = ()
    similarity: tuple[Similarity, ...] = ()
    word_in_context: WordInContext | None = None
    n_examples: int = 0
    n_senses: int = 0
    confidence: float = 0.95
    settings: dict[str, object] = field(default_factory=dict)


def as_json(report: Report) -> bytes:
    """The report as indented JSON; a figure without items is null."""
    return orjson.dumps(asdict(report), option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS)


def shown(estimate: Estimate | None, sign: str = "") -> str:
    """An estimate as ``0.657 [0.640, 0.674]``; with the sign "+", of a difference."""
    if estimate is None or math.isnan(estimate.value):
        return "-"
    value, low, high = (f"{v:{sign}.3f}" for v in (estimate.value, estimate.low, estimate.high))
    return f"{value} [{low}, {high}]"


def systems_table(
    systems: Sequence[System], same_pos: bool, first: str = "system", sign: str = ""
) -> Table:
    """A row per system: its estimates overall and per test split; on all candidates or one POS."""
    group = "split, same POS" if same_pos else "split"
    splits = [cell.name for cell in systems[0].cells if cell.group == group]
    cells = [("all", "same POS only" if same_pos else "ambiguous")]
    cells += [(group, split) for split in splits]
    header = [first, "all", *(s.removeprefix("test_").replace("_", " ") for s in splits)]
    return [header] + [
        [system.name, *(shown(system.estimate(*cell), sign) for cell in cells)]
        for system in systems
    ]


def breakdown_table(system: System) -> Table:
    """All cells of one system."""
    rows = [["group", "part", "accuracy", "items", "lemmas"]]
    for cell in system.cells:
        e = cell.estimate
        rows.append([cell.group, cell.name, shown(e), f"{e.n_items:,}", f"{e.n_lemmas:,}"])
    return rows


def retrieval_table(found: Sequence[Retrieval]) -> Table:
    """A row per k; the paper's definitions first, the corrected ones after them."""
    header = ["k", "recall", "precision", "F1", "NDCG"]
    header += ["recall (answerable)", "recall (full)", "NDCG (glosses)"]
    rows = [header]
    for r in found:
        values = (r.recall, r.precision, r.f1, r.ndcg)
        corrected = (r.answerable_recall, r.full_recall, r.gloss_ndcg)
        rows.append([str(r.k), *(f"{value:.4f}" for value in (*values, *corrected))])
    return rows


def similarity_table(found: Sequence[Similarity]) -> Table:
    """A row per test, part and form."""
    rows = [["test", "part", "form", "value", "pairs"]]
    rows += [[s.test, s.part, s.form, f"{s.value:.3f}", str(s.n_pairs)] for s in found]
    return rows


def sections(report: Report) -> list[tuple[str, Table]]:
    """The titled tables of a report."""
    percent = f"{report.confidence:.0%} interval over lemmas"
    found = []
    for same_pos, candidates in ((False, "all candidates"), (True, "candidates of one POS")):
        title = f"Word-sense disambiguation, {candidates}: accuracy = micro-F1, {percent}"
        found.append((title, systems_table(report.systems, same_pos)))
        if report.leads:
            title = f"Lead of {MODEL} on the same items, {candidates}"
            found.append((title, systems_table(report.leads, same_pos, "over", "+")))
    found.append((f"Breakdown of {MODEL}", breakdown_table(report.systems[0])))
    if report.retrieval:
        found.append(("Retrieval over contexts and glosses", retrieval_table(report.retrieval)))
    if report.word_in_context is not None:
        wic = report.word_in_context
        found.append(
            (
                "Word in context: same sense or not",
                [
                    ["accuracy", "pairs", "threshold"],
                    [shown(wic.estimate), str(wic.estimate.n_items), f"{wic.threshold:.4f}"],
                ],
            )
        )
    if report.similarity:
        found.append(("Word similarity", similarity_table(report.similarity)))
    return found


def as_markdown(report: Report) -> str:
    """The report as Markdown tables."""
    parts = [f"# Evaluation\n\n{report.n_examples:,} examples, {report.n_senses:,} senses.\n"]
    for title, (head, *rows) in sections(report):
        parts.append(f"## {title}\n\n{table(head, rows)}\n")
    return "\n".join(parts)
