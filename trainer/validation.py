"""The metric by which training keeps its best epoch and stops."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch

from trainer.data import Item
from trainer.encoding import Known, placed_vectors
from trainer.evaluation.scorers import VectorScorer
from trainer.evaluation.wsd import ambiguous, disambiguate_items
from trainer.objectives import Objective
from trainer.settings import TrainSettings
from trainer.text.pieces import Placed
from trainer.training.examples import TrainingSet, training_set
from trainer.training.standing import Talk
from trainer.workbench import Workbench

KnownOf = Callable[[Sequence[Placed]], Known | None]
"""The states of those sentences, where the backbone is frozen."""


def validation_metric(
    bench: Workbench,
    items: tuple[Item, ...],
    taught: frozenset[int],
    settings: TrainSettings,
    talk: Talk,
    known_of: KnownOf,
) -> Callable[[], float] | None:
    """The stated validation metric, to be raised; None where no item could decide it."""
    inventory = bench.inventory
    if settings.validation_metric == "loss":
        if not items:
            talk("no validation examples: training runs all its epochs")
            return None
        held: TrainingSet = training_set(items, inventory, bench.inputs, taught)
        objective = Objective(settings.objective).to(bench.model.device)
        table, known = bench.gloss_table(), known_of(held.placed)

        def negative_loss() -> float:
            vectors = placed_vectors(bench.model, bench.inputs, held.placed, known=known)
            joint = held.joint(range(len(held)), bench.model.device)
            found = torch.from_numpy(vectors).to(bench.model.device)
            return -float(objective(found, joint, table).detach())

        return negative_loss
    hard = [item for item in items if len(inventory.senses(item.lemma)) > 1]
    if not hard:
        talk("no ambiguous validation examples: training runs all its epochs")
        return None
    placed = [bench.inputs.place(item.marked) for item in hard]
    known = known_of(placed)

    def wsd_accuracy() -> float:
        vectors = placed_vectors(bench.model, bench.inputs, placed, known=known)
        by_id = {item.item_id: vector for item, vector in zip(hard, vectors, strict=True)}
        scorer = VectorScorer(inventory, by_id, bench.gloss_vectors)
        outcomes = ambiguous(disambiguate_items(scorer, hard, inventory))
        return sum(outcome.correct for outcome in outcomes) / len(outcomes)

    return wsd_accuracy
