"""Signals of items and candidates as padded tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from trainer.data import InventoryEntry, Item
from trainer.ranking.readings import Readings


@dataclass(frozen=True, slots=True)
class CandidateTable:
    """n items by c candidates: states (n, c, 2d), likelihoods (n, c, 2), present (n, c).

    ``gold`` (n,) is the gold column, -1 where the gold sense is no candidate. ``spared`` (n, c)
    marks other candidates that are no negatives in training: those that mean what the gold one
    means, and senses without training items. They compete when senses are ranked and measured.
    """

    states: Tensor
    likelihoods: Tensor
    present: Tensor
    gold: Tensor
    spared: Tensor

    def rows(self, at: Sequence[int] | NDArray[np.int64]) -> CandidateTable:
        """The table of some items."""
        chosen = torch.as_tensor(np.asarray(at))
        return CandidateTable(
            self.states[chosen],
            self.likelihoods[chosen],
            self.present[chosen],
            self.gold[chosen],
            self.spared[chosen],
        )

    def sparing(self, spared: Tensor) -> CandidateTable:
        """The same table with other candidates (n, c) spared."""
        return replace(self, spared=spared)

    @property
    def contested(self) -> Tensor:
        """(n,) booleans: two candidates or more, the gold one among them."""
        return (self.present.sum(dim=1) > 1) & (self.gold >= 0)

    @property
    def teaching(self) -> Tensor:
        """(n,) booleans: a candidate that is not spared competes with the gold one."""
        return ((self.present & ~self.spared).sum(dim=1) > 1) & (self.gold >= 0)


def candidate_table(
    items: Sequence[Item],
    candidates: Sequence[tuple[InventoryEntry, ...]],
    readings: Readings,
) -> CandidateTable:
    """The table of items whose pairs were read in order, item by item; none is spared."""
    n, c = len(items), max((len(own) for own in candidates), default=1) or 1
    states = torch.zeros(n, c, readings.states.shape[1], dtype=torch.float16)
    likelihoods = torch.zeros(n, c, readings.likelihoods.shape[1])
    present = torch.zeros(n, c, dtype=torch.bool)
    gold = torch.full((n,), -1, dtype=torch.long)
    at = 0
    for row, (item, own) in enumerate(zip(items, candidates, strict=True)):
        k = len(own)
        states[row, :k] = torch.from_numpy(readings.states[at : at + k])
        likelihoods[row, :k] = torch.from_numpy(readings.likelihoods[at : at + k])
        present[row, :k] = True
        for column, entry in enumerate(own):
            if entry.synset_id == item.synset_id:
                gold[row] = column
        at += k
    return CandidateTable(states, likelihoods, present, gold, torch.zeros_like(present))
