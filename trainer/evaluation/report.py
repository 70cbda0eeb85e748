"""An evaluation as JSON, and as the tables of a terminal and of Markdown.

Imports no torch: cards are made where none is installed.
"""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from schemas.evaluation import (
    ALL_WORDS,
    SAME_LEMMAS,
    EvaluationReport,
    LemmaMean,
    RetrievalResult,
    SimilarityResult,
    SystemResult,
)
from schemas.markdown import table
from schemas.numbers import counted

Table = list[list[str]]
MODEL = "viconbert"
"""The name of the model among the systems."""
COSINE = f"{MODEL}, cosine alone"
"""That of the model without the signals beside its vectors."""


class Told(str):
    """The text of a figure, which knows of which items it is told: a part's, asked of a system."""

    system: str
    group: str
    part: str
    n_items: int

    def __new__(cls, text: str, system: str, group: str, part: str, n_items: int) -> Told:
        """The text, with what it is told of."""
        told = super().__new__(cls, text)
        told.system, told.group, told.part, told.n_items = system, group, part, n_items
        return told


def as_json(report: EvaluationReport) -> bytes:
    """The report as indented JSON; a figure without items is null."""
    return orjson.dumps(report.model_dump(mode="json"), option=orjson.OPT_INDENT_2)


def format_estimate(estimate: LemmaMean | None, sign: str = "") -> str:
    """An estimate as ``0.657 [0.640, 0.674]``; with the sign "+", of a difference."""
    if estimate is None or estimate.value is None:
        return "-"
    value, low, high = (_number(v, 3, sign) for v in (estimate.value, estimate.low, estimate.high))
    return f"{value} [{low}, {high}]"


def _number(value: float | None, digits: int, sign: str = "") -> str:
    return "-" if value is None else f"{value:{sign}.{digits}f}"


def systems_table(
    systems: Sequence[SystemResult], same_pos: bool, first: str = "system", sign: str = ""
) -> Table:
    """A row per system: its estimates overall and per test split; on all candidates or one POS."""
    group = "split, same POS" if same_pos else "split"
    splits = [cell.name for cell in systems[0].cells if cell.group == group]
    cells = [("all", "same POS only" if same_pos else "ambiguous")]
    has_coarse = systems[0].estimate("coarse", cells[0][1]) is not None
    cells += [("coarse", cells[0][1])] if has_coarse else []
    cells += [(group, split) for split in splits]
    header = [first, "all", *(["coarse"] if has_coarse else [])]
    header += [s.removeprefix("test_").replace("_", " ") for s in splits]
    return [header] + [
        [system.name, *(_told(system, *cell, sign) for cell in cells)] for system in systems
    ]


def _told(system: SystemResult, group: str, part: str, sign: str = "") -> str:
    found = system.estimate(group, part)
    n_items = found.n_items if found else 0
    return Told(format_estimate(found, sign), system.name, group, part, n_items)


def part_table(systems: Sequence[SystemResult], group: str) -> Table:
    """A row per system with all its estimates of a group."""
    names = [cell.name for cell in systems[0].cells if cell.group == group]
    return [["system", *names]] + [
        [system.name, *(_told(system, group, name) for name in names)] for system in systems
    ]


def breakdown_table(system: SystemResult) -> Table:
    """All cells of one system."""
    rows = [["group", "part", "accuracy", "items", "lemmas"]]
    for cell in system.cells:
        e = cell.estimate
        of = (system.name, cell.group, cell.name, e.n_items)
        n_items = Told(f"{e.n_items:,}", *of)
        rows.append(
            [cell.group, cell.name, Told(format_estimate(e), *of), n_items, f"{e.n_lemmas:,}"]
        )
    return rows


def retrieval_table(found: Sequence[RetrievalResult]) -> Table:
    """A row per k; the paper's definitions first, the corrected ones after them."""
    header = ["k", "recall", "precision", "F1", "NDCG"]
    header += ["recall (answerable)", "recall (full)", "NDCG (glosses)"]
    rows = [header]
    for r in found:
        values = (r.recall, r.precision, r.f1, r.ndcg)
        corrected = (r.answerable_recall, r.full_recall, r.gloss_ndcg)
        rows.append([str(r.k), *(_number(value, 4) for value in (*values, *corrected))])
    return rows


def similarity_table(found: Sequence[SimilarityResult]) -> Table:
    """A row per test, part and form."""
    rows = [["test", "part", "form", "value", "pairs"]]
    rows += [[s.test, s.part, s.form, _number(s.value, 3), str(s.n_pairs)] for s in found]
    return rows


def sections(report: EvaluationReport) -> list[tuple[str, Table]]:
    """The titled tables of a report."""
    percent = f"{report.confidence:.0%} interval over lemmas"
    found = []
    for same_pos, candidates in ((False, "all candidates"), (True, "candidates of one POS")):
        title = f"Word-sense disambiguation, {candidates}: accuracy = micro-F1, {percent}"
        found.append((title, systems_table(report.systems, same_pos)))
        if report.leads:
            title = f"Lead of {MODEL} on the same items, {candidates}"
            found.append((title, systems_table(report.leads, same_pos, "over", "+")))
    shared = report.systems[0].estimate(SAME_LEMMAS, "seen")
    if shared is not None and shared.n_lemmas:
        title = f"Seen and held-out senses of the same {counted(shared.n_lemmas, 'lemma')}"
        found.append((title, part_table(report.systems, SAME_LEMMAS)))
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
                    [
                        format_estimate(wic.estimate),
                        str(wic.estimate.n_items),
                        _number(wic.threshold, 4),
                    ],
                ],
            )
        )
    if report.all_words:
        title = f"All-words disambiguation, exact keys, candidates of one POS: F1, {percent}"
        found.append((title, part_table(report.all_words, ALL_WORDS)))
    if report.similarity:
        found.append(("Word similarity", similarity_table(report.similarity)))
    return found


def as_markdown(report: EvaluationReport) -> str:
    """The report as Markdown tables."""
    parts = [f"# Evaluation\n\n{report.n_examples:,} examples, {report.n_senses:,} senses.\n"]
    for title, (head, *rows) in sections(report):
        parts.append(f"## {title}\n\n{table(head, rows)}\n")
    return "\n".join(parts)
