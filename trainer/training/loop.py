"""The training loop: epochs of steps, validation, early stopping, resume."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from schemas.errors import InputError, StorageError
from schemas.files import replacing
from schemas.ids import content_digest
from trainer.model.encoding import AddStates
from trainer.settings import TrainSettings
from trainer.storage.checkpoint import (
    TrainingState,
    learned_state,
    load_checkpoint,
    load_learned_state,
    random_states,
    save_checkpoint,
)
from trainer.training.components import Components
from trainer.training.dataset import TrainingSet, grouped_batches
from trainer.training.distributed import ProcessGroup
from trainer.training.reporting import MetricsLog, OnStep, TrainingProgress
from trainer.training.step import Stepper
from trainer.training.validation import Validate


@dataclass(frozen=True, slots=True)
class TrainingSummary:
    """What a finished training reports."""

    best: float | None
    best_epoch: int
    epochs: int
    steps: int
    samples_per_second: float


class TrainingRun:
    """One training in a folder; running it again goes on where it was killed."""

    def __init__(
        self,
        components: Components,
        training: TrainingSet,
        settings: TrainSettings,
        identity: str,
        folder: Path,
        validate: Validate | None,
        processes: ProcessGroup = ProcessGroup(),  # noqa: B008 (frozen)
        add_states: AddStates | None = None,
    ) -> None:
        if not len(training):
            raise InputError("the split train is empty: build a release with training examples")
        self.components, self.training, self.settings = components, training, settings
        self.identity, self.folder, self.validate, self.processes = (
            identity,
            folder,
            validate,
            processes,
        )
        self.device = components.model.device
        self._checkpoint = folder / "checkpoint.safetensors"
        self._best = folder / "best.safetensors"
        self.batches = grouped_batches(training, settings)
        self.windows = -(-len(self.batches) // settings.accumulate)
        n_steps = self.windows * settings.epochs
        self.stepper = Stepper(components, training, settings, n_steps, processes, add_states)

    def run(self, on_step: OnStep | None = None) -> TrainingSummary:
        """Trains to the end or to early stopping and leaves the best weights in the model."""
        state = self._restored()
        log = None
        if self.processes.is_main:
            path = self.folder / "metrics.jsonl"
            log = MetricsLog(path, state.step, self.settings.tensorboard)
        started, seen, before = time.perf_counter(), 0, state.step

        def report(n: int, loss: float) -> None:
            nonlocal seen
            seen += n
            if on_step is not None:
                seconds = time.perf_counter() - started
                on_step(self._progress(state, state.step - before, seen, seconds, loss))

        while state.epoch < self.settings.epochs and not state.finished:
            self._epoch(state, log, report)
            report(0, self._end_epoch(state, log))
        seconds = time.perf_counter() - started
        self._take_best()
        if log is not None:
            log.close()
        return TrainingSummary(
            state.best,
            state.best_epoch,
            state.epoch,
            state.step,
            seen / seconds if seen else 0.0,
        )

    def _progress(
        self, state: TrainingState, own_steps: int, seen: int, seconds: float, loss: float
    ) -> TrainingProgress:
        # Once an epoch has ended, the state stands at the first window of the next one.
        epochs = self.settings.epochs
        return TrainingProgress(
            epoch=state.epoch + (1 if state.window else 0),
            all_epochs=epochs,
            steps=state.step,
            all_steps=self.windows * epochs,
            own_steps=own_steps,
            seen=seen,
            seconds=seconds,
            loss=loss,
            best=state.best,
            finished=state.finished,
        )

    def _epoch(
        self, state: TrainingState, log: MetricsLog | None, report: Callable[[int, float], None]
    ) -> None:
        self.components.model.train()
        if self.settings.freeze_backbone:
            self.components.model.backbone.eval()
        batches = self.batches.epoch(state.epoch)
        k = self.settings.accumulate
        for at in range(state.window, self.windows):
            window = batches[at * k : (at + 1) * k]
            loss = self.stepper.step(window)
            n = sum(map(len, window))
            state.window, state.step = at + 1, state.step + 1
            state.loss_sum += loss * n
            state.n_seen += n
            if log is not None:
                log.write("train", state.step, loss=loss, rate=self.stepper.schedule.rates[-1])
            if state.step % self.settings.checkpoint_steps == 0:
                self._save(state)
            report(n, loss)

    def _end_epoch(self, state: TrainingState, log: MetricsLog | None) -> float:
        """Validates and saves; returns the epoch's mean loss."""
        mean_loss = state.loss_sum / max(1, state.n_seen)
        state.epoch, state.window = state.epoch + 1, 0
        state.loss_sum, state.n_seen = 0.0, 0
        value = self._validated()
        better = value is None or state.best is None or value > state.best
        if better:
            state.best, state.best_epoch = value, state.epoch
            state.epochs_without_gain = 0
            self._save_best()
        else:
            state.epochs_without_gain += 1
        state.finished = (
            state.epoch >= self.settings.epochs
            or state.epochs_without_gain >= self.settings.patience
        )
        if log is not None:
            measured = {} if value is None else {"validation": value}
            log.write("epoch", state.step, epoch=state.epoch, loss=mean_loss, **measured)
        self._save(state)
        return mean_loss

    def _validated(self) -> float | None:
        """The metric to be raised, the same number in every process."""
        if self.validate is None:
            return None
        value = torch.zeros(1, dtype=torch.float64, device=self.device)
        if self.processes.is_main:
            self.components.model.train(False)
            with torch.no_grad():
                value[0] = self.validate(self.stepper.objective)
        if self.processes.size > 1:
            torch.distributed.broadcast(value, 0)
        return float(value)

    @property
    def _digest(self) -> str:
        return content_digest(self.identity, str(self.processes.size))

    def _restored(self) -> TrainingState:
        stepper, rank, digest = self.stepper, self.processes.rank, self._digest
        modules, optimiser = stepper.modules, stepper.optimiser
        restored = load_checkpoint(self._checkpoint, modules, optimiser, digest, rank)
        if restored is None:
            if rank:  # the model is every process's, its dropout is not
                torch.manual_seed(self.settings.seed + rank)
            return TrainingState(settings=digest)
        stepper.schedule.go_to(restored.step)
        if restored.scaler:
            stepper.scaler.load_state_dict(restored.scaler)
        return restored

    def _save(self, state: TrainingState) -> None:
        random = {
            kind: self.processes.all_gather(own.to(self.device))
            for kind, own in random_states().items()
        }
        if self.processes.is_main:
            state.scaler = self.stepper.scaler.state_dict()
            modules, optimiser = self.stepper.modules, self.stepper.optimiser
            save_checkpoint(self._checkpoint, modules, optimiser, state, random)
        self.processes.barrier()

    def _save_best(self) -> None:
        if self.processes.is_main:
            state = {
                name: value.detach().cpu().contiguous().clone()
                for name, value in learned_state(self.components.model).items()
            }
            with replacing(self._best) as temporary:
                save_file(state, temporary)
        self.processes.barrier()

    def _take_best(self) -> None:
        if self._best.exists():
            try:
                load_learned_state(self.components.model, load_file(self._best))
            except (RuntimeError, SafetensorError) as error:
                raise StorageError(
                    f"{self._best}: damaged: delete the folder {self.folder} to start anew"
                ) from error
        self.components.model.train(False)

    def clean(self) -> None:
        """Deletes the checkpoint once the model has been saved elsewhere."""
        if self.processes.is_main:
            for path in (self._checkpoint, self._best):
                path.unlink(missing_ok=True)
