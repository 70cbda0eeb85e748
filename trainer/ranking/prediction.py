"""Word-sense disambiguation over the inventory's candidates: who scores, and what was chosen."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from schemas.records import same_coarse
from trainer.data import Inventory, InventoryEntry, Item

Candidates = Sequence[tuple[InventoryEntry, ...]]
Scores = NDArray[np.float32]


class Scorer(Protocol):
    """Scores the candidates of items; higher is better."""

    def scores(self, items: Sequence[Item], candidates: Candidates) -> list[Scores]:
        """For each item one score per candidate."""


def unit_rows(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows of length 1; zero rows stay zero."""
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(norms == 0, 1.0, norms), dtype=np.float32)


class CosineScorer:
    """Cosine between an item's vector and the candidates' gloss vectors.

    ``untaught`` is added to that of synsets which are not among the ``taught``.
    """

    def __init__(
        self,
        inventory: Inventory,
        item_vectors: Mapping[str, NDArray[np.float32]],
        gloss_vectors: NDArray[np.float32],
        taught: Container[str] = (),
        untaught: float = 0.0,
    ) -> None:
        self._taught, self._untaught = taught, untaught
        self._rows = inventory.row_of
        self._items = item_vectors
        self._glosses = gloss_vectors

    def scores(self, items: Sequence[Item], candidates: Candidates) -> list[Scores]:
        """For each item one cosine per candidate."""
        return [self._scores(item, own) for item, own in zip(items, candidates, strict=True)]

    def _scores(self, item: Item, own: Sequence[InventoryEntry]) -> Scores:
        if not own:
            return np.zeros(0, np.float32)
        glosses = unit_rows(np.asarray(self._glosses[[self._rows[e.synset_id] for e in own]]))
        vector = self._items[item.item_id]
        norm = float(np.linalg.norm(vector)) or 1.0
        kinds = np.array([entry.synset_id not in self._taught for entry in own], dtype=np.float32)
        return np.asarray(glosses @ vector / norm + self._untaught * kinds, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a scorer chose for an item, among which candidates.

    ``n_senses`` are those of the lemma, without a gloss too.
    """

    item: Item
    candidates: tuple[InventoryEntry, ...]
    scores: tuple[float, ...]
    n_senses: int
    same_pos_only: bool = False

    @property
    def chosen(self) -> InventoryEntry | None:
        """The candidate with the highest score, the first of equal ones; None without any."""
        if not self.candidates:
            return None
        return self.candidates[int(np.argmax(self.scores))]

    @property
    def correct(self) -> bool:
        """Whether the chosen synset is the gold one; a gold sense that is no candidate is wrong."""
        chosen = self.chosen
        return chosen is not None and chosen.synset_id == self.item.synset_id

    @property
    def coarsely_correct(self) -> bool:
        """Whether the gold synset was chosen, or one that nothing tells from it."""
        cluster_of = {e.synset_id: e.cluster for e in self.candidates if e.cluster}
        chosen = self.chosen
        return chosen is not None and same_coarse(chosen.synset_id, self.item.synset_id, cluster_of)

    @property
    def gold_is_candidate(self) -> bool:
        """Whether the gold synset could be chosen at all."""
        return any(entry.synset_id == self.item.synset_id for entry in self.candidates)


def predict(scorer: Scorer, items: Sequence[Item], inventory: Inventory) -> list[Prediction]:
    """One prediction per item; candidates are the inventory's glossed senses of its lemma."""
    candidates = [inventory.candidates(item.lemma) for item in items]
    found = scorer.scores(items, candidates)
    return [
        Prediction(
            item,
            own,
            tuple(float(s) for s in scores),
            max(1, len(inventory.senses(item.lemma))),
        )
        for item, own, scores in zip(items, candidates, found, strict=True)
    ]


def within_pos(predictions: Sequence[Prediction]) -> list[Prediction]:
    """The predictions when the part of speech is known: only candidates with the gold one's POS.

    Only items remain that have two such senses or more; nothing can be won by tagging POS.
    """
    kept = []
    for prediction in predictions:
        at = [i for i, e in enumerate(prediction.candidates) if e.pos == prediction.item.pos]
        if len(at) >= 2:
            kept.append(
                Prediction(
                    prediction.item,
                    tuple(prediction.candidates[i] for i in at),
                    tuple(prediction.scores[i] for i in at),
                    len(at),
                    same_pos_only=True,
                )
            )
    return kept


def ambiguous(predictions: Sequence[Prediction]) -> list[Prediction]:
    """The predictions for items whose lemma has two senses or more."""
    return [prediction for prediction in predictions if prediction.n_senses >= 2]
