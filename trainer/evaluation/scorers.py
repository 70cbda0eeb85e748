"""Scorers: the trained vectors, and the baselines that need no training."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from schemas.text import match_key, syllables
from trainer.data import Inventory, InventoryEntry, Item

Candidates = Sequence[tuple[InventoryEntry, ...]]
Scores = NDArray[np.float32]


def unit_rows(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows of length 1; zero rows stay zero."""
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(norms == 0, 1.0, norms), dtype=np.float32)


class VectorScorer:
    """Cosine between an item's vector and the candidates' gloss vectors."""

    def __init__(
        self,
        inventory: Inventory,
        item_vectors: dict[str, NDArray[np.float32]],
        gloss_vectors: NDArray[np.float32],
    ) -> None:
        self._rows = inventory.row_of
        self._items = item_vectors
        self._glosses = gloss_vectors

    def scores(self, items: Sequence[Item], candidates: Candidates) -> list[Scores]:
        """For each item one cosine per candidate."""
        found = []
        for item, own in zip(items, candidates, strict=True):
            rows = [self._rows[entry.synset_id] for entry in own]
            glosses = unit_rows(np.asarray(self._glosses[rows])) if rows else np.zeros((0, 1))
            vector = self._items[item.item_id]
            norm = float(np.linalg.norm(vector)) or 1.0
            found.append(
                (glosses @ vector / norm).astype(np.float32) if rows else np.zeros(0, np.float32)
            )
        return found


class RandomScorer:
    """A uniform choice, fixed by the item's id."""

    def __init__(self, seed: int = 0) -> None:
        self._seed = seed

    def scores(self, items: Sequence[Item], candidates: Candidates) -> list[Scores]:
        """For each item one random number per candidate."""
        return [self._draw(item, len(own)) for item, own in zip(items, candidates, strict=True)]

    def _draw(self, item: Item, n: int) -> Scores:
        digest = hashlib.sha256(f"{self._seed}:{item.item_id}".encode()).digest()
        rng = np.random.default_rng(int.from_bytes(digest[:8], "big"))
        return rng.random(n, dtype=np.float32)


class FirstSenseScorer:
    """The first sense in the inventory's order."""

    def scores(
        self,
        items: Sequence[Item],
        candidates: Candidates,
    ) -> list[Scores]:
        """For each item falling scores."""
        return [-np.arange(len(own), dtype=np.float32) for own in candidates]


class FrequentSenseScorer:
    """The lemma's most frequent sense in training; the first sense where none was seen."""

    def __init__(self, training: Sequence[Item]) -> None:
        self._counts = Counter((match_key(item.lemma), item.synset_id) for item in training)

    def scores(self, items: Sequence[Item], candidates: Candidates) -> list[Scores]:
        """For each item the training counts of its candidates."""
        return [
            np.array(
                [self._counts[(match_key(item.lemma), entry.synset_id)] for entry in own],
                dtype=np.float32,
            )
            for item, own in zip(items, candidates, strict=True)
        ]


class OverlapScorer:
    """Lesk: shared syllables of sentence and gloss, each weighted by its rarity in glosses.

    The target and syllables of the lemma do not count.
    """

    def __init__(self, inventory: Inventory) -> None:
        frequency = Counter(
            s for gloss in inventory.glosses for s in set(syllables(match_key(gloss)))
        )
        n = len(inventory.glosses)
        self._weight = {s: float(np.log((1 + n) / (1 + f))) for s, f in frequency.items()}

    def overlap(self, item: Item, gloss: str) -> float:
        """The weighted overlap of one gloss with the sentence around the target."""
        around = f"{item.sentence[: item.start]} {item.sentence[item.end :]}"
        shared = set(syllables(match_key(around))) & set(syllables(match_key(gloss)))
        shared -= set(syllables(match_key(item.lemma)))
        return sum(self._weight.get(s, 0.0) for s in sorted(shared))

    def scores(self, items: Sequence[Item], candidates: Candidates) -> list[Scores]:
        """For each item one overlap per candidate."""
        return [
            np.array([self.overlap(item, entry.gloss or "") for entry in own], dtype=np.float32)
            for item, own in zip(items, candidates, strict=True)
        ]
