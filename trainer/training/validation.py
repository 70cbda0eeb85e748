"""The metric by which training keeps its best epoch and stops."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch

from trainer.data import Item
from trainer.data.dataset import seen_rows
from trainer.model.encoding import AddStates, encode_all
from trainer.objectives import Objective
from trainer.ranking.prediction import CosineScorer, ambiguous, predict
from trainer.settings import TrainSettings
from trainer.text.pieces import Tokenized
from trainer.training.components import Components
from trainer.training.dataset import grouped_batches, training_set
from trainer.training.reporting import Notify

StatesOf = Callable[[Sequence[Tokenized]], AddStates | None]
"""The states of those sentences, where the backbone is frozen."""
Validate = Callable[[Objective], float]
"""A number to be raised, under the objective as it stands."""


def validation_metric(
    components: Components,
    items: Sequence[Item],
    training: Sequence[Item],
    settings: TrainSettings,
    notify: Notify,
    states_of: StatesOf,
) -> Validate | None:
    """The stated validation metric; None where no item could decide it."""
    if settings.validation_metric == "loss":
        if not items:
            notify("no validation examples: training runs all its epochs")
            return None
        seen = seen_rows(training, components.inventory)
        return _negative_loss(components, items, seen, settings, states_of)
    hard = [item for item in items if len(components.inventory.senses(item.lemma)) > 1]
    if not hard:
        notify("no ambiguous validation examples: training runs all its epochs")
        return None
    return _accuracy(components, hard, states_of)


def _negative_loss(
    components: Components,
    items: Sequence[Item],
    seen: frozenset[int],
    settings: TrainSettings,
    states_of: StatesOf,
) -> Validate:
    """Minus the training loss per item, over batches as those of training, always the same."""
    model, inputs = components.model, components.inputs
    held_out = training_set(items, components.inventory, inputs, seen)
    batches = grouped_batches(held_out, settings).epoch(0)
    table, add_states = components.gloss_table(), states_of(held_out.tokenized)

    @torch.no_grad()
    def negative_loss(objective: Objective) -> float:
        vectors = encode_all(model, inputs, held_out.tokenized, add_states=add_states)
        total = 0.0
        for batch in batches:
            own = torch.from_numpy(vectors[batch]).to(model.device)
            loss = objective(own, held_out.joint(batch, model.device), table)
            total += float(loss) * len(batch)
        return -total / len(held_out)

    return negative_loss


def _accuracy(components: Components, hard: Sequence[Item], states_of: StatesOf) -> Validate:
    """The share of items whose gold sense has the highest cosine."""
    model, inputs, inventory = components.model, components.inputs, components.inventory
    tokenized = [inputs.tokenize(item.marked) for item in hard]
    add_states = states_of(tokenized)

    def wsd_accuracy(_: Objective) -> float:
        vectors = encode_all(model, inputs, tokenized, add_states=add_states)
        by_id = {item.item_id: vector for item, vector in zip(hard, vectors, strict=True)}
        scorer = CosineScorer(inventory, by_id, components.gloss_vectors)
        predictions = ambiguous(predict(scorer, hard, inventory))
        return sum(prediction.correct for prediction in predictions) / len(predictions)

    return wsd_accuracy
