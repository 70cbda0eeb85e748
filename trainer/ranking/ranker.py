"""The trained model's final ranking of candidate senses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from numpy.typing import NDArray

from trainer.data import Inventory, InventoryEntry, Item
from trainer.encoding import sense_vectors
from trainer.evaluation.scorers import OverlapScorer, unit_rows
from trainer.model import ViConBERT
from trainer.ranking.fit_reading import reading_scores
from trainer.ranking.fusion import N_SIGNALS, Fusion
from trainer.ranking.readings import READING, asks_of, read_pairs
from trainer.ranking.tables import candidate_table
from trainer.ranking.usage import UsageModel
from trainer.text.inputs import InputMaker
from trainer.work import work

_ITEMS_READ_TOGETHER = 2000

Signals = NDArray[np.float32]
Candidates = Sequence[tuple[InventoryEntry, ...]]


@dataclass(frozen=True, slots=True)
class Ranker:
    """Scores candidates by reading, cosine, overlap and usage; implements the Scorer protocol."""

    model: ViConBERT
    inputs: InputMaker
    inventory: Inventory
    gloss_vectors: NDArray[np.float32]
    fusion: Fusion
    usage: UsageModel = field(default_factory=lambda: UsageModel({}))
    batch_size: int = 128

    def vectors(self, items: Sequence[Item]) -> NDArray[np.float32]:
        """(n, gloss_width) sense vectors of the items."""
        return sense_vectors(
            self.model, self.inputs, [item.marked for item in items], self.batch_size
        )

    def signals(
        self,
        items: Sequence[Item],
        candidates: Candidates,
        vectors: NDArray[np.float32] | None = None,
        reading: Sequence[Signals] | None = None,
    ) -> list[Signals]:
        """For each item the (c, 4) signals of its candidates.

        ``vectors`` (n, width) and ``reading`` scores (c,) per item are computed where they are
        not known already.
        """
        unit = unit_rows(self.vectors(items) if vectors is None else vectors)
        overlap = OverlapScorer(self.inventory)
        if reading is None:
            reading = self._readings(items, candidates)
        found = []
        for at, (item, own) in enumerate(zip(items, candidates, strict=True)):
            rows = [self.inventory.row_of[entry.synset_id] for entry in own]
            table = np.zeros((len(own), N_SIGNALS), dtype=np.float32)
            if own:
                table[:, 0] = reading[at]
                table[:, 1] = unit_rows(np.asarray(self.gloss_vectors[rows])) @ unit[at]
                table[:, 2] = [overlap.overlap(item, entry.gloss or "") for entry in own]
                table[:, 3] = [
                    self.usage.score(item, entry.synset_id, entry.gloss or "") for entry in own
                ]
            found.append(table)
        return found

    def _readings(self, items: Sequence[Item], candidates: Candidates) -> list[Signals]:
        """For each item its candidates' reading scores; 0 where nothing competes."""
        found = [np.zeros(len(own), dtype=np.float32) for own in candidates]
        if self.model.reading is None or self.fusion.reading == 0.0:
            return found
        at = [i for i, own in enumerate(candidates) if len(own) > 1]
        if not at:
            return found
        head = self.model.reading.to("cpu")
        with work(READING, sum(len(candidates[i]) for i in at)) as done:
            for start in range(0, len(at), _ITEMS_READ_TOGETHER):
                part = at[start : start + _ITEMS_READ_TOGETHER]
                own_items, own = [items[i] for i in part], [candidates[i] for i in part]
                readings = read_pairs(self.model, self.inputs, asks_of(own_items, own), done)
                with torch.inference_mode():
                    scores = reading_scores(head, candidate_table(own_items, own, readings)).numpy()
                for row, i in enumerate(part):
                    found[i] = scores[row, : len(candidates[i])]
        self.model.reading.to(self.model.device)
        return found

    def scores(
        self,
        items: Sequence[Item],
        candidates: Candidates,
        vectors: NDArray[np.float32] | None = None,
    ) -> list[Signals]:
        """For each item the combined score of each candidate."""
        return [self.fusion.combine(table) for table in self.signals(items, candidates, vectors)]

    def weighing(self, fusion: Fusion) -> Ranker:
        """The same ranker with other weights."""
        return replace(self, fusion=fusion)


def gold_column(item: Item, candidates: tuple[InventoryEntry, ...]) -> int:
    """The column of the gold sense, -1 where it is no candidate."""
    for column, entry in enumerate(candidates):
        if entry.synset_id == item.synset_id:
            return column
    return -1
