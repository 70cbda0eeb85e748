"""From data and settings to a model folder: the whole of ``viconwsd train``."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from trainer.bundle import identity_of, save_bundle
from trainer.data import WsdData
from trainer.encoding import Known
from trainer.fit_ranker import fit_ranker
from trainer.identity import training_identity
from trainer.settings import TrainSettings
from trainer.text.pieces import Placed
from trainer.training.distributed import Crew, crew_from_environment
from trainer.training.examples import taught_rows, training_set
from trainer.training.frozen import FrozenStates, frozen_states, targets_of
from trainer.training.loop import Fit, TrainingRun
from trainer.training.precision import precision_of
from trainer.training.standing import OnStep, Talk
from trainer.validation import validation_metric
from trainer.workbench import make_workbench


@dataclass(frozen=True, slots=True)
class Trained:
    """What a training run leaves: a model folder and its figures; one process of several leads."""

    folder: Path
    fit: Fit
    reading_accuracy: float | None
    leads: bool = True


def model_folder(folder: Path) -> Path:
    """Where a training in ``folder`` leaves its model."""
    return folder / "model"


def is_trained(data: WsdData, settings: TrainSettings, folder: Path) -> bool:
    """Whether ``train_model`` has made the model of exactly these settings and data there."""
    return identity_of(model_folder(folder)) == training_identity(data, settings)


def train_model(
    data: WsdData,
    settings: TrainSettings,
    folder: Path,
    talk: Talk = print,
    on_step: OnStep | None = None,
) -> Trained:
    """Trains into ``model_folder(folder)``; killed and started again it goes on where it was."""
    if settings.threads is not None:
        torch.set_num_threads(settings.threads)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    precision_of(settings, device)  # refuses what cannot be had before anything is computed
    crew = crew_from_environment(device)
    if not crew.leads:
        talk, on_step = _silent, None
    identity = training_identity(data, settings)
    bench = make_workbench(data, settings, folder / "glosses")
    items, validation = data.split("train"), data.split("validation")
    talk(f"{len(items)} training examples, {len(data.inventory.glosses)} glosses")
    training = training_set(items, data.inventory, bench.inputs)
    states, readings = folder / "training" / "states", folder / "training" / "readings"

    def kept(placed: Sequence[Placed]) -> FrozenStates | None:
        if not settings.freeze_backbone:
            return None
        return frozen_states(bench, placed, states, settings.kept_states_gb * 1e9, talk, crew)

    def known_of(placed: Sequence[Placed]) -> Known | None:
        found = kept(placed)
        return None if found is None else found.joined

    taught = taught_rows(items, data.inventory)
    validate = validation_metric(bench, validation, taught, settings, talk, known_of)
    known = kept(training.placed)
    if settings.standardised:
        bench.model.standardise(targets_of(bench, training.placed, known))
    joined = None if known is None else known.joined
    run = TrainingRun(
        bench, training, settings, identity, folder / "training", validate, crew, joined
    )
    fit = run.run(on_step)
    best = "" if fit.best is None else f", best validation {fit.best:.3f} in epoch {fit.best_epoch}"
    talk(f"trained {fit.epochs} epochs{best}")
    reached = None
    model = model_folder(folder)
    if crew.leads:
        ranker, reached = fit_ranker(
            bench, run.stepper.objective, items, validation, settings, readings, talk
        )
        save_bundle(model, bench, ranker, settings, identity)
    crew.wait()
    run.clean()
    if crew.leads:
        for done_with in (states, readings):
            shutil.rmtree(done_with, ignore_errors=True)
    return Trained(model, fit, reached, crew.leads)


def _silent(_: str) -> None:
    """What the processes say that do not lead."""


__all__ = ["Crew", "Trained", "is_trained", "model_folder", "train_model"]
