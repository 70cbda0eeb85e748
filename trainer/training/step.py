"""One optimiser step on a window of batches, in one process or several."""

from __future__ import annotations

import math
from contextlib import AbstractContextManager, nullcontext
from itertools import pairwise

import torch
from torch import nn
from torch.nn.utils import clip_grad_norm_

from schemas.errors import RunError, UsageError
from trainer.model.encoding import AddStates
from trainer.objectives import Objective
from trainer.settings import TrainSettings
from trainer.text.inputs import EncoderInput
from trainer.training.batches import chunk_cuts, length_cuts
from trainer.training.components import Components
from trainer.training.dataset import TrainingSet
from trainer.training.distributed import ProcessGroup
from trainer.training.gradients import backward
from trainer.training.optimiser import Schedule, make_optimiser, rate_factor


class Stepper:
    """What learns, and all that a step changes: weights, optimiser, schedule, gradient scale.

    ``n_steps`` are those of the whole training, for the schedule; ``add_states`` adds the states of
    sentences that a frozen backbone has read before.
    """

    def __init__(
        self,
        components: Components,
        training: TrainingSet,
        settings: TrainSettings,
        n_steps: int,
        processes: ProcessGroup,
        add_states: AddStates | None,
    ) -> None:
        self.components, self.training, self.settings = components, training, settings
        self.processes, self.add_states = processes, add_states
        self.device = components.model.device
        self.dtype = precision_of(settings, self.device)
        self.objective = Objective(settings.objective).to(self.device)
        self.table = components.gloss_table()
        self.optimiser = make_optimiser(components.model, self.objective, settings)
        self.schedule = Schedule(self.optimiser, rate_factor(settings, n_steps))
        self.scaler = torch.amp.GradScaler(self.device.type, enabled=self.dtype is torch.float16)
        self.modules: dict[str, nn.Module] = {"model": components.model, "loss": self.objective}

    def step(self, window: list[list[int]]) -> float:
        """One optimiser step on the batches of a window; returns their mean loss per item.

        Raises RunError for a loss that is no number, before it reaches the weights.

        Each batch weighs by its number of items, so that a short window at the end of an epoch
        is as exact as any other.
        """
        self.optimiser.zero_grad(set_to_none=True)
        total = sum(map(len, window))
        scale = 1.0
        if self.scaler.is_enabled():
            self.scaler.scale(torch.ones(1, device=self.device))  # makes the scaler's own tensor
            scale = self.scaler.get_scale()
        loss = 0.0
        for batch in window:
            weight = len(batch) / total
            loss += weight * self.add_gradients(batch, weight * scale)
        if not math.isfinite(loss):
            raise RunError(
                f"the training loss became {loss}: lower encoder_learning_rate or "
                "head_learning_rate in [train] and delete the folder training"
            )
        model = self.components.model
        self.processes.sum_gradients(
            [*model.parameters()], [*self.objective.parameters()], self.device
        )
        self.scaler.unscale_(self.optimiser)
        if self.settings.max_gradient_norm is not None:
            clip_grad_norm_(
                [*model.parameters(), *self.objective.parameters()],
                self.settings.max_gradient_norm,
            )
        self.scaler.step(self.optimiser)
        self.scaler.update()
        self.schedule.go_to(self.schedule.step + 1)
        return loss

    def _part(self, batch: list[int], rank: int) -> list[int]:
        own = batch[rank :: self.processes.size]
        return sorted(own, key=lambda i: (len(self.training.tokenized[i].ids), i))

    def add_gradients(self, batch: list[int], weight: float) -> float:
        """Adds the batch's gradients times ``weight`` to the parameters; returns its loss."""
        processes = self.processes
        parts = [self._part(batch, rank) for rank in range(processes.size)]
        order = [item for part in parts for item in part]
        joint = self.training.joint(order, self.device)
        chunks = [self._chunk(rows) for rows in self._chunks(parts[processes.rank])]
        sizes = [len(part) for part in parts]

        def loss_of(vectors: torch.Tensor) -> torch.Tensor:
            loss: torch.Tensor = self.objective(processes.gather(vectors, sizes), joint, self.table)
            return loss

        return backward(self._encode, chunks, loss_of, weight, self._autocast)

    def _chunks(self, rows: list[int]) -> list[list[int]]:
        """The parts of a batch that are in memory one at a time; at least one."""
        chunk = self.settings.chunk_size
        if chunk is None or chunk >= len(rows):
            return [rows]
        cuts = chunk_cuts([len(self.training.tokenized[i].ids) for i in rows], chunk)
        return [rows[start:end] for start, end in pairwise(cuts)]

    def _chunk(self, rows: list[int]) -> list[EncoderInput]:
        """Rows in order of length, cut where padding them together would cost more than it saves.

        The vectors are those of one padded batch; only the work on padding is gone.
        """
        lengths = [len(self.training.tokenized[i].ids) for i in rows]
        cuts = length_cuts(lengths) if self.settings.length_buckets else [0, len(rows)]
        return [self._input(rows[start:end]) for start, end in pairwise(cuts)]

    def _input(self, rows: list[int]) -> EncoderInput:
        batch = self.components.inputs.batch([self.training.tokenized[i] for i in rows])
        if self.add_states is not None and rows:
            batch = self.add_states(batch, rows)
        return batch.to(self.device)

    def _encode(self, batch: EncoderInput) -> torch.Tensor:
        if not len(batch.input_ids):  # more processes than rows: this one still takes part
            nothing = torch.zeros(0, self.table.vectors.shape[1], device=self.device)
            return nothing.requires_grad_()
        return self.components.model.encode_batch(batch)

    def _autocast(self) -> AbstractContextManager[object]:
        if self.dtype is torch.float32:
            return nullcontext()
        return torch.autocast(self.device.type, dtype=self.dtype)


def precision_of(settings: TrainSettings, device: torch.device) -> torch.dtype:
    """The dtype that the encoder computes in: fp32 on a CPU, half precision on a GPU."""
    if device.type != "cuda":
        if settings.precision in ("bf16", "fp16"):
            raise UsageError(f"precision {settings.precision!r} needs a GPU: use auto or fp32")
        return torch.float32
    if settings.precision == "auto":
        return (
            torch.bfloat16
            if torch.cuda.is_bf16_supported(including_emulation=False)
            else torch.float16
        )
    return {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}[
        settings.precision
    ]
