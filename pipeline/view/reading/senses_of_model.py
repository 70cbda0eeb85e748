"""A trained model at work: the senses of a word in a sentence, and where a lemma's contexts lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from pipeline.view.index.values import RowEntry, SenseEntry
    from trainer.inference import Disambiguation, Disambiguator


@dataclass(frozen=True, slots=True)
class Spot:
    """A context or a gloss in a map, in places from 0 to 1."""

    x: float
    y: float
    sense: int
    """The number of its sense on the page, from 1."""
    is_gloss: bool
    text: str
    context_id: str


def open_model(folder: Path) -> Disambiguator:
    """The model of a folder; it takes seconds, and a few hundred megabytes."""
    from trainer.inference import Disambiguator

    return Disambiguator.open(folder)


def disambiguated(model: Disambiguator, text: str, lemma: str) -> Disambiguation:
    """The senses of the word marked ``[[...]]``, best first."""
    return model.disambiguate(text, None, lemma or None)


def lemma_map(
    model: Disambiguator, senses: Sequence[SenseEntry], rows: Sequence[RowEntry]
) -> tuple[Spot, ...]:
    """Contexts and glosses in the plane in which they differ most (PCA of unit vectors)."""
    from trainer.data import Item

    number = {sense.sense_id: at for at, sense in enumerate(senses, start=1)}
    ranker = model.ranker
    known = [s for s in senses if s.synset_id in ranker.inventory.row_of]
    items = [
        Item(
            *(row.context_id, row.sense_id, "", row.lemma, row.pos),
            *(row.sentence, row.start, row.stop, row.split),
        )
        for row in rows
    ]
    vectors: list[NDArray[Any]] = [ranker.vectors(items)] if items else []
    if known:
        at = [ranker.inventory.row_of[sense.synset_id] for sense in known]
        vectors.append(np.asarray(ranker.gloss_vectors[at]))
    if not vectors:
        return ()
    places = _plane(np.concatenate(vectors))
    spots = [
        Spot(x, y, number[row.sense_id], False, row.sentence, row.context_id)
        for row, (x, y) in zip(rows, places[: len(rows)], strict=True)
    ]
    glosses = [
        Spot(x, y, number[sense.sense_id], True, sense.gloss or "", "")
        for sense, (x, y) in zip(known, places[len(rows) :], strict=True)
    ]
    return (*spots, *glosses)


def _plane(vectors: NDArray[Any]) -> list[tuple[float, float]]:
    """(n, 2): the two main axes of the vectors, scaled into the unit square."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit = vectors / np.where(lengths == 0, 1, lengths)
    centred = unit - unit.mean(axis=0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    flat = np.zeros((len(vectors), 2))
    k = min(2, len(axes))
    flat[:, :k] = centred @ axes[:k].T
    low, span = flat.min(axis=0), np.ptp(flat, axis=0)
    scaled = (flat - low) / np.where(span == 0, 1, span)
    return [(float(x), float(y)) for x, y in scaled]
