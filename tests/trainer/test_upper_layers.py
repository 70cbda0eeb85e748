"""A backbone of which only the upper layers learn."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from pydantic import ValidationError
from tiny_release import tiny_settings
from torch import Tensor, nn
from transformers import (
    AutoModel,
    BertConfig,
    DebertaV2Config,
    Gemma3TextConfig,
    PreTrainedConfig,
    XLMRobertaConfig,
)

from schemas.errors import UsageError
from trainer.data import WsdData
from trainer.evaluation.bem import BemScorer
from trainer.model import ViConBERT
from trainer.model.layers import train_upper_layers
from trainer.training.components import build_components
from trainer.training.run import train_model

SIZES = {
    "hidden_size": 8,
    "num_hidden_layers": 3,
    "num_attention_heads": 2,
    "intermediate_size": 16,
    "vocab_size": 50,
}
BACKBONES = [
    BertConfig(**SIZES),
    XLMRobertaConfig(**SIZES),
    DebertaV2Config(**SIZES),
    Gemma3TextConfig(**SIZES, head_dim=4, num_key_value_heads=1),
]


def moved(before: dict[str, Tensor], after: dict[str, Tensor]) -> set[str]:
    """The layers, by number, and other parts whose weights differ."""
    changed = {name for name, old in before.items() if not torch.equal(old, after[name])}
    numbers = [[part for part in name.split(".") if part.isdigit()] for name in changed]
    return {own[0] if own else "outside" for own in numbers}


@pytest.mark.parametrize("config", BACKBONES, ids=lambda c: type(c).__name__)
@pytest.mark.parametrize(
    ("layer", "n_layers", "expected"),
    [
        (-1, 1, {"2"}),
        (-1, 3, {"0", "1", "2"}),
        (2, 1, {"1"}),
        (2, 2, {"0", "1"}),
        (3, 2, {"1", "2"}),
    ],
)
def test_a_step_changes_the_layers_right_under_the_states_and_nothing_else(
    config: PreTrainedConfig, layer: int, n_layers: int, expected: set[str]
) -> None:
    torch.manual_seed(0)
    backbone = AutoModel.from_config(config)
    train_upper_layers(backbone, n_layers, layer)
    before = {name: value.clone() for name, value in backbone.state_dict().items()}
    learning = [p for p in backbone.parameters() if p.requires_grad]
    optimiser = torch.optim.SGD(learning, lr=1.0)
    ids = torch.arange(12).view(2, 6) + 4
    states = backbone(input_ids=ids, output_hidden_states=True).hidden_states[layer]
    states.square().sum().backward()
    optimiser.step()
    assert moved(before, backbone.state_dict()) == expected


def test_more_layers_than_lie_under_the_states_are_refused() -> None:
    backbone = AutoModel.from_config(BACKBONES[0])
    with pytest.raises(UsageError, match="trained_layers is 3, but only 2 layers"):
        train_upper_layers(backbone, 3, 2)


def test_a_backbone_without_layers_is_refused() -> None:
    with pytest.raises(UsageError, match="no layers were found in a backbone of type Linear"):
        train_upper_layers(nn.Linear(2, 2), 1, -1)


@pytest.mark.parametrize(
    "changes",
    [{"trained_layers": 1}, {"trained_layers": 1, "backbone": "x", "freeze_backbone": True}],
)
def test_layers_of_a_frozen_backbone_or_of_a_small_one_are_refused(
    changes: dict[str, object],
) -> None:
    with pytest.raises(ValidationError, match="trained_layers is for a pretrained backbone"):
        tiny_settings(**changes)


def test_training_changes_the_upper_layer_alone_on_standardised_states(
    data: WsdData, tmp_path: Path, decoder: str
) -> None:
    """The head sees states that are standardised, as over a frozen backbone."""
    settings = tiny_settings(backbone=decoder, trained_layers=1, epochs=2)
    trained = train_model(data, settings, tmp_path, notify=lambda _: None)
    model = ViConBERT.from_pretrained(trained.folder)
    untrained = AutoModel.from_pretrained(decoder)
    assert moved(untrained.state_dict(), model.backbone.state_dict()) == {"1"}
    assert float(model.spread.std()) > 0.0


def test_the_bi_encoder_trains_the_same_layers_on_both_sides(
    data: WsdData, tmp_path: Path, decoder: str
) -> None:
    settings = tiny_settings(backbone=decoder, trained_layers=1)
    components = build_components(data, settings, tmp_path)
    bem = BemScorer(components, settings)
    before = {k: v.clone() for k, v in components.model.backbone.state_dict().items()}
    bem.train(data.split("train"), epochs=1)
    assert moved(before, bem._contexts.state_dict()) == {"1"}
    assert moved(before, bem._glosses.state_dict()) == {"1"}
    assert float(bem._scales[0][1].std()) > 0.0
