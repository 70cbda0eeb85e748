"""Pictures of an evaluation: a lemma's senses, accuracy by ambiguity, confused siblings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from languages.language import Language
from schemas.errors import InputError
from schemas.evaluation import SystemResult
from schemas.files import replacing
from schemas.plot_style import STYLE
from trainer.ranking.prediction import Prediction, ambiguous, unit_rows

if TYPE_CHECKING:
    from trainer.data import Inventory, Item

_LINE_CHARS = 46
"""Of a definition on a line of a legend or a tick; it goes on below, at a space."""
_LINES = 3
_STEP = 0.06
"""Between the places of two systems above one tick, so that no interval hides another."""
_MARKERS = "osD^vPX*"


def plot_lemma(
    path: Path,
    lemma: str,
    items: Sequence[Item],
    vectors: NDArray[np.float32],
    inventory: Inventory,
    gloss_vectors: NDArray[np.float32],
    method: str = "pca",
) -> None:
    """The lemma's contexts and glosses (numbers) in two dimensions, a colour per sense.

    ``vectors`` (n, d) are those of ``items``; ``method`` is "pca" or "umap" (package umap-learn).
    """
    at, senses = contexts_of(lemma, items, inventory.language), inventory.candidates(lemma)
    rows = [inventory.row_of[entry.synset_id] for entry in senses]
    points = _flat(
        np.concatenate([unit_rows(vectors[at]), unit_rows(np.asarray(gloss_vectors[rows]))]),
        method,
    )
    figure, axes = _figure(8, 6)
    for number, entry in enumerate(senses):
        own = [k for k, i in enumerate(at) if items[i].synset_id == entry.synset_id]
        colour, marker = _look(number)
        label = _folded(f"{number + 1} {entry.pos}: {entry.gloss or ''}")
        places = points[own]
        axes.scatter(places[:, 0], places[:, 1], color=colour, marker=marker, s=30, label=label)
        star = points[len(at) + number]
        axes.scatter(*star, color=colour, marker="s", s=220, edgecolors="black", zorder=3)
        number_colour = "white" if _is_dark(colour) else "black"
        axes.annotate(
            str(number + 1), star, ha="center", va="center", color=number_colour, zorder=4
        )
    axes.set_title(f"{lemma}: contexts, and glosses as numbers, {method.upper()}")
    axes.set_xticks([])
    axes.set_yticks([])
    _legend_below(figure, axes)
    _save(figure, path)


def _look(number: int) -> tuple[str, str]:
    """The colour and the marker of a sense or a system."""
    n = len(STYLE.series)
    return STYLE.series[number % n], _MARKERS[(number + number // n) % len(_MARKERS)]


def _is_dark(colour: str) -> bool:
    """Whether white stands out on a colour (its luma is below a half)."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return (299 * red + 587 * green + 114 * blue) / 1000 < 128


def _folded(text: str) -> str:
    """The text in lines; of one that is too long the rest is left out, at a space."""
    return "\n".join(wrap(text, _LINE_CHARS, max_lines=_LINES, placeholder=" …"))


def _legend_below(figure: Any, axes: Any) -> None:
    """A legend that lies over no point."""
    handles, labels = axes.get_legend_handles_labels()
    columns = 2 if len(labels) > 2 else 1
    figure.legend(handles, labels, loc="outside lower center", ncols=columns, fontsize=STYLE.small)


def check_plots(
    lemmas: Sequence[str], items: Sequence[Item], inventory: Inventory, method: str
) -> None:
    """Raises InputError for plots of lemmas that could not be drawn after an evaluation."""
    if lemmas and method == "umap":
        _umap()
    for lemma in lemmas:
        if not contexts_of(lemma, items, inventory.language) or not inventory.candidates(lemma):
            raise InputError(f"lemma {lemma!r} has no evaluated contexts: choose another to plot")


def contexts_of(lemma: str, items: Sequence[Item], language: Language) -> list[int]:
    """The places of a lemma's items."""
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
    of_all = [c.name for system in systems for c in system.cells if c.group == "candidates"]
    names = list(dict.fromkeys(of_all))
    for number, system in enumerate(systems):
        cells = [c for c in system.cells if c.group == "candidates"]
        if not cells:
            continue
        found = [(c.estimate.value, c.estimate.low, c.estimate.high) for c in cells]
        y, low, high = np.array(found, dtype=float).T
        spread = np.clip(np.stack([y - low, high - y]), 0, None)
        colour, marker = _look(number)
        places = [names.index(c.name) + _STEP * (number - (len(systems) - 1) / 2) for c in cells]
        axes.errorbar(
            *(places, y, spread),
            color=colour,
            marker=marker,
            linestyle="-" if number < len(STYLE.series) else "--",  # a colour comes back
            capsize=3,
            label=system.name,
        )
    axes.set_xticks(range(len(names)), names)
    axes.set_xlabel("number of candidates")
    axes.set_ylabel("accuracy")
    axes.set_ylim(0, 1.02)
    _legend_below(figure, axes)
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
    figure, axes = _figure(8, max(4, 1.5 + 0.7 * len(senses)))
    axes.imshow(counts, cmap="Blues", aspect="auto")
    names = [_folded(f"{n} {e.pos}: {e.gloss or ''}") for n, e in enumerate(senses, start=1)]
    axes.set_xticks(range(len(senses)), [str(n) for n in range(1, len(senses) + 1)])
    axes.set_yticks(range(len(senses)), names, fontsize=STYLE.small)
    darkest = counts.max() / 2
    for (row, at), value in np.ndenumerate(counts):
        colour = "white" if value > darkest else "black"
        axes.text(at, row, str(value), ha="center", va="center", color=colour)
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
        figure.savefig(temporary, format="png", dpi=STYLE.dpi)
