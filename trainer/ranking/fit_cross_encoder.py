"""Trains the cross-encoder's head on tables of frozen features."""

from __future__ import annotations

import copy

import torch
from torch.optim import AdamW
from torch.optim.lr_scheduler import OneCycleLR

from trainer.model.cross_encoder import CrossEncoderHead, centred
from trainer.objectives import candidate_cross_entropy
from trainer.ranking.candidates import CandidateTable
from trainer.settings import RankerSettings


def fit_cross_encoder(
    head: CrossEncoderHead,
    training: CandidateTable,
    validation: CandidateTable | None,
    settings: RankerSettings,
    seed: int,
) -> float | None:
    """Cross entropy over each item's candidates; keeps the epoch with the best validation.

    Ignored candidates are no negatives: they stand in no denominator, and an item with no other
    competitor teaches nothing. Returns the validation accuracy, over all candidates of
    the ambiguous items; None without such items.
    """
    rows = torch.nonzero(training.trainable)[:, 0]
    if not len(rows):
        return None
    head.deviation.copy_(_deviation(training, rows))
    generator = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    optimiser = AdamW(
        head.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay
    )
    n_steps = settings.epochs * -(-len(rows) // settings.batch_size)
    schedule = OneCycleLR(
        optimiser, settings.learning_rate, total_steps=max(2, n_steps), pct_start=0.1
    )
    best, best_state = None, None
    for _ in range(settings.epochs):
        head.train()
        order = rows[torch.randperm(len(rows), generator=generator)]
        for at in range(0, len(order), settings.batch_size):
            batch = training.rows(order[at : at + settings.batch_size].numpy())
            scores = head(batch.states.float(), batch.likelihoods, batch.present)
            loss = candidate_cross_entropy(scores, batch.gold, batch.present & ~batch.ignored)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
        head.eval()
        if validation is not None and bool(validation.ambiguous.any()):
            value = cross_encoder_accuracy(head, validation)
            if best is None or value > best:
                best, best_state = value, copy.deepcopy(head.state_dict())
    if best_state is not None:
        head.load_state_dict(best_state)
    return best


@torch.inference_mode()
def cross_encoder_scores(
    head: CrossEncoderHead, table: CandidateTable, block: int = 512
) -> torch.Tensor:
    """(n, c) scores, -inf where no candidate is."""
    parts = [
        head(
            table.states[at : at + block].float(),
            table.likelihoods[at : at + block],
            table.present[at : at + block],
        )
        for at in range(0, len(table.gold), block)
    ]
    return torch.cat(parts) if parts else torch.zeros(0, table.present.shape[1])


def cross_encoder_accuracy(head: CrossEncoderHead, table: CandidateTable) -> float:
    """The share of ambiguous items whose gold candidate scores highest."""
    kept = table.rows(torch.nonzero(table.ambiguous)[:, 0].numpy())
    return float((cross_encoder_scores(head, kept).argmax(dim=1) == kept.gold).double().mean())


def _deviation(table: CandidateTable, rows: torch.Tensor, block: int = 512) -> torch.Tensor:
    total = torch.zeros(table.states.shape[2], dtype=torch.double)
    n = 0
    for at in range(0, len(rows), block):
        part = table.rows(rows[at : at + block].numpy())
        total += centred(part.states.float(), part.present).double().pow(2).sum(dim=(0, 1))
        n += int(part.present.sum())
    return (total / max(1, n)).sqrt().clamp(min=1e-4).float()
