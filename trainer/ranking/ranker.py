"""The trained model's final ranking of candidate senses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray

from trainer.data import Inventory, Item
from trainer.model import ViConBERT
from trainer.model.adapters import Adapters
from trainer.model.encoding import sense_vectors
from trainer.progress import progress_of
from trainer.ranking.candidates import candidate_table
from trainer.ranking.fit_cross_encoder import cross_encoder_scores
from trainer.ranking.fusion import N_SIGNALS, UNTAUGHT, Fusion
from trainer.ranking.lexical import OverlapScorer, UsageModel
from trainer.ranking.pairs import READING, encode_pairs, pairs_of
from trainer.ranking.prediction import Candidates, CosineScorer, Scores, unit_rows
from trainer.ranking.sense_meanings import SenseMeanings
from trainer.text.inputs import InputMaker

_ITEMS_READ_TOGETHER = 2000

Signals = NDArray[np.float32]


@dataclass(frozen=True)
class Ranker:
    """Scores candidates by cross-encoder, cosine, overlap, usage and meaning; a ``Scorer``."""

    model: ViConBERT
    inputs: InputMaker
    inventory: Inventory
    gloss_vectors: NDArray[np.float32]
    fusion: Fusion
    usage: UsageModel
    adapters: Adapters | None = None
    """Of the backbone while it reads glosses with sentences."""
    batch_size: int = 128
    meanings: SenseMeanings | None = None

    @cached_property
    def _overlap(self) -> OverlapScorer:
        return OverlapScorer(self.inventory)

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
        pair_scores: Sequence[Scores] | None = None,
    ) -> list[Signals]:
        """For each item the (c, 6) signals of its candidates, the last one their kind.

        ``vectors`` (n, width) and the cross-encoder's ``pair_scores`` (c,) per item are computed
        where they are not known already.
        """
        unit = unit_rows(self.vectors(items) if vectors is None else vectors)
        if pair_scores is None:
            pair_scores = self._pair_scores(items, candidates)
        overlap, usage, found = self._overlap, self.usage, []
        meanings = self._meaning_scores(items, candidates)
        for at, (item, own) in enumerate(zip(items, candidates, strict=True)):
            rows = [self.inventory.row_of[entry.synset_id] for entry in own]
            table = np.zeros((len(own), N_SIGNALS), dtype=np.float32)
            if own:
                table[:, 0] = pair_scores[at]
                table[:, 1] = unit_rows(np.asarray(self.gloss_vectors[rows])) @ unit[at]
                table[:, 2] = [overlap.overlap(item, entry.gloss or "") for entry in own]
                table[:, 3] = [usage.score(item, e.synset_id, e.gloss or "") for e in own]
                table[:, 4] = meanings[at]
                table[:, UNTAUGHT] = [e.synset_id not in usage.sentences for e in own]
            found.append(table)
        return found

    def _meaning_scores(self, items: Sequence[Item], candidates: Candidates) -> list[Scores]:
        """For each item its candidates' distilled meanings; 0 where they have no weight."""
        if self.meanings is None or self.fusion.distilled == 0.0:
            return [np.zeros(len(own), dtype=np.float32) for own in candidates]
        return self.meanings.scores(items, candidates)

    def _pair_scores(self, items: Sequence[Item], candidates: Candidates) -> list[Scores]:
        """For each item its candidates' cross-encoder scores; 0 where nothing competes."""
        found = [np.zeros(len(own), dtype=np.float32) for own in candidates]
        at = [i for i, own in enumerate(candidates) if len(own) > 1]
        at.sort(key=lambda i: candidates[i][0].lemma)  # who has the same glosses is read together
        if self.model.cross_encoder is None or self.fusion.cross_encoder == 0.0 or not at:
            return found
        head = self.model.cross_encoder.to("cpu")
        with progress_of(READING, sum(len(candidates[i]) for i in at)) as advance:
            for start in range(0, len(at), _ITEMS_READ_TOGETHER):
                part = at[start : start + _ITEMS_READ_TOGETHER]
                own_items, own = [items[i] for i in part], [candidates[i] for i in part]
                pairs = pairs_of(own_items, own)
                features = encode_pairs(self.model, self.inputs, pairs, advance, self.adapters)
                with torch.inference_mode():
                    table = candidate_table(own_items, own, features)
                    scores = cross_encoder_scores(head, table).numpy()
                for row, i in enumerate(part):
                    found[i] = scores[row, : len(candidates[i])]
        self.model.cross_encoder.to(self.model.device)
        return found

    def scores(
        self,
        items: Sequence[Item],
        candidates: Candidates,
        vectors: NDArray[np.float32] | None = None,
    ) -> list[Scores]:
        """For each item the combined score of each candidate."""
        return [self.fusion.combine(table) for table in self.signals(items, candidates, vectors)]

    def with_meanings(self, meanings: SenseMeanings) -> Ranker:
        """The same ranker with distilled meanings, whose weight is that of a prior."""
        return replace(self, meanings=meanings, fusion=replace(self.fusion, distilled=1.0))

    def by_cosine(self, item_vectors: Mapping[str, NDArray[np.float32]]) -> CosineScorer:
        """The cosine alone, by the items' vectors; senses of both kinds on one scale."""
        taught, bias = self.usage.sentences, self.fusion.cosine_untaught
        return CosineScorer(self.inventory, item_vectors, self.gloss_vectors, taught, bias)

    def weighing(self, fusion: Fusion) -> Ranker:
        """The same ranker with other weights."""
        return replace(self, fusion=fusion)
