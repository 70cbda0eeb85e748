"""Items and their candidates as one padded table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from trainer.data import InventoryEntry, Item
from trainer.ranking.pairs import PairFeatures


@dataclass(frozen=True, slots=True)
class CandidateTable:
    """n items by c candidates: states (n, c, 2d), likelihoods (n, c, 2), present (n, c).

    ``gold`` (n,) is the gold column, -1 where the gold sense is no candidate. ``ignored`` (n, c)
    marks other candidates that are no negatives in training: those that mean what the gold one
    means, and senses without training items. They compete when senses are ranked and measured.
    """

    states: Tensor
    likelihoods: Tensor
    present: Tensor
    gold: Tensor
    ignored: Tensor

    def rows(self, at: Sequence[int] | NDArray[np.int64]) -> CandidateTable:
        """The table of some items."""
        chosen = torch.as_tensor(np.asarray(at))
        return CandidateTable(
            self.states[chosen],
            self.likelihoods[chosen],
            self.present[chosen],
            self.gold[chosen],
            self.ignored[chosen],
        )

    def ignoring(self, ignored: Tensor) -> CandidateTable:
        """The same table with other candidates (n, c) ignored."""
        return replace(self, ignored=ignored)

    @property
    def ambiguous(self) -> Tensor:
        """(n,) booleans: two candidates or more, the gold one among them."""
        return (self.present.sum(dim=1) > 1) & (self.gold >= 0)

    @property
    def trainable(self) -> Tensor:
        """(n,) booleans: a candidate that is not ignored competes with the gold one."""
        return ((self.present & ~self.ignored).sum(dim=1) > 1) & (self.gold >= 0)


def gold_column(item: Item, candidates: Sequence[InventoryEntry]) -> int:
    """The column of the gold sense, -1 where it is no candidate."""
    for column, entry in enumerate(candidates):
        if entry.synset_id == item.synset_id:
            return column
    return -1


def candidate_table(
    items: Sequence[Item],
    candidates: Sequence[tuple[InventoryEntry, ...]],
    features: PairFeatures,
) -> CandidateTable:
    """The table of items whose pairs were read in order, item by item; none is ignored."""
    n, c = len(items), max((len(own) for own in candidates), default=1) or 1
    states = torch.zeros(n, c, features.states.shape[1], dtype=torch.float16)
    likelihoods = torch.zeros(n, c, features.likelihoods.shape[1])
    present = torch.zeros(n, c, dtype=torch.bool)
    gold = torch.full((n,), -1, dtype=torch.long)
    at = 0
    for row, (item, own) in enumerate(zip(items, candidates, strict=True)):
        k = len(own)
        states[row, :k] = torch.from_numpy(features.states[at : at + k])
        likelihoods[row, :k] = torch.from_numpy(features.likelihoods[at : at + k])
        present[row, :k] = True
        gold[row] = gold_column(item, own)
        at += k
    return CandidateTable(states, likelihoods, present, gold, torch.zeros_like(present))
