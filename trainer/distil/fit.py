"""Trains the attention distillers on triples whose states are kept; killed, it goes on."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from trainer.distil.losses import (
    contrast_of_meanings,
    of_one_context,
    of_one_context_across,
    of_one_sense,
    self_reconstruction,
)
from trainer.distil.triples import NO_ROW, TripleRows
from trainer.meanings.distiller import AttentionDistiller, Distilled
from trainer.progress import progress_of
from trainer.settings import DistilSettings
from trainer.states.standardise import ReadRows
from trainer.storage.checkpoint import (
    TrainingState,
    load_checkpoint,
    random_states,
    save_checkpoint,
)
from trainer.training.reporting import MetricsLog

CHECKPOINT = "checkpoint.safetensors"
_WARM_SHARE = 0.1
Measure = Callable[[AttentionDistiller], float | None]
"""A figure of a distiller, the higher the better; None where there is nothing to measure it on."""


@dataclass(frozen=True)
class AttentionFit:
    """Triples, where their states come from, and how they are learned."""

    training: TripleRows
    validation: TripleRows
    read: ReadRows
    width: int
    settings: DistilSettings
    negatives: bool = True

    def run(self, folder: Path, identity: str, measure: Measure) -> AttentionDistiller:
        """The distillers at their best validation; without validation triples, the last.

        ``folder`` keeps the checkpoint, of which the settings and data are ``identity``, and
        ``metrics.jsonl``.
        """
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.settings.seed)
            return _Training(self, folder, identity, measure).run()

    def loss(self, model: AttentionDistiller, triples: TripleRows, rows: Tensor) -> Tensor:
        """The loss of some triples, each term a mean over those that have its sides."""
        settings = self.settings
        own = triples.rows[rows.numpy()]
        across = torch.from_numpy(triples.crosslingual[rows.numpy()])
        wanted = [0, 1, *([2] if self.negatives else []), *([3] if settings.contrast else [])]
        sides: dict[int, Distilled] = {}
        has = {side: torch.from_numpy(own[:, side] != NO_ROW) for side in wanted}
        for side in wanted:
            if has[side].any():
                states = torch.from_numpy(self.read(own[has[side].numpy(), side]))
                sides[side] = model(states.to(model.device))
        s, t = sides[0], sides[1]
        loss = self_reconstruction([s, t, *([sides[2]] if 2 in sides else [])]) + of_one_sense(s, t)
        if 2 in sides:
            loss = loss + _of_negatives(s, t, sides[2], has[2], across)
        if settings.contrast:
            siblings = sides[3].m if 3 in sides else s.m[:0]
            senses = torch.from_numpy(triples.senses[rows.numpy()]).to(model.device)
            nce = contrast_of_meanings(s.m, t.m, siblings, senses, settings.temperature)
            loss = loss + settings.contrast * nce
        return loss


def _of_negatives(s: Distilled, t: Distilled, n: Distilled, has: Tensor, across: Tensor) -> Tensor:
    """Of the triples that have one (``has``), whichever side it is a negative of."""
    loss = s.y.new_zeros(())
    for of_positive in (False, True):
        here = torch.nonzero(has & (across == of_positive)).flatten()
        if not len(here):
            continue
        own = n.of(torch.nonzero(across[has] == of_positive).flatten())
        sides = (s.of(here), t.of(here), own) if of_positive else (s.of(here), own)
        term = of_one_context_across(*sides) if of_positive else of_one_context(*sides)
        loss = loss + len(here) / int(has.sum()) * term
    return loss


class _Training:
    def __init__(self, fit: AttentionFit, folder: Path, identity: str, measure: Measure) -> None:
        settings = fit.settings
        self.fit, self.measure = fit, measure
        self.path = folder / CHECKPOINT
        self.model = AttentionDistiller(
            fit.width, settings.heads, settings.feed_forward, settings.dropout
        )
        if torch.cuda.is_available():
            self.model.to("cuda")
        self.best = copy.deepcopy(self.model)
        self.optimiser = torch.optim.AdamW(
            self.model.parameters(),
            lr=settings.learning_rate,
            weight_decay=settings.weight_decay,
            eps=settings.adam_epsilon,
        )
        self.state = load_checkpoint(
            self.path, self._modules, self.optimiser, identity
        ) or TrainingState(settings=identity)
        self.log = MetricsLog(folder / "metrics.jsonl", self.state.step)
        n = len(fit.training)
        self.per_epoch = -(-n // settings.batch_size)
        self.all_steps = self.per_epoch * settings.epochs
        self.every = max(1, round(settings.validate_every * self.per_epoch))
        self.warm = min(settings.warm_up_steps, int(_WARM_SHARE * self.all_steps))

    @property
    def _modules(self) -> dict[str, nn.Module]:
        return {"distiller": self.model, "best": self.best}

    def run(self) -> AttentionDistiller:
        state, patience = self.state, self.fit.settings.patience
        with progress_of("training the distillers", self.all_steps) as advance:
            advance(state.step)
            while state.step < self.all_steps and not state.finished:
                self._step()
                advance(1)
                if state.step % self.every == 0 or state.step == self.all_steps:
                    self._validate()
                    state.finished = state.epochs_without_gain >= patience
                    save_checkpoint(
                        self.path,
                        self._modules,
                        self.optimiser,
                        state,
                        {kind: [own] for kind, own in random_states().items()},
                    )
        self.log.close()
        found = self.best if len(self.fit.validation) else self.model
        found.train(False)
        return found

    def _step(self) -> None:
        state, settings = self.state, self.fit.settings
        epoch, at = divmod(state.step, self.per_epoch)
        order = torch.randperm(
            len(self.fit.training), generator=torch.Generator().manual_seed(settings.seed + epoch)
        )
        rows = order[at * settings.batch_size : (at + 1) * settings.batch_size]
        factor = min(1.0, (state.step + 1) / (self.warm + 1))
        for group in self.optimiser.param_groups:
            group["lr"] = settings.learning_rate * factor
        self.model.train()
        loss = self.fit.loss(self.model, self.fit.training, rows)
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()
        state.step += 1
        state.epoch = state.step // self.per_epoch
        state.loss_sum += float(loss.detach())
        state.n_seen += 1

    @torch.no_grad()
    def _validate(self) -> None:
        """Keeps the best weights; the loss and the figure are both told, one of them decides."""
        state, settings = self.state, self.fit.settings
        self.log.write("train", state.step, loss=state.loss_sum / max(1, state.n_seen))
        state.loss_sum, state.n_seen = 0.0, 0
        n = len(self.fit.validation)
        if not n:
            return
        self.model.train(False)
        batches = torch.arange(n).split(settings.batch_size)
        losses = [
            float(self.fit.loss(self.model, self.fit.validation, rows)) * len(rows)
            for rows in batches
        ]
        loss, figure = sum(losses) / n, self.measure(self.model)
        told = {} if figure is None else {"word_in_context_auc": figure}
        self.log.write("validation", state.step, loss=loss, **told)
        by_figure = settings.validation_metric == "word_in_context" and figure is not None
        value = figure if by_figure and figure is not None else -loss
        if state.best is None or value > state.best + settings.min_delta:
            state.best, state.best_epoch, state.epochs_without_gain = value, state.epoch, 0
            self.best.load_state_dict(self.model.state_dict())
        else:
            state.epochs_without_gain += 1
