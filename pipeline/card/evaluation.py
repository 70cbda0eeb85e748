"""The evaluation of a model as its card shows it, read from the ``evaluation.json`` beside it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from schemas.errors import InputError
from schemas.evaluation import EvaluationReport, LemmaMean, SystemResult
from schemas.files import read_json
from schemas.markdown import code_span, escaped, grouped, percent, table

EVALUATION = "evaluation.json"


def read_evaluation(folder: Path) -> EvaluationReport | None:
    """The evaluation of a model folder; None where none was made."""
    path = folder / EVALUATION
    if not path.is_file():
        return None
    return read_json(
        path, EvaluationReport, "an evaluation", "run `viconwsd evaluate` again", InputError
    )


def evaluation_text(evaluation: EvaluationReport | None) -> str:
    """The section of the card."""
    if evaluation is None or not evaluation.systems:
        return "No evaluation has been made of this model."
    return "\n\n".join(_parts(evaluation))


def _parts(evaluation: EvaluationReport) -> Iterator[str]:
    yield (
        f"On {grouped(evaluation.n_examples)} sentences over an inventory of "
        f"{grouped(evaluation.n_senses)} senses. Accuracy is micro-F1 over the senses of the "
        f"lemma, with {percent(evaluation.confidence)} intervals over lemmas; lemmas with one "
        "sense are left out. The model is beside its baselines."
    )
    yield _systems(evaluation)
    yield f"{code_span(evaluation.systems[0].name)} by part:"
    yield _cells(evaluation.systems[0])
    if evaluation.retrieval:
        rows = [
            (r.k, *map(_four, (r.recall, r.precision, r.f1, r.ndcg))) for r in evaluation.retrieval
        ]
        yield "Retrieval:"
        yield table(("k", "recall", "precision", "F1", "NDCG"), rows)
    if evaluation.word_in_context is not None:
        found = evaluation.word_in_context.estimate
        yield (
            f"Word in context (same sense or not): accuracy {_shown(found)}, "
            f"{grouped(found.n_items)} pairs."
        )
    if evaluation.similarity:
        rows = [
            (*map(escaped, (s.test, s.part, s.form)), _four(s.value), s.n_pairs)
            for s in evaluation.similarity
        ]
        yield "Word similarity:"
        yield table(("test", "part", "form", "value", "pairs"), rows, left=3)


def _systems(evaluation: EvaluationReport) -> str:
    splits = [cell.name for cell in evaluation.systems[0].cells if cell.group == "split"]
    places = [("all", "ambiguous"), ("all", "same POS only"), *(("split", s) for s in splits)]
    rows = [
        (code_span(system.name), *(_shown(system.estimate(*place)) for place in places))
        for system in evaluation.systems
    ]
    return table(("system", "all", "same POS only", *map(escaped, splits)), rows)


def _cells(system: SystemResult) -> str:
    rows = [
        (
            escaped(cell.group),
            escaped(cell.name),
            _shown(cell.estimate),
            cell.estimate.n_items,
            cell.estimate.n_lemmas,
        )
        for cell in system.cells
    ]
    return table(("group", "part", "accuracy", "sentences", "lemmas"), rows, left=2)


def _shown(estimate: LemmaMean | None) -> str:
    if estimate is None or estimate.value is None:
        return "–"
    if estimate.low is None or estimate.high is None:
        return f"{estimate.value:.3f}"
    return f"{estimate.value:.3f} [{estimate.low:.3f}, {estimate.high:.3f}]"


def _four(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"
