"""Word-sense disambiguation over the inventory's candidates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from trainer.data import Inventory, InventoryEntry, Item

Scores = NDArray[np.float32]


class Scorer(Protocol):
    """Scores the candidates of items; higher is better."""

    def scores(
        self, items: Sequence[Item], candidates: Sequence[tuple[InventoryEntry, ...]]
    ) -> list[Scores]:
        """For each item one score per candidate."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a scorer chose for an item, among which candidates."""

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
    def gold_is_candidate(self) -> bool:
        """Whether the gold synset could be chosen at all."""
        return any(entry.synset_id == self.item.synset_id for entry in self.candidates)


def disambiguate_items(
    scorer: Scorer, items: Sequence[Item], inventory: Inventory
) -> list[Outcome]:
    """One outcome per item; candidates are the inventory's glossed senses of its lemma."""
    candidates = [inventory.candidates(item.lemma) for item in items]
    found = scorer.scores(items, candidates)
    return [
        Outcome(
            item,
            own,
            tuple(float(s) for s in scores),
            max(1, len(inventory.senses(item.lemma))),
        )
        for item, own, scores in zip(items, candidates, found, strict=True)
    ]


def within_pos(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """The outcomes when the part of speech is known: only candidates with the gold one's POS.

    Only items remain that have two such senses or more; nothing can be won by tagging POS.
    """
    kept = []
    for outcome in outcomes:
        at = [i for i, e in enumerate(outcome.candidates) if e.pos == outcome.item.pos]
        if len(at) >= 2:
            kept.append(
                Outcome(
                    outcome.item,
                    tuple(outcome.candidates[i] for i in at),
                    tuple(outcome.scores[i] for i in at),
                    len(at),
                    same_pos_only=True,
                )
            )
    return kept


def ambiguous(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """The outcomes of items whose lemma has two senses or more."""
    return [outcome for outcome in outcomes if outcome.n_senses >= 2]
