"""Training items as the loop needs them: placed once, with their rows in the gloss table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from schemas.errors import InputError
from schemas.text import match_key
from trainer.data import Inventory, Item
from trainer.objectives import JointBatch
from trainer.text.inputs import InputMaker
from trainer.text.pieces import Placed


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """n items: placed ids, gloss rows (n,), candidate rows (n, c) padded with -1, lemmas (n,)."""

    placed: tuple[Placed, ...]
    gloss: Tensor
    candidates: Tensor
    lemmas: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.placed)

    def joint(self, rows: Sequence[int], device: torch.device) -> JointBatch:
        """Who the items of those rows are, on a device."""
        at = torch.tensor(rows, dtype=torch.long)
        return JointBatch(self.gloss[at].to(device), self.candidates[at].to(device))


def training_set(items: Sequence[Item], inventory: Inventory, inputs: InputMaker) -> TrainingSet:
    """The set of all items. Raises InputError for one that cannot be trained on, naming it."""
    numbers: dict[str, int] = {}
    gloss, rows = [], []
    for item in items:
        row = inventory.row_of.get(item.synset_id)
        if row is None:
            raise InputError(
                f"{item.item_id}: synset {item.synset_id!r} has no gloss in the inventory: "
                "build the release again"
            )
        gloss.append(row)
        own = inventory.candidate_rows(item.lemma)
        rows.append(own if row in own else (*own, row))
    width = max((len(own) for own in rows), default=1)
    candidates = torch.full((len(items), width), -1, dtype=torch.long)
    for at, own in enumerate(rows):
        candidates[at, : len(own)] = torch.tensor(own)
    return TrainingSet(
        tuple(inputs.place(item.marked) for item in items),
        torch.tensor(gloss, dtype=torch.long),
        candidates,
        tuple(numbers.setdefault(match_key(item.lemma), len(numbers)) for item in items),
    )
