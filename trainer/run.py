"""From data and settings to a model folder: the whole of ``viconwsd train``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from schemas.ids import content_digest
from trainer.bundle import save_bundle
from trainer.data import Inventory, Item, WsdData
from trainer.encoding import placed_vectors
from trainer.evaluation.scorers import VectorScorer
from trainer.evaluation.wsd import ambiguous, disambiguate_items
from trainer.objectives import Objective, echoes
from trainer.ranking.fit_reading import fit_reading
from trainer.ranking.fusion import fit_fusion, prior_fusion
from trainer.ranking.ranker import Ranker, gold_column
from trainer.ranking.readings import read_pairs
from trainer.ranking.tables import CandidateTable, candidate_table
from trainer.ranking.usage import UsageModel
from trainer.settings import TrainSettings
from trainer.training.distributed import Crew, crew_from_environment
from trainer.training.examples import (
    TrainingSet,
    padded_rows,
    taught_rows,
    training_set,
    untaught,
)
from trainer.training.loop import Fit, TrainingRun
from trainer.training.standing import OnStep
from trainer.workbench import Workbench, make_workbench

Talk = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Trained:
    """What a training run leaves: a model folder and its figures; one process of several leads."""

    folder: Path
    fit: Fit
    reading_accuracy: float | None
    leads: bool = True


def train_model(
    data: WsdData,
    settings: TrainSettings,
    folder: Path,
    talk: Talk = print,
    on_step: OnStep | None = None,
) -> Trained:
    """Trains into ``folder / "model"``; killed and started again it goes on where it was."""
    if settings.threads is not None:
        torch.set_num_threads(settings.threads)
    crew = crew_from_environment(torch.device("cuda" if torch.cuda.is_available() else "cpu"))
    if not crew.leads:
        talk, on_step = _silent, None
    bench = make_workbench(data, settings, folder / "glosses")
    items, validation = data.split("train"), data.split("validation")
    talk(f"{len(items)} training examples, {len(data.inventory.glosses)} glosses")
    training = training_set(items, data.inventory, bench.inputs)
    validate = _validation(bench, validation, taught_rows(items, data.inventory), settings, talk)
    run = TrainingRun(bench, training, settings, folder / "training", validate, crew)
    fit = run.run(on_step)
    talk(f"best validation {fit.best} in epoch {fit.best_epoch} of {fit.epochs}")
    reached = None
    model = folder / "model"
    if crew.leads:
        ranker, reached = _fit_ranker(bench, run.objective, items, validation, settings, talk)
        save_bundle(model, bench, ranker, settings)
    crew.wait()
    run.clean()
    return Trained(model, fit, reached, crew.leads)


def _silent(_: str) -> None:
    """What the processes say that do not lead."""


def _validation(
    bench: Workbench,
    items: tuple[Item, ...],
    taught: frozenset[int],
    settings: TrainSettings,
    talk: Talk,
) -> Callable[[], float] | None:
    """The stated validation metric, to be raised; None where no item could decide it."""
    inventory = bench.inventory
    if settings.validation_metric == "loss":
        if not items:
            talk("no validation examples: training runs all its epochs")
            return None
        held: TrainingSet = training_set(items, inventory, bench.inputs, taught)
        objective = Objective(settings.objective).to(bench.model.device)
        table = bench.gloss_table()

        def negative_loss() -> float:
            vectors = placed_vectors(bench.model, bench.inputs, held.placed)
            joint = held.joint(range(len(held)), bench.model.device)
            found = torch.from_numpy(vectors).to(bench.model.device)
            return -float(objective(found, joint, table).detach())

        return negative_loss
    hard = [item for item in items if len(inventory.senses(item.lemma)) > 1]
    if not hard:
        talk("no ambiguous validation examples: training runs all its epochs")
        return None
    placed = [bench.inputs.place(item.marked) for item in hard]

    def wsd_accuracy() -> float:
        vectors = placed_vectors(bench.model, bench.inputs, placed)
        by_id = {item.item_id: vector for item, vector in zip(hard, vectors, strict=True)}
        scorer = VectorScorer(inventory, by_id, bench.gloss_vectors)
        outcomes = ambiguous(disambiguate_items(scorer, hard, inventory))
        return sum(outcome.correct for outcome in outcomes) / len(outcomes)

    return wsd_accuracy


def _fit_ranker(
    bench: Workbench,
    objective: Objective,
    items: tuple[Item, ...],
    validation: tuple[Item, ...],
    settings: TrainSettings,
    talk: Talk,
) -> tuple[Ranker, float | None]:
    model, inventory = bench.model, bench.inventory
    reached = None
    if model.reading is not None:
        talk("reading glosses together with sentences")
        sampled = _sampled(items, settings.ranker.max_items)
        table = _table(bench, sampled)
        reached = fit_reading(
            model.reading.cpu(),
            table.sparing(_spared(bench, sampled, taught_rows(items, inventory), settings)),
            _table(bench, validation) if validation else None,
            settings.ranker,
            settings.seed,
        )
        model.reading.to(model.device)
        talk(f"reading alone: validation accuracy {reached}")
    prior = prior_fusion(model.reading is not None, float(objective.scale.detach()))
    usage = UsageModel.of(items)
    ranker = Ranker(model, bench.inputs, inventory, bench.gloss_vectors, prior, usage)
    candidates = [inventory.candidates(item.lemma) for item in validation]
    signals = ranker.signals(validation, candidates)
    gold = [gold_column(item, own) for item, own in zip(validation, candidates, strict=True)]
    fusion = fit_fusion(signals, gold, prior)
    talk(
        f"weights: reading {fusion.reading:.3g}, cosine {fusion.cosine:.3g}, "
        f"overlap {fusion.overlap:.3g}, usage {fusion.usage:.3g}"
    )
    return ranker.weighing(fusion), reached


def _sampled(items: tuple[Item, ...], most: int) -> tuple[Item, ...]:
    """At most ``most`` items, chosen by a digest of their ids, in their order."""
    if len(items) <= most:
        return items
    kept = set(sorted(content_digest(item.item_id) for item in items)[:most])
    return tuple(item for item in items if content_digest(item.item_id) in kept)


def _spared(
    bench: Workbench, items: Sequence[Item], taught: frozenset[int], settings: TrainSettings
) -> torch.Tensor:
    """(n, c) booleans: a candidate of the contested item that is no negative (CandidateTable)."""
    hard, table = _contested(bench.inventory, items), bench.gloss_table()
    rows = padded_rows([bench.inventory.candidate_rows(item.lemma) for item in hard])
    gold = torch.tensor([bench.inventory.row_of[item.synset_id] for item in hard])
    device = table.texts.device
    near = settings.objective.near_equal
    alike = echoes(rows.to(device), gold.long().to(device), table, near).cpu()
    return alike | untaught(rows, taught)


def _contested(inventory: Inventory, items: Sequence[Item]) -> list[Item]:
    return [item for item in items if len(inventory.candidates(item.lemma)) > 1]


def _table(bench: Workbench, items: tuple[Item, ...]) -> CandidateTable:
    """The readings of items with two candidates or more."""
    inventory = bench.inventory
    hard = _contested(inventory, items)
    candidates = [inventory.candidates(item.lemma) for item in hard]
    asks = [
        (item.marked, entry) for item, own in zip(hard, candidates, strict=True) for entry in own
    ]
    return candidate_table(hard, candidates, read_pairs(bench.model, bench.inputs, asks))


__all__ = ["Crew", "Trained", "train_model"]
