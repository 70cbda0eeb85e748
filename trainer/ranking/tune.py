"""Trains low-rank changes of the backbone for the joint reading of glosses and sentences."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.utils import clip_grad_norm_
from torch.optim import AdamW

from schemas.errors import RunError, UsageError
from schemas.ids import content_digest
from trainer.data import Item
from trainer.model import ViConBERT
from trainer.model.adapters import Adapters, adapted
from trainer.model.cross_encoder import CrossEncoderHead
from trainer.model.encoding import evaluating
from trainer.objectives import candidate_cross_entropy
from trainer.progress import progress_of
from trainer.ranking.candidates import CandidateTable
from trainer.ranking.pairs import (
    batches_of,
    pair_features,
    pairs_of,
    reading_digest,
    tokenized_pairs,
)
from trainer.ranking.prediction import Candidates
from trainer.ranking.ranker import Ranker
from trainer.settings import RankerSettings, TrainSettings
from trainer.storage.checkpoint import (
    TrainingState,
    load_checkpoint,
    random_states,
    save_checkpoint,
)
from trainer.text.inputs import InputMaker, TokenizedPair

TUNING = "tuning the reading"
"""The task's title; it counts contexts."""
_TOGETHER = 8
"""Contexts of a lemma that are read together in a step, and share the reading of its glosses."""
_PAIRS = 64
"""Of a batch that are in memory together, with all that their gradients need."""
_CHECKPOINT_STEPS = 10
_MOST_GRADIENT = 1.0


def check_tunable(model: ViConBERT, settings: RankerSettings) -> None:
    """Raises UsageError where the model has nothing to be tuned."""
    if settings.tune is None:
        return
    if model.cross_encoder is None:
        raise UsageError(
            f"tune {settings.tune!r} is for the cross-encoder, which this backbone has not: set "
            "cross_encoder = true in [train.ranker], or leave tune out"
        )
    Adapters(model.backbone, 1, 1.0)


def tuned_adapters(
    ranker: Ranker,
    head: CrossEncoderHead,
    items: Sequence[Item],
    table: CandidateTable,
    settings: TrainSettings,
    folder: Path,
) -> Adapters:
    """Adapters trained together with the head, which is changed; ``table`` is that of the items.

    The loss is that of the head by itself: cross entropy over candidates. Nothing else of the model
    learns from here on. Killed and started again it goes on at its last checkpoint in ``folder``,
    with the same bits (CPU).
    """
    own, model = settings.ranker.lora, ranker.model
    torch.manual_seed(settings.seed)
    adapters = Adapters(model.backbone, own.rank, own.alpha, own.dropout)
    learning = nn.ModuleDict({"adapters": adapters, "head": head}).to(model.device)
    averaged = copy.deepcopy(learning)
    optimiser = AdamW(learning.parameters(), lr=own.learning_rate, weight_decay=0.0)
    candidates = [ranker.inventory.candidates(item.lemma) for item in items]
    lemmas = [among[0].lemma if among else "" for among in candidates]
    rows = torch.nonzero(table.trainable)[:, 0].tolist()
    seeds = range(settings.seed, settings.seed + own.epochs)
    steps = [
        batch for seed in seeds for batch in tuning_batches(rows, lemmas, own.batch_size, seed)
    ]
    pairs = pairs_of(items, candidates)
    read = reading_digest(model, ranker.inputs, pairs)
    digest = content_digest(read, settings.model_dump_json(), str(steps))
    path = folder / "tuning.safetensors"
    modules: dict[str, nn.Module] = {"learning": learning, "averaged": averaged}
    state = load_checkpoint(path, modules, optimiser, digest) or TrainingState(settings=digest)
    model.requires_grad_(False)
    learning.requires_grad_(True)
    with (
        progress_of(TUNING, own.epochs * len(rows)) as advance,
        evaluating(model),
        adapted(model.backbone, adapters),
    ):
        learning.train(True)
        advance(sum(map(len, steps[: state.step])))
        for batch in steps[state.step :]:
            optimiser.param_groups[0]["lr"] = own.learning_rate * rate_at(state.step, len(steps))
            optimiser.zero_grad(set_to_none=True)
            loss = 0.0
            for part in _parts(batch, candidates):
                asked = pairs_of([items[i] for i in part], [candidates[i] for i in part])
                tokenized = tokenized_pairs(ranker.inputs, asked)
                own_loss = reading_loss(model, ranker.inputs, head, tokenized, table.rows(part))
                own_loss = own_loss * (len(part) / len(batch))
                own_loss.backward()
                loss += float(own_loss.detach())
            if not math.isfinite(loss):
                raise RunError(
                    f"the loss of tuning became {loss}: lower learning_rate in "
                    f"[train.ranker.lora] and delete {path}"
                )
            clip_grad_norm_(learning.parameters(), _MOST_GRADIENT)
            optimiser.step()
            state.step += 1
            follow(averaged, learning, min(own.average, state.step / (state.step + 10)))
            if state.step % _CHECKPOINT_STEPS == 0:
                random = {kind: [value] for kind, value in random_states().items()}
                save_checkpoint(path, modules, optimiser, state, random)
            advance(len(batch))
    learning.load_state_dict(averaged.state_dict())
    learning.train(False)
    return adapters


def rate_at(step: int, n_steps: int) -> float:
    """The share of the learning rate: up over a tenth of the steps, then down to 0."""
    warm = max(1, n_steps // 10)
    return min((step + 1) / warm, (n_steps - step) / max(1, n_steps - warm + 1), 1.0)


def follow(averaged: nn.Module, learning: nn.Module, keep: float) -> None:
    """Moves averaged parameters towards the learning ones: ``keep`` of them stays."""
    with torch.no_grad():
        for mean, own in zip(averaged.parameters(), learning.parameters(), strict=True):
            mean.lerp_(own, 1.0 - keep)


def reading_loss(
    model: ViConBERT,
    inputs: InputMaker,
    head: CrossEncoderHead,
    pairs: Sequence[TokenizedPair],
    table: CandidateTable,
) -> Tensor:
    """The mean cross entropy of items over their candidates, whose ``pairs`` are read now.

    The table says who competes; its features are not used.
    """
    order: list[int] = []
    parts = []
    for numbers, rows in batches_of(model, inputs, pairs):
        order += numbers
        parts.append(pair_features(model, rows.to(model.device), len(numbers)))
    back = torch.tensor(order).argsort().to(model.device)
    present = table.present.to(model.device)
    places = torch.nonzero(present, as_tuple=True)
    states, likelihoods = (
        own.new_zeros(*present.shape, own.shape[1]).index_put(places, own[back])
        for own in map(torch.cat, zip(*parts, strict=True))
    )
    scores = head(states, likelihoods, present)
    allowed = present & ~table.ignored.to(model.device)
    return candidate_cross_entropy(scores, table.gold.to(model.device), allowed)


def tuning_batches(
    rows: Sequence[int], lemmas: Sequence[str], size: int, seed: int
) -> list[list[int]]:
    """All items once, in an order of the seed's; those of a lemma stand together, up to eight."""
    generator = torch.Generator().manual_seed(seed)
    by_lemma: dict[str, list[int]] = {}
    for at in torch.randperm(len(rows), generator=generator).tolist():
        by_lemma.setdefault(lemmas[rows[at]], []).append(rows[at])
    together = by_lemma.values()
    groups = [own[at : at + _TOGETHER] for own in together for at in range(0, len(own), _TOGETHER)]
    order = torch.randperm(len(groups), generator=generator).tolist()
    flat = [row for number in order for row in groups[number]]
    return [flat[at : at + size] for at in range(0, len(flat), size)]


def _parts(batch: Sequence[int], candidates: Candidates) -> list[list[int]]:
    """A batch's items in parts of at most so many pairs, but of one item at least."""
    parts: list[list[int]] = [[]]
    n_pairs = 0
    for row in batch:
        n_pairs += len(candidates[row])
        if n_pairs > _PAIRS and parts[-1]:
            parts.append([])
            n_pairs = len(candidates[row])
        parts[-1].append(row)
    return parts
