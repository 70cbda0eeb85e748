"""Training items as the loop needs them: tokenised once, with their rows in the gloss table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from schemas.errors import InputError
from trainer.data import Inventory, Item
from trainer.data.dataset import seen_rows
from trainer.objectives import JointBatch, padded_rows
from trainer.settings import TrainSettings
from trainer.text.inputs import InputMaker
from trainer.text.pieces import Tokenized
from trainer.training.batches import GroupedBatches


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """n items: token ids, gloss rows (n,), candidate rows (n, c) padded with -1, lemmas (n,)."""

    tokenized: tuple[Tokenized, ...]
    gloss: Tensor
    candidates: Tensor
    lemmas: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.tokenized)

    def joint(self, rows: Sequence[int], device: torch.device) -> JointBatch:
        """Who the items of those rows are, on a device."""
        at = torch.tensor(rows, dtype=torch.long)
        return JointBatch(self.gloss[at].to(device), self.candidates[at].to(device))


def grouped_batches(training: TrainingSet, settings: TrainSettings) -> GroupedBatches:
    """The batches of every epoch, as the settings say."""
    return GroupedBatches(
        training.gloss.tolist(),
        training.lemmas,
        [len(tokenized.ids) for tokenized in training.tokenized],
        settings.batch_size,
        group=settings.contexts_per_group,
        siblings=settings.group_siblings,
        buckets=settings.length_buckets,
        seed=settings.seed,
    )


def training_set(
    items: Sequence[Item],
    inventory: Inventory,
    inputs: InputMaker,
    seen: frozenset[int] | None = None,
) -> TrainingSet:
    """The set of all items. Raises InputError for one that cannot be trained on, naming it.

    An item's candidates are the senses of its lemma that are ``seen``: by default, that these
    items show (see :func:`trainer.objectives.unseen`).
    """
    key, numbers = inventory.language.match_key, dict[str, int]()
    gloss, rows = [], []
    seen = seen_rows(items, inventory) if seen is None else seen
    for item in items:
        row = inventory.row_of.get(item.synset_id)
        if row is None:
            raise InputError(
                f"{item.item_id}: synset {item.synset_id!r} has no gloss in the inventory: "
                "build the release again"
            )
        gloss.append(row)
        rows.append([r for r in inventory.candidate_rows(item.lemma) if r in seen or r == row])
        if row not in rows[-1]:
            rows[-1].append(row)
    return TrainingSet(
        inputs.tokenize_all([item.marked for item in items]),
        torch.tensor(gloss, dtype=torch.long),
        padded_rows(rows),
        tuple(numbers.setdefault(key(item.lemma), len(numbers)) for item in items),
    )
