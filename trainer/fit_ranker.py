"""From a trained encoder to a ranker: the reading head, and the weights of the signals."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch

from schemas.ids import content_digest
from trainer.data import Inventory, Item
from trainer.objectives import Objective, echoes
from trainer.ranking.fit_reading import fit_reading
from trainer.ranking.fusion import fit_fusion, prior_fusion
from trainer.ranking.ranker import Ranker, gold_column
from trainer.ranking.readings import read_pairs
from trainer.ranking.tables import CandidateTable, candidate_table
from trainer.ranking.usage import UsageModel
from trainer.settings import TrainSettings
from trainer.training.examples import padded_rows, taught_rows, untaught
from trainer.workbench import Workbench

Talk = Callable[[str], None]


def fit_ranker(
    bench: Workbench,
    objective: Objective,
    items: tuple[Item, ...],
    validation: tuple[Item, ...],
    settings: TrainSettings,
    talk: Talk,
) -> tuple[Ranker, float | None]:
    """The ranker of a trained encoder, and the reading head's validation accuracy if it has one.

    The reading head learns from the training items, the weights of the signals from validation.
    """
    model, inventory = bench.model, bench.inventory
    taught = taught_rows(items, inventory)
    reached = None
    if model.reading is not None:
        talk("reading glosses together with sentences")
        sampled = _sampled(items, settings.ranker.max_items)
        table = _table(bench, sampled)
        reached = fit_reading(
            model.reading.cpu(),
            table.sparing(_spared(bench, sampled, taught, settings)),
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
    at = _weighing(inventory, validation, taught)
    fusion = fit_fusion([signals[i] for i in at], [gold[i] for i in at], prior)
    talk(
        f"weights: reading {fusion.reading:.3g}, cosine {fusion.cosine:.3g}, "
        f"overlap {fusion.overlap:.3g}, usage {fusion.usage:.3g}"
    )
    return ranker.weighing(fusion), reached


def _weighing(
    inventory: Inventory, validation: Sequence[Item], taught: frozenset[int]
) -> list[int]:
    """The validation items whose outcomes weigh the signals.

    Where validation shows taught senses alone, as a release's does, a lemma with an untaught one
    could only show that untaught senses are never meant: it is left out.
    """
    shown = {inventory.row_of[i.synset_id] for i in validation if i.synset_id in inventory.row_of}
    if not shown <= taught:
        return list(range(len(validation)))
    return [
        at
        for at, item in enumerate(validation)
        if taught.issuperset(inventory.candidate_rows(item.lemma))
    ]


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
