"""The evaluation of a model as its card shows it, read from the ``evaluation.json`` beside it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from schemas.errors import InputError
from schemas.files import read_json
from schemas.markdown import grouped, percent, table

EVALUATION = "evaluation.json"


class _Part(BaseModel):
    """What the card needs of an object; the evaluator may write more."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Estimate(_Part):
    """A share with its interval; null where there was nothing to count."""

    value: float | None
    low: float | None
    high: float | None
    n_items: int
    n_lemmas: int


class Cell(_Part):
    """The accuracy on one part of the test data."""

    group: str
    name: str
    estimate: Estimate


class System(_Part):
    """A scorer with its accuracies; the model comes first."""

    name: str
    cells: tuple[Cell, ...]

    def accuracy(self, group: str, name: str) -> Estimate | None:
        """The accuracy on one part, if it was measured."""
        found = (c.estimate for c in self.cells if (c.group, c.name) == (group, name))
        return next(found, None)


class Retrieval(_Part):
    """Retrieval at one k."""

    k: int
    recall: float | None
    precision: float | None
    f1: float | None
    ndcg: float | None


class Similarity(_Part):
    """A word-similarity test."""

    test: str
    part: str
    form: str
    value: float | None
    n_pairs: int


class WordInContext(_Part):
    """Accuracy on pairs of sentences."""

    estimate: Estimate


class Evaluation(_Part):
    """The whole report."""

    systems: tuple[System, ...]
    retrieval: tuple[Retrieval, ...] = ()
    similarity: tuple[Similarity, ...] = ()
    word_in_context: WordInContext | None = None
    n_examples: int = 0
    n_senses: int = 0
    confidence: float = 0.95


def read_evaluation(folder: Path) -> Evaluation | None:
    """The evaluation of a model folder; None where none was made."""
    path = folder / EVALUATION
    if not path.is_file():
        return None
    return read_json(path, Evaluation, "an evaluation", "run `viconwsd evaluate` again", InputError)


def evaluation_text(evaluation: Evaluation | None) -> str:
    """The section of the card."""
    if evaluation is None or not evaluation.systems:
        return "No evaluation has been made of this model."
    return "\n\n".join(_parts(evaluation))


def _parts(evaluation: Evaluation) -> Iterator[str]:
    yield (
        f"On {grouped(evaluation.n_examples)} sentences over an inventory of "
        f"{grouped(evaluation.n_senses)} senses. Accuracy is micro-F1 over the senses of the "
        f"lemma, with {percent(evaluation.confidence)} intervals over lemmas; lemmas with one "
        "sense are left out. The model is beside its baselines."
    )
    yield _systems(evaluation)
    yield f"`{evaluation.systems[0].name}` by part:"
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
        rows = [(s.test, s.part, s.form, _four(s.value), s.n_pairs) for s in evaluation.similarity]
        yield "Word similarity:"
        yield table(("test", "part", "form", "value", "pairs"), rows, left=3)


def _systems(evaluation: Evaluation) -> str:
    splits = [cell.name for cell in evaluation.systems[0].cells if cell.group == "split"]
    places = [("all", "ambiguous"), ("all", "same POS only"), *(("split", s) for s in splits)]
    rows = [
        (f"`{system.name}`", *(_shown(system.accuracy(*place)) for place in places))
        for system in evaluation.systems
    ]
    return table(("system", "all", "same POS only", *splits), rows)


def _cells(system: System) -> str:
    rows = [
        (
            cell.group,
            cell.name,
            _shown(cell.estimate),
            cell.estimate.n_items,
            cell.estimate.n_lemmas,
        )
        for cell in system.cells
    ]
    return table(("group", "part", "accuracy", "sentences", "lemmas"), rows, left=2)


def _shown(estimate: Estimate | None) -> str:
    if estimate is None or estimate.value is None:
        return "–"
    if estimate.low is None or estimate.high is None:
        return f"{estimate.value:.3f}"
    return f"{estimate.value:.3f} [{estimate.low:.3f}, {estimate.high:.3f}]"


def _four(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"
