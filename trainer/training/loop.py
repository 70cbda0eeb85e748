"""The training loop: epochs of steps, validation, early stopping, resume."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from schemas.errors import InputError, UsageError
from schemas.files import replacing
from schemas.ids import content_digest
from trainer.encoding import Known
from trainer.settings import TrainSettings
from trainer.training.batches import GroupedBatches
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
from trainer.training.log import MetricsLog
from trainer.training.standing import OnStep, Standing
from trainer.training.step import Stepper
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
        self.identity, self.folder, self.validate, self.crew = identity, folder, validate, crew
        self.device = bench.model.device
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
        self.windows = -(-len(self.batches) // settings.accumulate)
        n_steps = self.windows * settings.epochs
        self.stepper = Stepper(bench, training, settings, n_steps, crew, known)

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
            loss = self.stepper.step(window)
            n = sum(map(len, window))
            progress.window, progress.step = at + 1, progress.step + 1
            progress.loss_sum += loss * n
            progress.n_seen += n
            if log is not None:
                log.write("train", progress.step, loss=loss, rate=self.stepper.schedule.rates[-1])
            if progress.step % self.settings.checkpoint_steps == 0:
                self._save(progress)
            report(n, loss)

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
            self.folder / "checkpoint", self.stepper.modules, self.stepper.optimiser, self.crew.rank
        )
        if restored is None:
            if self.crew.rank:  # the model is every process's, its dropout is not
                torch.manual_seed(self.settings.seed + self.crew.rank)
            return Progress(settings=self._digest)
        self.stepper.schedule.go_to(restored.step)
        if restored.scaler:
            self.stepper.scaler.load_state_dict(restored.scaler)
        return restored

    def _save(self, progress: Progress) -> None:
        random = {
            kind: self.crew.everyones(state.to(self.device))
            for kind, state in random_states().items()
        }
        if self.crew.leads:
            progress.scaler = self.stepper.scaler.state_dict()
            save_checkpoint(
                self.folder / "checkpoint",
                self.stepper.modules,
                self.stepper.optimiser,
                progress,
                random,
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
