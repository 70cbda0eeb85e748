"""From a trained encoder to a ranker: the reading head, and the weights of the signals."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from schemas.ids import content_digest
from trainer.data import Inventory, Item
from trainer.data.items import contested
from trainer.model.reading import ReadingHead
from trainer.objectives import Objective, echoes
from trainer.ranking.fit_reading import fit_reading, reading_scores
from trainer.ranking.fusion import fit_fusion, prior_fusion
from trainer.ranking.kept import kept_readings
from trainer.ranking.ranker import Ranker, Signals, gold_column
from trainer.ranking.readings import asks_of
from trainer.ranking.tables import CandidateTable, candidate_table
from trainer.ranking.usage import UsageModel
from trainer.settings import TrainSettings
from trainer.training.examples import padded_rows, taught_rows, untaught
from trainer.training.standing import Talk
from trainer.workbench import Workbench


def fit_ranker(
    bench: Workbench,
    objective: Objective,
    items: tuple[Item, ...],
    validation: tuple[Item, ...],
    settings: TrainSettings,
    folder: Path,
    talk: Talk,
) -> tuple[Ranker, float | None]:
    """The ranker of a trained encoder, and the reading head's validation accuracy if it has one.

    The reading head learns from the training items, the weights of the signals from validation.
    Readings are kept in ``folder``, for a run that is killed meanwhile.
    """
    model, inventory = bench.model, bench.inventory
    deciding = _deciding(inventory, validation, taught_rows(items, inventory))
    candidates = [inventory.candidates(item.lemma) for item in deciding]
    reached: float | None = None
    known: dict[str, Signals] = {}
    if model.reading is not None:
        talk("reading glosses together with sentences")
        reached, known = _fit_reading(bench, model.reading, items, validation, settings, folder)
        measured = "not measured" if reached is None else f"validation accuracy {reached:.3f}"
        talk(f"reading alone: {measured}")
    prior = prior_fusion(model.reading is not None, float(objective.scale.detach()))
    usage = UsageModel.of(items)
    ranker = Ranker(model, bench.inputs, inventory, bench.gloss_vectors, prior, usage)
    none = (np.zeros(len(own), np.float32) for own in candidates)  # where nothing competes
    reading = [known.get(item.item_id, zero) for item, zero in zip(deciding, none, strict=True)]
    signals = ranker.signals(deciding, candidates, reading=reading)
    gold = [gold_column(item, own) for item, own in zip(deciding, candidates, strict=True)]
    fusion = fit_fusion(signals, gold, prior)
    talk(
        f"weights: reading {fusion.reading:.3g}, cosine {fusion.cosine:.3g}, "
        f"overlap {fusion.overlap:.3g}, usage {fusion.usage:.3g}"
    )
    return ranker.weighing(fusion), reached


def _fit_reading(
    bench: Workbench,
    head: ReadingHead,
    items: tuple[Item, ...],
    validation: tuple[Item, ...],
    settings: TrainSettings,
    folder: Path,
) -> tuple[float | None, dict[str, Signals]]:
    """Trains the head; its validation accuracy, and its scores of contested validation items."""
    inventory = bench.inventory
    sampled = contested(_sampled(items, settings.ranker.max_items), inventory)
    held = contested(validation, inventory)
    spared = _spared(bench, sampled, taught_rows(items, inventory), settings)
    teaching = _table(bench, sampled, folder).sparing(spared)
    table = _table(bench, held, folder)
    head.to("cpu")
    reached = fit_reading(head, teaching, table, settings.ranker, settings.seed)
    scores = reading_scores(head, table).numpy()
    head.to(bench.model.device)
    sizes = table.present.sum(dim=1).tolist()
    return reached, {i.item_id: s[:n] for i, s, n in zip(held, scores, sizes, strict=True)}


def _deciding(
    inventory: Inventory, validation: Sequence[Item], taught: frozenset[int]
) -> list[Item]:
    """The validation items whose outcomes weigh the signals.

    Where validation shows taught senses alone, as a release's does, a lemma with an untaught one
    could only show that untaught senses are never meant: it is left out.
    """
    shown = {inventory.row_of[i.synset_id] for i in validation if i.synset_id in inventory.row_of}
    if not shown <= taught:
        return list(validation)
    return [item for item in validation if taught.issuperset(inventory.candidate_rows(item.lemma))]


def _sampled(items: tuple[Item, ...], most: int) -> tuple[Item, ...]:
    """At most ``most`` items, chosen by a digest of their ids, in their order."""
    if len(items) <= most:
        return items
    kept = set(sorted(content_digest(item.item_id) for item in items)[:most])
    return tuple(item for item in items if content_digest(item.item_id) in kept)


def _spared(
    bench: Workbench, hard: Sequence[Item], taught: frozenset[int], settings: TrainSettings
) -> torch.Tensor:
    """(n, c) booleans: a candidate of the contested item that is no negative (CandidateTable)."""
    table = bench.gloss_table()
    rows = padded_rows([bench.inventory.candidate_rows(item.lemma) for item in hard])
    gold = torch.tensor([bench.inventory.row_of[item.synset_id] for item in hard])
    device = table.texts.device
    near = settings.objective.near_equal
    alike = echoes(rows.to(device), gold.long().to(device), table, near).cpu()
    return alike | untaught(rows, taught)


def _table(bench: Workbench, hard: Sequence[Item], folder: Path) -> CandidateTable:
    """The readings of contested items with all their candidates."""
    candidates = [bench.inventory.candidates(item.lemma) for item in hard]
    asks = asks_of(hard, candidates)
    readings = kept_readings(bench.model, bench.inputs, asks, folder)
    return candidate_table(hard, candidates, readings)
