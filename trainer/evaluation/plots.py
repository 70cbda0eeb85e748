"""Pictures of an evaluation: a lemma's senses, accuracy by ambiguity, confused siblings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from languages.language import Language
from schemas.errors import InputError
from schemas.evaluation import SystemResult
from schemas.files import replacing
from trainer.ranking.prediction import Prediction, ambiguous, unit_rows

if TYPE_CHECKING:
    from trainer.data import Inventory, Item

_GLOSS_CHARS = 50


def plot_lemma(
    path: Path,
    lemma: str,
    items: Sequence[Item],
    vectors: NDArray[np.float32],
    inventory: Inventory,
    gloss_vectors: NDArray[np.float32],
    method: str = "pca",
) -> None:
    """The lemma's contexts (dots) and glosses (stars) in two dimensions, a colour per sense.

    ``vectors`` (n, d) are those of ``items``; ``method`` is "pca" or "umap" (package umap-learn).
    """
    at, senses = _contexts_of(lemma, items, inventory.language), inventory.candidates(lemma)
    rows = [inventory.row_of[entry.synset_id] for entry in senses]
    points = _flat(
        np.concatenate([unit_rows(vectors[at]), unit_rows(np.asarray(gloss_vectors[rows]))]),
        method,
    )
    figure, axes = _figure(8, 6)
    for number, entry in enumerate(senses):
        own = [k for k, i in enumerate(at) if items[i].synset_id == entry.synset_id]
        colour = f"C{number % 10}"
        label = f"{entry.pos}: {(entry.gloss or '')[:_GLOSS_CHARS]}"
        axes.scatter(points[own, 0], points[own, 1], color=colour, s=24, label=label)
        star = points[len(at) + number]
        axes.scatter(*star, color=colour, marker="*", s=240, edgecolors="black")
    axes.set_title(f"{lemma}: contexts (dots) and glosses (stars), {method.upper()}")
    axes.legend(fontsize=8, loc="best")
    _save(figure, path)


def check_plots(
    lemmas: Sequence[str], items: Sequence[Item], inventory: Inventory, method: str
) -> None:
    """Raises InputError for plots of lemmas that could not be drawn after an evaluation."""
    if lemmas and method == "umap":
        _umap()
    for lemma in lemmas:
        if not _contexts_of(lemma, items, inventory.language) or not inventory.candidates(lemma):
            raise InputError(f"lemma {lemma!r} has no evaluated contexts: choose another to plot")


def _contexts_of(lemma: str, items: Sequence[Item], language: Language) -> list[int]:
    wanted = language.match_key(lemma)
    return [at for at, item in enumerate(items) if language.match_key(item.lemma) == wanted]


def _umap() -> Any:
    try:
        from umap import UMAP
    except ImportError as error:
        raise InputError("umap plots need: pip install umap-learn; or use pca") from error
    return UMAP


def _flat(vectors: NDArray[np.float32], method: str) -> NDArray[np.float64]:
    if method == "umap":
        n = max(2, min(15, len(vectors) - 1))
        found = _umap()(n_neighbors=n, random_state=0, init="random").fit_transform(vectors)
        return np.asarray(found, dtype=np.float64)
    centred = vectors - vectors.mean(axis=0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    points = np.zeros((len(vectors), 2))
    k = min(2, len(axes))
    points[:, :k] = centred @ axes[:k].T
    return points


def plot_by_candidates(path: Path, systems: Sequence[SystemResult]) -> None:
    """Accuracy with its interval by the number of candidates, a line per system."""
    figure, axes = _figure(8, 5)
    for system in systems:
        cells = [c for c in system.cells if c.group == "candidates"]
        if not cells:
            continue
        found = [(c.estimate.value, c.estimate.low, c.estimate.high) for c in cells]
        y, low, high = np.array(found, dtype=float).T
        spread = np.clip(np.stack([y - low, high - y]), 0, None)
        axes.errorbar([c.name for c in cells], y, spread, marker="o", capsize=3, label=system.name)
    axes.set_xlabel("number of candidates")
    axes.set_ylabel("accuracy")
    axes.set_ylim(0, 1)
    axes.legend(fontsize=8)
    _save(figure, path)


def plot_confusion(
    path: Path, lemma: str, predictions: Sequence[Prediction], language: Language
) -> None:
    """How often each sense of a lemma was taken for each of its siblings."""
    key = language.match_key
    own = [p for p in ambiguous(predictions) if key(p.item.lemma) == key(lemma)]
    if not own:
        raise InputError(f"lemma {lemma!r} has no ambiguous contexts: choose another to plot")
    senses = own[0].candidates
    column = {entry.synset_id: at for at, entry in enumerate(senses)}
    counts = np.zeros((len(senses), len(senses)), dtype=int)
    for prediction in own:
        chosen = prediction.chosen
        if prediction.gold_is_candidate and chosen is not None:
            counts[column[prediction.item.synset_id], column[chosen.synset_id]] += 1
    figure, axes = _figure(7, 6)
    axes.imshow(counts, cmap="Blues")
    names = [f"{e.pos}: {(e.gloss or '')[:24]}" for e in senses]
    axes.set_xticks(range(len(senses)), names, rotation=30, ha="right", fontsize=8)
    axes.set_yticks(range(len(senses)), names, fontsize=8)
    for (row, at), value in np.ndenumerate(counts):
        axes.text(at, row, str(value), ha="center", va="center")
    axes.set_xlabel("chosen")
    axes.set_ylabel("gold")
    axes.set_title(lemma)
    _save(figure, path)


def _figure(width: float, height: float) -> tuple[Any, Any]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots()


def _save(figure: Any, path: Path) -> None:
    with replacing(path) as temporary:
        figure.savefig(temporary, format="png", dpi=120)
