"""From data and settings to a model folder: the whole of ``viconwsd train``."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson
import torch

from trainer.data import WsdData
from trainer.meanings.model import distilled_folder
from trainer.model.encoding import AddStates
from trainer.ranking.fit import fit_ranker
from trainer.ranking.fusion import Fusion, prior_fusion
from trainer.ranking.lexical import UsageModel
from trainer.ranking.ranker import Ranker
from trainer.ranking.tune import check_tunable
from trainer.saved.model_folder import SavedModel, save_model
from trainer.settings import TrainSettings
from trainer.storage.lock import training_lock
from trainer.storage.manifest import saved_identity
from trainer.text.pieces import Tokenized
from trainer.training.components import Components, build_components
from trainer.training.dataset import training_set
from trainer.training.distilled import open_distilled, sense_meanings, set_query
from trainer.training.distributed import is_main_process, process_group_from_environment
from trainer.training.frozen import FrozenStates, frozen_states, targets_of
from trainer.training.loop import TrainingRun, TrainingSummary
from trainer.training.rehearsal import rehearsal_data
from trainer.training.reporting import Notify, OnStep
from trainer.training.step import precision_of
from trainer.training.validation import validation_metric

_CHANGES_NOTHING = {"checkpoint_steps", "tensorboard", "kept_states_gb"}


@dataclass(frozen=True, slots=True)
class TrainingResult:
    """What a training run leaves: a model folder and its figures, to one process of several."""

    folder: Path
    summary: TrainingSummary
    is_main: bool = True


def model_folder(folder: Path) -> Path:
    """Where a training in ``folder`` leaves its model."""
    return folder / "model"


def training_identity(data: WsdData, settings: TrainSettings, folder: Path | None = None) -> str:
    """SHA-256 of all that decides what is made: settings, language, inventory, items.

    With them the distilled model in ``folder``, where it gives a signal.

    The items are those to train and validate on. A pretrained backbone counts by its name or
    path, not by its weights.
    """
    digest = hashlib.sha256(settings.model_dump_json(exclude=_CHANGES_NOTHING).encode())
    digest.update(data.inventory.language.code.encode())
    if settings.needs_distilled and folder is not None:
        digest.update(f" {saved_identity(distilled_folder(folder))}".encode())
    for row in (*data.inventory.entries, *data.split("train"), *data.split("validation")):
        digest.update(b"\n" + orjson.dumps(row))
    return digest.hexdigest()


def is_trained(data: WsdData, settings: TrainSettings, folder: Path) -> bool:
    """Whether ``train_model`` has made the model of exactly these settings and data there."""
    return saved_identity(model_folder(folder)) == training_identity(data, settings, folder)


def train_model(
    data: WsdData,
    settings: TrainSettings,
    folder: Path,
    notify: Notify = print,
    on_step: OnStep | None = None,
) -> TrainingResult:
    """Trains into ``model_folder(folder)``; killed and started again it goes on where it was.

    Raises StorageError at once while another process trains in the folder.
    """
    if settings.threads is not None:
        torch.set_num_threads(settings.threads)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    precision_of(settings, device)  # refuses what cannot be had before anything is computed
    if not is_main_process():
        return _trained(data, settings, folder, device, lambda _: None, None)
    with training_lock(folder):
        return _trained(data, settings, folder, device, notify, on_step)


def _trained(
    data: WsdData,
    settings: TrainSettings,
    folder: Path,
    device: torch.device,
    notify: Notify,
    on_step: OnStep | None,
    home: Path | None = None,
) -> TrainingResult:
    home = home or folder
    processes = process_group_from_environment(device)
    identity = training_identity(data, settings, home)
    settled = _rehearsed(data, settings, folder, device, notify, home)
    distilled = open_distilled(home) if settings.needs_distilled else None
    components = build_components(data, settings, home / "glosses")
    check_tunable(components.model, settings.ranker)
    if settings.query == "distilled" and distilled is not None:
        set_query(components.model, settings, distilled)
        notify(f"the head's attention asks with: {distilled.about.chosen}")
    items, validation = data.split("train"), data.split("validation")
    notify(f"{len(items)} training examples, {len(data.inventory.glosses)} glosses")
    training = training_set(items, data.inventory, components.inputs)
    states, features = folder / "training" / "states", folder / "training" / "pairs"

    def frozen(tokenized: Sequence[Tokenized]) -> FrozenStates | None:
        if not settings.freeze_backbone:
            return None
        most = settings.kept_states_gb * 1e9
        return frozen_states(components, tokenized, states, most, notify, processes)

    def states_of(tokenized: Sequence[Tokenized]) -> AddStates | None:
        found = frozen(tokenized)
        return None if found is None else found.joined

    validate = validation_metric(components, validation, items, settings, notify, states_of)
    known = frozen(training.tokenized)
    if settings.standardised:
        components.model.standardise(targets_of(components, training.tokenized, known))
    add_states = None if known is None else known.joined
    run = TrainingRun(
        components,
        training,
        settings,
        identity,
        folder / "training",
        validate,
        processes,
        add_states,
    )
    summary = run.run(on_step)
    best = summary.best
    reached = "" if best is None else f", best validation {best:.3f} in epoch {summary.best_epoch}"
    notify(f"trained {summary.epochs} epochs{reached}")
    model = model_folder(folder)
    if processes.is_main:
        prior = _prior_ranker(components, data, float(run.stepper.objective.scale.detach()))
        if settings.ranker.distilled and distilled is not None:
            notify("reading the meanings of the training examples")
            prior = prior.with_meanings(sense_meanings(distilled, items, home))
        ranker, _ = fit_ranker(prior, items, validation, settings, features, notify, settled)
        save_model(model, ranker, components.gloss_encoder, settings, identity, distilled)
    processes.barrier()
    run.clean()
    if processes.is_main:
        for done_with in (states, features, folder / "rehearsal"):
            shutil.rmtree(done_with, ignore_errors=True)
    return TrainingResult(model, summary, processes.is_main)


def _rehearsed(
    data: WsdData,
    settings: TrainSettings,
    folder: Path,
    device: torch.device,
    notify: Notify,
    home: Path,
) -> Fusion | None:
    """The signals' weights of a model that was trained without some senses; None without one."""
    rehearsal = rehearsal_data(data, settings.ranker.held_out)
    if rehearsal is None:
        return None
    moved = len(rehearsal.split("validation")) - len(data.split("validation"))
    notify(f"rehearsal: the senses of {moved} training examples are held out, to weigh the signals")
    own = folder / "rehearsal"
    if saved_identity(model_folder(own)) != training_identity(rehearsal, settings, home):
        _trained(rehearsal, settings, own, device, notify, None, home)
    notify("rehearsal done: now all of the training examples")
    return SavedModel.open(model_folder(own)).ranker.fusion


def _prior_ranker(components: Components, data: WsdData, scale: float) -> Ranker:
    """The trained encoder as a ranker, before validation has weighed its signals."""
    model, inventory = components.model, components.inventory
    return Ranker(
        model,
        components.inputs,
        inventory,
        components.gloss_vectors,
        prior_fusion(model.cross_encoder is not None, scale),
        UsageModel.of(data.split("train"), inventory.language),
    )
