"""The metric by which training keeps its best epoch."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch
from tiny_release import tiny_settings

from trainer.data import WsdData
from trainer.data.dataset import seen_rows
from trainer.model.encoding import encode_all
from trainer.objectives import JointBatch, Objective
from trainer.settings import ObjectiveSettings
from trainer.training.components import build_components
from trainer.training.dataset import training_set
from trainer.training.validation import validation_metric


def test_the_loss_is_that_of_the_objective_as_it_is_trained(data: WsdData, tmp_path: Path) -> None:
    """Its temperature is learned; validation used to take a fresh one."""
    settings = tiny_settings(validation_metric="loss", batch_size=64)
    components = build_components(data, settings, tmp_path)
    items, training = data.split("validation"), data.split("train")
    validate = validation_metric(components, items, training, settings, print, lambda _: None)
    assert validate is not None
    objective = Objective(settings.objective)
    values = []
    for temperature in (0.1, 1.0):
        with torch.no_grad():
            objective.log_scale.fill_(math.log(1 / temperature))
            held_out = training_set(
                items,
                data.inventory,
                components.inputs,
                seen_rows(training, data.inventory),
            )
            vectors = encode_all(components.model, components.inputs, held_out.tokenized)
            whole = held_out.joint(range(len(held_out)), components.model.device)
            expected = objective(torch.from_numpy(vectors), whole, components.gloss_table())
        assert validate(objective) == pytest.approx(-float(expected), abs=1e-5)
        values.append(float(expected))
    assert values[0] != pytest.approx(values[1], abs=0.05)


def test_the_loss_is_taken_in_batches_and_weighs_items(
    data: WsdData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No batch is larger than in training: all of validation at once was n x n numbers."""
    settings = tiny_settings(
        validation_metric="loss", batch_size=4, objective=ObjectiveSettings(name="structure_only")
    )
    components = build_components(data, settings, tmp_path)
    items = data.split("validation")
    assert len(items) % 4
    validate = validation_metric(components, items, items, settings, print, lambda _: None)
    assert validate is not None
    seen: list[tuple[int, float]] = []
    original = Objective.forward

    def recorded(self: Objective, contexts: torch.Tensor, *rest: object) -> torch.Tensor:
        loss = original(self, contexts, *rest)  # type: ignore[arg-type]
        seen.append((len(contexts), float(loss)))
        return loss

    monkeypatch.setattr(Objective, "forward", recorded)
    value = validate(Objective(settings.objective))
    assert max(n for n, _ in seen) == 4
    assert sum(n for n, _ in seen) == len(items)
    assert value == pytest.approx(-sum(n * loss for n, loss in seen) / len(items))
    assert validate(Objective(settings.objective)) == value, "the batches are always the same"


def test_without_examples_there_is_no_metric(data: WsdData, tmp_path: Path) -> None:
    settings = tiny_settings()
    components = build_components(data, settings, tmp_path)
    for metric, said in (("loss", "no validation"), ("wsd_accuracy", "no ambiguous validation")):
        heard: list[str] = []
        own = settings.model_copy(update={"validation_metric": metric})
        assert validation_metric(components, (), (), own, heard.append, lambda _: None) is None
        assert heard == [f"{said} examples: training runs all its epochs"]


def test_candidate_logits_are_divided_by_the_temperature() -> None:
    """By hand: cosines 1 and 0 at temperature 0.5 are logits 2 and 0."""
    from trainer.objectives import GlossTable

    table = GlossTable(torch.tensor([[1.0, 0.0], [0.0, 1.0]]), torch.arange(2))
    batch = JointBatch(torch.tensor([0]), torch.tensor([[0, 1]]))
    objective = Objective(ObjectiveSettings(name="candidates", temperature=0.5))
    loss = objective(torch.tensor([[3.0, 0.0]]), batch, table)
    assert loss.item() == pytest.approx(math.log(1 + math.exp(-2)), abs=1e-6)
