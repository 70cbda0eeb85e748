"""The training loop: steps over windows of batches, validation, early stopping, resume."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn.utils import clip_grad_norm_

from schemas.errors import InputError, RunError, UsageError
from schemas.files import replacing
from schemas.ids import content_digest
from trainer.encoding import Known, encoded
from trainer.objectives import Objective
from trainer.settings import TrainSettings
from trainer.text.inputs import EncoderInput
from trainer.training.batches import GroupedBatches, chunk_cuts, length_cuts
from trainer.training.checkpoint import (
    Progress,
    learned_state,
    load_checkpoint,
    load_learned_state,
    load_progress,
    random_states,
    remove_checkpoint,
    save_checkpoint,
)
from trainer.training.distributed import Crew
from trainer.training.examples import TrainingSet
from trainer.training.gradients import backward
from trainer.training.log import MetricsLog
from trainer.training.optimiser import make_optimiser, make_schedule
from trainer.training.standing import OnStep, Standing
from trainer.workbench import Workbench

Validate = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Fit:
    """What a finished training reports."""

    best: float | None
    best_epoch: int
    epochs: int
    steps: int
    samples_per_second: float


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


class TrainingRun:
    """One training in a folder; running it again goes on where it was killed."""

    def __init__(
        self,
        bench: Workbench,
        training: TrainingSet,
        settings: TrainSettings,
        identity: str,
        folder: Path,
        validate: Validate | None,
        crew: Crew = Crew(),  # noqa: B008 (frozen)
        known: Known | None = None,
    ) -> None:
        if not len(training):
            raise InputError("the split train is empty: build a release with training examples")
        self.bench, self.training, self.settings = bench, training, settings
        self.folder, self.validate, self.crew, self.known = folder, validate, crew, known
        self.identity = identity
        self.device = bench.model.device
        self.dtype = precision_of(settings, self.device)
        self.batches = GroupedBatches(
            training.gloss.tolist(),
            training.lemmas,
            [len(placed.ids) for placed in training.placed],
            settings.batch_size,
            group=settings.contexts_per_group,
            siblings=settings.group_siblings,
            buckets=settings.length_buckets,
            seed=settings.seed,
        )
        self.objective = Objective(settings.objective).to(self.device)
        self.table = bench.gloss_table()
        self.windows = -(-len(self.batches) // settings.accumulate)
        self.optimiser = make_optimiser(bench.model, self.objective, settings)
        self.schedule = make_schedule(self.optimiser, settings, self.windows * settings.epochs)
        self.scaler = torch.amp.GradScaler(self.device.type, enabled=self.dtype is torch.float16)
        self._modules: dict[str, nn.Module] = {"model": bench.model, "loss": self.objective}

    def run(self, on_step: OnStep | None = None) -> Fit:
        """Trains to the end or to early stopping and leaves the best weights in the model."""
        progress = self._restored()
        log = None
        if self.crew.leads:
            path = self.folder / "metrics.jsonl"
            log = MetricsLog(path, progress.step, self.settings.tensorboard)
        started, seen, before = time.perf_counter(), 0, progress.step

        def report(n: int, loss: float) -> None:
            nonlocal seen
            seen += n
            if on_step is not None:
                seconds = time.perf_counter() - started
                on_step(self._standing(progress, progress.step - before, seen, seconds, loss))

        while progress.epoch < self.settings.epochs and not progress.finished:
            self._epoch(progress, log, report)
            report(0, self._end_epoch(progress, log))
        seconds = time.perf_counter() - started
        self._take_best()
        if log is not None:
            log.close()
        return Fit(
            progress.best,
            progress.best_epoch,
            progress.epoch,
            progress.step,
            seen / seconds if seen else 0.0,
        )

    def _standing(
        self, progress: Progress, own_steps: int, seen: int, seconds: float, loss: float
    ) -> Standing:
        # Once an epoch has ended, the progress stands at the first window of the next one.
        epochs = self.settings.epochs
        return Standing(
            epoch=progress.epoch + (1 if progress.window else 0),
            all_epochs=epochs,
            steps=progress.step,
            all_steps=self.windows * epochs,
            own_steps=own_steps,
            seen=seen,
            seconds=seconds,
            loss=loss,
            best=progress.best,
            finished=progress.finished,
        )

    def _epoch(
        self, progress: Progress, log: MetricsLog | None, report: Callable[[int, float], None]
    ) -> None:
        self.bench.model.train()
        if self.settings.freeze_backbone:
            self.bench.model.backbone.eval()
        batches = self.batches.epoch(progress.epoch)
        k = self.settings.accumulate
        for at in range(progress.window, self.windows):
            window = batches[at * k : (at + 1) * k]
            loss = self.step(window)
            n = sum(map(len, window))
            progress.window, progress.step = at + 1, progress.step + 1
            progress.loss_sum += loss * n
            progress.n_seen += n
            if log is not None:
                log.write("train", progress.step, loss=loss, rate=self.schedule.rates[-1])
            if progress.step % self.settings.checkpoint_steps == 0:
                self._save(progress)
            report(n, loss)

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
            loss += weight * self._backward(batch, weight * scale)
        if not math.isfinite(loss):
            raise RunError(
                f"the training loss became {loss}: lower encoder_learning_rate or "
                "head_learning_rate in [train] and delete the folder training"
            )
        model = self.bench.model
        self.crew.sum_gradients([*model.parameters()], [*self.objective.parameters()], self.device)
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
        own = batch[rank :: self.crew.size]
        return sorted(own, key=lambda i: (len(self.training.placed[i].ids), i))

    def _backward(self, batch: list[int], weight: float) -> float:
        crew = self.crew
        parts = [self._part(batch, rank) for rank in range(crew.size)]
        order = [item for part in parts for item in part]
        joint = self.training.joint(order, self.device)
        chunks = [self._chunk(rows) for rows in self._chunks(parts[crew.rank])]
        sizes = [len(part) for part in parts]

        def loss_of(vectors: torch.Tensor) -> torch.Tensor:
            loss: torch.Tensor = self.objective(crew.gather(vectors, sizes), joint, self.table)
            return loss

        return backward(self._encode, chunks, loss_of, weight, self._autocast)

    def _chunks(self, rows: list[int]) -> list[list[int]]:
        """The parts of a batch that are in memory one at a time; at least one."""
        chunk = self.settings.chunk_size
        if chunk is None or chunk >= len(rows):
            return [rows]
        cuts = chunk_cuts([len(self.training.placed[i].ids) for i in rows], chunk)
        return [rows[start:end] for start, end in pairwise(cuts)]

    def _chunk(self, rows: list[int]) -> list[EncoderInput]:
        """Rows in order of length, cut where padding them together would cost more than it saves.

        The vectors are those of one padded batch; only the work on padding is gone.
        """
        lengths = [len(self.training.placed[i].ids) for i in rows]
        cuts = length_cuts(lengths) if self.settings.length_buckets else [0, len(rows)]
        return [self._input(rows[start:end]) for start, end in pairwise(cuts)]

    def _input(self, rows: list[int]) -> EncoderInput:
        batch = self.bench.inputs.batch([self.training.placed[i] for i in rows])
        if self.known is not None and rows:
            batch = self.known(batch, rows)
        return batch.to(self.device)

    def _encode(self, batch: EncoderInput) -> torch.Tensor:
        if not len(batch.input_ids):  # more processes than rows: this one still takes part
            nothing = torch.zeros(0, self.table.vectors.shape[1], device=self.device)
            return nothing.requires_grad_()
        return encoded(self.bench.model, batch)

    def _autocast(self) -> AbstractContextManager[object]:
        if self.dtype is torch.float32:
            return nullcontext()
        return torch.autocast(self.device.type, dtype=self.dtype)

    def _end_epoch(self, progress: Progress, log: MetricsLog | None) -> float:
        """Validates and saves; returns the epoch's mean loss."""
        mean_loss = progress.loss_sum / max(1, progress.n_seen)
        progress.epoch, progress.window = progress.epoch + 1, 0
        progress.loss_sum, progress.n_seen = 0.0, 0
        value = self._validated()
        better = value is None or progress.best is None or value > progress.best
        if better:
            progress.best, progress.best_epoch = value, progress.epoch
            progress.epochs_without_gain = 0
            self._save_best()
        else:
            progress.epochs_without_gain += 1
        progress.finished = (
            progress.epoch >= self.settings.epochs
            or progress.epochs_without_gain >= self.settings.patience
        )
        if log is not None:
            measured = {} if value is None else {"validation": value}
            log.write("epoch", progress.step, epoch=progress.epoch, loss=mean_loss, **measured)
        self._save(progress)
        return mean_loss

    def _validated(self) -> float | None:
        """The metric to be raised, the same number in every process."""
        if self.validate is None:
            return None
        value = torch.zeros(1, dtype=torch.float64, device=self.device)
        if self.crew.leads:
            self.bench.model.train(False)
            with torch.no_grad():
                value[0] = self.validate()
        if self.crew.size > 1:
            torch.distributed.broadcast(value, 0)
        return float(value)

    @property
    def _digest(self) -> str:
        return content_digest(self.identity, str(self.crew.size))

    def _restored(self) -> Progress:
        known = load_progress(self.folder / "checkpoint")
        if known is not None and known.settings != self._digest:
            raise UsageError(
                f"{self.folder / 'checkpoint'} belongs to other settings or data: "
                "delete it or choose another folder"
            )
        restored = load_checkpoint(
            self.folder / "checkpoint", self._modules, self.optimiser, self.crew.rank
        )
        if restored is None:
            if self.crew.rank:  # the model is every process's, its dropout is not
                torch.manual_seed(self.settings.seed + self.crew.rank)
            return Progress(settings=self._digest)
        self.schedule.go_to(restored.step)
        if restored.scaler:
            self.scaler.load_state_dict(restored.scaler)
        return restored

    def _save(self, progress: Progress) -> None:
        random = {
            kind: self.crew.everyones(state.to(self.device))
            for kind, state in random_states().items()
        }
        if self.crew.leads:
            progress.scaler = self.scaler.state_dict()
            save_checkpoint(
                self.folder / "checkpoint", self._modules, self.optimiser, progress, random
            )
        self.crew.wait()

    def _save_best(self) -> None:
        if self.crew.leads:
            state = {
                name: value.detach().cpu().contiguous().clone()
                for name, value in learned_state(self.bench.model).items()
            }
            with replacing(self.folder / "best.safetensors") as temporary:
                save_file(state, temporary)
        self.crew.wait()

    def _take_best(self) -> None:
        path = self.folder / "best.safetensors"
        if path.exists():
            load_learned_state(self.bench.model, load_file(path))
        self.bench.model.train(False)

    def clean(self) -> None:
        """Deletes the checkpoint once the model has been saved elsewhere."""
        if self.crew.leads:
            remove_checkpoint(self.folder / "checkpoint")
            (self.folder / "best.safetensors").unlink(missing_ok=True)
