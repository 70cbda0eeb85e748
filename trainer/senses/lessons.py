"""How a student learns: seeded batches of similar length, steps, checkpoints, time left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from time import process_time
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.optim import AdamW

from trainer.progress import progress_of
from trainer.senses.reservoir import seed_of
from trainer.senses.settings import LearningSettings
from trainer.senses.vectors import cpu_time
from trainer.storage.checkpoint import TrainingState, load_checkpoint, save_checkpoint
from trainer.training.optimiser import Schedule
from trainer.training.reporting import Notify

_BUCKET = 50
_TRIAL = 5
LEARNING = "the student learns"
"""The task's title; it counts steps."""


class Lesson(Protocol):
    """What is to be learned: n places, and the loss of some of them."""

    @property
    def modules(self) -> Mapping[str, nn.Module]:
        """What learns, by name; parameters that ask for no gradient stay."""

    @property
    def sizes(self) -> NDArray[np.int64]:
        """(n,) about how long each place's sentence is."""

    def loss(self, places: Sequence[int]) -> Tensor | None:
        """The mean loss of those places; None where they teach nothing."""


@dataclass
class Teaching:
    """A lesson learned step by step; the checkpoint at ``path`` is of ``identity`` alone."""

    lesson: Lesson
    settings: LearningSettings
    identity: str
    path: Path

    def run(self, notify: Notify) -> None:
        """Killed and started again it goes on at its checkpoint and ends with equal bytes."""
        settings, modules = self.settings, dict(self.lesson.modules)
        per_epoch = -(-len(self.lesson.sizes) // settings.batch_size)
        n_steps = per_epoch * settings.epochs
        learned = [p for own in modules.values() for p in own.parameters() if p.requires_grad]
        optimiser = AdamW(learned, settings.learning_rate, weight_decay=settings.weight_decay)
        schedule = Schedule(optimiser, lambda step: _factor(step, n_steps, settings.warm_up))
        state = load_checkpoint(self.path, modules, optimiser, self.identity)
        step = 0 if state is None else state.step
        began, first = process_time(), step
        for own in modules.values():
            own.train(True)
        with progress_of(LEARNING, n_steps) as advance:
            advance(step)
            for epoch in range(step // per_epoch, settings.epochs):
                total = 0.0
                batches = list(self._batches(epoch))
                for places in islice(batches, step - epoch * per_epoch, None):
                    schedule.go_to(step)
                    total += self._step(optimiser, learned, places, step)
                    step += 1
                    advance(1)
                    if step % settings.checkpoint_steps == 0 and step < n_steps:
                        done = TrainingState(step=step, settings=self.identity)
                        random = {"cpu": [torch.get_rng_state()]}
                        save_checkpoint(self.path, modules, optimiser, done, random)
                    if step - first == _TRIAL and n_steps > 100:
                        seconds = (process_time() - began) / _TRIAL * (n_steps - step)
                        notify(f"the student learns {n_steps:,} steps: {cpu_time(seconds)}")
                notify(f"epoch {epoch + 1}: mean loss {total / max(1, len(batches)):.4f}")
        for own in modules.values():
            own.train(False)

    def _step(
        self, optimiser: AdamW, learned: list[nn.Parameter], places: Sequence[int], step: int
    ) -> float:
        # What is dropped out depends on the step alone, so that a resumed training is the same.
        torch.manual_seed(seed_of("step", str(self.settings.seed), str(step)) >> 1)
        loss = self.lesson.loss(places)
        if loss is None:
            return 0.0
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learned, 1.0)
        optimiser.step()
        return float(loss.detach())

    def _batches(self, epoch: int) -> Iterator[list[int]]:
        """Sentences of similar length together, in an order of the epoch's own."""
        rng = np.random.default_rng([self.settings.seed, epoch])
        sizes, n = self.lesson.sizes, self.settings.batch_size
        order = rng.permutation(len(sizes))
        buckets = [order[at : at + n * _BUCKET] for at in range(0, len(order), n * _BUCKET)]
        batches = []
        for bucket in buckets:
            ordered = bucket[np.argsort(sizes[bucket], kind="stable")]
            batches += [ordered[at : at + n] for at in range(0, len(ordered), n)]
        for at in rng.permutation(len(batches)):
            yield batches[at].tolist()


def _factor(step: int, n_steps: int, warm_up: float) -> float:
    """Of the learning rate: a linear rise from 0, then a linear fall to 0."""
    warm = round(warm_up * n_steps)
    if step < warm:
        return (step + 1) / (warm + 1)
    return max(0.0, 1.0 - (step - warm) / max(1, n_steps - warm))
