"""Training items as the loop needs them: placed once, with their rows in the gloss table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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


def taught_rows(items: Iterable[Item], inventory: Inventory) -> frozenset[int]:
    """The gloss rows of the senses that the items show."""
    synsets = {item.synset_id for item in items}
    return frozenset(inventory.row_of[s] for s in synsets if s in inventory.row_of)


def untaught(rows: Tensor, taught: frozenset[int]) -> Tensor:
    """Booleans like ``rows`` (gloss rows, -1 for none): a sense without training items.

    Such a sense is no negative of any item: it could only be learned as "never meant", and would
    then not be found where it is.
    """
    return (rows >= 0) & ~torch.isin(rows, torch.tensor(sorted(taught), dtype=torch.long))


def padded_rows(rows: Sequence[Sequence[int]]) -> Tensor:
    """(n, c) gloss rows, -1 where an item has fewer."""
    padded = torch.full((len(rows), max(map(len, rows), default=1)), -1, dtype=torch.long)
    for at, own in enumerate(rows):
        padded[at, : len(own)] = torch.tensor(own, dtype=torch.long)
    return padded


def training_set(
    items: Sequence[Item],
    inventory: Inventory,
    inputs: InputMaker,
    taught: frozenset[int] | None = None,
) -> TrainingSet:
    """The set of all items. Raises InputError for one that cannot be trained on, naming it.

    An item's candidates are the senses of its lemma that are ``taught``: by default, that these
    items show (see :func:`untaught`).
    """
    numbers: dict[str, int] = {}
    gloss, rows = [], []
    taught = taught_rows(items, inventory) if taught is None else taught
    for item in items:
        row = inventory.row_of.get(item.synset_id)
        if row is None:
            raise InputError(
                f"{item.item_id}: synset {item.synset_id!r} has no gloss in the inventory: "
                "build the release again"
            )
        gloss.append(row)
        rows.append([r for r in inventory.candidate_rows(item.lemma) if r in taught or r == row])
        if row not in rows[-1]:
            rows[-1].append(row)
    return TrainingSet(
        inputs.place_all([item.marked for item in items]),
        torch.tensor(gloss, dtype=torch.long),
        padded_rows(rows),
        tuple(numbers.setdefault(match_key(item.lemma), len(numbers)) for item in items),
    )
