"""The loss of ViConBERT's public code with its faults, for comparison only."""

from __future__ import annotations

import torch
from torch import Tensor

from trainer.objectives.cosine import cosine
from trainer.objectives.relations import same
from trainer.objectives.structure import structure_loss

REFERENCE_TEMPERATURE = 0.2


def reference_loss(
    contexts: Tensor,
    glosses: Tensor,
    synsets: Tensor,
    temperature: float = REFERENCE_TEMPERATURE,
    structure_weight: float = 1.0,
) -> Tensor:
    """The public code's loss: j = i stands in neither sum, and lone items are attracted wrongly.

    An item without another positive in its batch gets minus its largest similarity to a
    negative: minimising that pulls it towards its hardest negative (a sign error, kept here).
    Equal glosses of other synsets are negatives. ``contexts`` (n, d), ``glosses`` (n, d),
    ``synsets`` (n,).
    """
    n = len(contexts)
    similarity = cosine(contexts, glosses) / temperature
    itself = torch.eye(n, dtype=torch.bool, device=contexts.device)
    positives = same(synsets, synsets) & ~itself
    others = similarity.masked_fill(itself, float("-inf"))
    lone = ~positives.any(dim=1)
    losses = []
    if bool((~lone).any()):
        rows, marks = others[~lone], positives[~lone]
        numerator = rows.masked_fill(~marks, float("-inf")).logsumexp(dim=1)
        losses.append(rows.logsumexp(dim=1) - numerator)
    if bool(lone.any()) and n > 1:
        losses.append(-others[lone].max(dim=1).values)
    contrast = torch.cat(losses).mean() if losses else similarity.sum() * 0.0
    return contrast + structure_weight * structure_loss(contexts, glosses)
