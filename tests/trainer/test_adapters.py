"""Low-rank changes of a backbone: what they compute, learn, leave alone and keep."""

from __future__ import annotations

import copy
import shutil
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from pydantic import ValidationError
from safetensors.torch import load_file, save_file
from tiny_release import save_decoder, tiny_settings
from torch import Tensor, nn
from transformers import AutoModel, GPT2Config

from pipeline.publish.model import is_part_of_a_model
from schemas.errors import InputError, RunError, UsageError
from trainer.data import WsdData
from trainer.export.hub import write_hub_folder
from trainer.model.adapters import Adapters, adapted
from trainer.model.cross_encoder import CrossEncoderHead
from trainer.objectives import candidate_cross_entropy
from trainer.ranking import tune
from trainer.ranking.candidates import CandidateTable, candidate_table
from trainer.ranking.fusion import prior_fusion
from trainer.ranking.lexical import UsageModel
from trainer.ranking.pairs import encode_pairs, pairs_of, tokenized_pairs
from trainer.ranking.ranker import Ranker
from trainer.ranking.tune import follow, rate_at, reading_loss, tuned_adapters, tuning_batches
from trainer.saved.model_folder import SavedModel
from trainer.settings import TrainSettings
from trainer.storage import manifest
from trainer.training.components import Components, build_components
from trainer.training.run import train_model

LORA = {"batch_size": 6, "learning_rate": 1e-2, "average": 0.5}
RANKER: dict[str, Any] = {"layers": (1, 2), "epochs": 1, "tune": "lora", "lora": LORA}


class KilledError(Exception):
    """Stands for a process that is killed."""


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> TrainSettings:
    decoder = save_decoder(tmp_path_factory.mktemp("adapters") / "decoder")
    return tiny_settings(
        backbone=decoder, freeze_backbone=True, max_length=64, epochs=1, ranker=RANKER
    )


@pytest.fixture(scope="module")
def components(
    data: WsdData, settings: TrainSettings, tmp_path_factory: pytest.TempPathFactory
) -> Components:
    return build_components(data, settings, tmp_path_factory.mktemp("glosses"))


@pytest.fixture(scope="module")
def items(data: WsdData) -> list[Any]:
    return [i for i in data.split("train") if len(data.inventory.candidates(i.lemma)) > 1]


@pytest.fixture(scope="module")
def table(components: Components, data: WsdData, items: list[Any]) -> CandidateTable:
    own = [data.inventory.candidates(item.lemma) for item in items]
    features = encode_pairs(components.model, components.inputs, pairs_of(items, own))
    return candidate_table(items, own, features)


def filled(backbone: nn.Module) -> Adapters:
    """Adapters that change something."""
    torch.manual_seed(1)
    found = Adapters(backbone, 2, 4.0)
    for up in found.up.values():
        nn.init.normal_(up, std=0.3)
    return found


def states(backbone: nn.Module) -> Tensor:
    with torch.inference_mode():
        return backbone(input_ids=torch.arange(10)[None]).last_hidden_state  # type: ignore[no-any-return]


def head_of(components: Components) -> CrossEncoderHead:
    torch.manual_seed(2)
    return CrossEncoderHead(2 * 16 * 2, 8, 0.0, likelihood=True)


def test_they_are_on_all_linear_layers_and_fresh_ones_change_nothing(
    components: Components,
) -> None:
    backbone = components.model.backbone
    fresh = Adapters(backbone, 3, 6.0)
    kinds = {name.rpartition("/")[2] for name in fresh.down}
    assert kinds == {*(f"{k}_proj" for k in "qkvo"), "gate_proj", "up_proj", "down_proj"}
    assert len(fresh.down) == 2 * len(kinds)
    assert fresh.down["layers/0/mlp/down_proj"].shape == (3, 32)
    assert fresh.up["layers/0/mlp/down_proj"].shape == (16, 3)
    before = states(backbone)
    with adapted(backbone, fresh):
        assert torch.equal(states(backbone), before)


def test_they_compute_what_merged_weights_do_and_leave_the_backbone_as_it_was(
    components: Components, settings: TrainSettings
) -> None:
    backbone = components.model.backbone
    adapters, before = filled(backbone), states(backbone)
    with adapted(backbone, adapters):
        changed = states(backbone)
    assert torch.equal(states(backbone), before)
    assert (changed - before).abs().max() > 0.1
    merged = AutoModel.from_pretrained(settings.backbone).eval()
    with torch.no_grad():
        for name, down in adapters.down.items():
            linear = merged.get_submodule(name.replace("/", "."))
            linear.weight += adapters.up[name] @ down * 2.0
    assert torch.allclose(states(merged), changed, atol=1e-5, rtol=0)


def test_gradients_through_the_joint_reading_are_the_numeric_ones(
    components: Components, data: WsdData, items: list[Any], table: CandidateTable
) -> None:
    """The first layer's, along their gradients; fp64 but for Gemma's norms; items share rows."""
    model, head = copy.deepcopy(components.model).double().eval(), head_of(components).double()
    adapters = filled(model.backbone).double()
    group = [at for at, item in enumerate(items) if item.lemma == "bàn"][:4]
    own = [items[at] for at in group]
    among = [data.inventory.candidates("bàn")] * len(own)
    pairs = tokenized_pairs(components.inputs, pairs_of(own, among))

    def loss() -> Tensor:
        return reading_loss(model, components.inputs, head, pairs, table.rows(group))

    @torch.no_grad()
    def loss_at(parameter: Tensor, value: Tensor) -> float:
        parameter.copy_(value)
        return float(loss())

    with adapted(model.backbone, adapters):
        loss().backward()
        for name, parameter in adapters.named_parameters():
            gradient = parameter.grad
            assert gradient is not None
            size = float(gradient.norm())
            if size < 1e-3 or "layers/1" in name:
                continue
            value, step = parameter.detach().clone(), gradient / size * 1e-4
            slope = (loss_at(parameter, value + step) - loss_at(parameter, value - step)) / 2e-4
            assert slope == pytest.approx(size, rel=0.01, abs=1e-3), name
            loss_at(parameter, value)


def test_the_loss_is_that_of_the_head_on_features_read_before(
    components: Components, data: WsdData, items: list[Any], table: CandidateTable
) -> None:
    head = head_of(components).eval()
    group = [0, 1, 2, 3]
    rows = table.rows(group)
    own = [items[at] for at in group]
    among = [data.inventory.candidates(item.lemma) for item in own]
    pairs = tokenized_pairs(components.inputs, pairs_of(own, among))
    found = reading_loss(components.model.eval(), components.inputs, head, pairs, rows)
    scores = head(rows.states.float(), rows.likelihoods, rows.present)
    expected = candidate_cross_entropy(scores, rows.gold, rows.present & ~rows.ignored)
    assert float(found.detach()) == pytest.approx(float(expected.detach()), abs=2e-3)


def test_batches_take_every_item_once_and_lemmas_together() -> None:
    lemmas = ["a"] * 11 + ["b"] * 3 + ["c"] * 2
    rows = [i for i in range(16) if i != 4]
    found = tuning_batches(rows, lemmas, 6, 0)
    assert [len(batch) for batch in found] == [6, 6, 3]
    flat = [row for batch in found for row in batch]
    assert sorted(flat) == rows
    runs = [(lemma, len(list(own))) for lemma, own in groupby(flat, lambda row: lemmas[row])]
    assert sorted(runs) in (
        [("a", 2), ("a", 8), ("b", 3), ("c", 2)],
        [("a", 10), ("b", 3), ("c", 2)],
    )
    assert tuning_batches(rows, lemmas, 6, 0) == found != tuning_batches(rows, lemmas, 6, 1)


def test_the_rate_rises_over_a_tenth_and_falls_to_nothing() -> None:
    rates = [rate_at(step, 20) for step in range(20)]
    assert rates[:3] == [0.5, 1.0, pytest.approx(18 / 19)]
    assert rates == sorted(rates[:2]) + sorted(rates[2:], reverse=True)
    assert rates[-1] == pytest.approx(1 / 19)
    assert [rate_at(step, 1) for step in range(1)] == [1.0]


def test_the_mean_of_the_weights_by_hand() -> None:
    mean, own = nn.Linear(1, 1, bias=False), nn.Linear(1, 1, bias=False)
    with torch.no_grad():
        mean.weight.fill_(1.0)
        own.weight.fill_(3.0)
    follow(mean, own, 0.75)
    assert float(mean.weight.detach()) == 1.5


def ranker_of(components: Components) -> Ranker:
    return Ranker(
        components.model, components.inputs, components.inventory, components.gloss_vectors,
        prior_fusion(True, 10.0), UsageModel.of((), components.inventory.language),
    )  # fmt: skip


def test_tuning_lowers_the_loss_and_a_killed_one_ends_with_the_same_bits(
    components: Components,
    settings: TrainSettings,
    items: list[Any],
    table: CandidateTable,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ranker, before = ranker_of(components), states(components.model.backbone)
    monkeypatch.setattr(tune, "_CHECKPOINT_STEPS", 2)
    losses: list[float] = []

    def recorded(*of: Any) -> Tensor:
        found = reading_loss(*of)
        losses.append(float(found.detach()))
        return found

    monkeypatch.setattr(tune, "reading_loss", recorded)
    long = settings.model_copy(
        update={"ranker": settings.ranker.model_copy(
            update={"lora": settings.ranker.lora.model_copy(update={"epochs": 4})}
        )}
    )  # fmt: skip
    head = head_of(components)
    straight = tuned_adapters(ranker, head, items, table, long, tmp_path / "straight")
    n = len(losses)
    among = [components.inventory.candidates(item.lemma) for item in items]
    everything = tokenized_pairs(components.inputs, pairs_of(items, among))

    def loss(head: CrossEncoderHead, adapters: Adapters | None) -> float:
        with adapted(components.model.backbone, adapters), torch.no_grad():
            return float(reading_loss(components.model, components.inputs, head, everything, table))

    assert loss(head, straight) < loss(head, None) - 0.01
    assert loss(head, None) < loss(head_of(components), None) + 0.1
    assert torch.equal(states(components.model.backbone), before)

    def killed(*of: Any) -> Tensor:
        if len(losses) == n + n // 2:
            raise KilledError
        return recorded(*of)

    monkeypatch.setattr(tune, "reading_loss", killed)
    with pytest.raises(KilledError):
        tuned_adapters(ranker, head_of(components), items, table, long, tmp_path / "killed")
    assert not components.model.backbone.layers[0].mlp.up_proj._forward_hooks
    monkeypatch.setattr(tune, "reading_loss", recorded)
    losses.clear()
    again = tuned_adapters(ranker, head_of(components), items, table, long, tmp_path / "killed")
    assert len(losses) < n
    for name, value in straight.state_dict().items():
        assert torch.equal(again.state_dict()[name], value), name


def test_a_loss_that_is_no_number_stops_in_one_line(
    components: Components,
    settings: TrainSettings,
    items: list[Any],
    table: CandidateTable,
    tmp_path: Path,
) -> None:
    head = head_of(components)
    head.deviation.fill_(float("nan"))
    with pytest.raises(RunError, match="the loss of tuning became nan: lower learning_rate"):
        tuned_adapters(ranker_of(components), head, items, table, settings, tmp_path)


@pytest.fixture(scope="module")
def folder(
    data: WsdData, settings: TrainSettings, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A model whose tuned reading is kept: nothing in validation speaks against it."""
    own = data.having(item for item in data.items if item.split != "validation")
    place = tmp_path_factory.mktemp("tuned")
    return train_model(own, settings, place, notify=lambda _: None).folder


def test_a_trained_model_has_them_in_a_small_file_and_opens_with_them(
    folder: Path, data: WsdData, settings: TrainSettings
) -> None:
    saved = SavedModel.open(folder)
    assert saved.ranker.adapters is not None
    assert (folder / "adapters.safetensors").stat().st_size < 40_000
    assert not list(folder.parent.rglob("tuning.safetensors"))
    assert all(is_part_of_a_model(path.name) for path in folder.iterdir())  # to be published
    items = data.split("test_seen")
    candidates = [data.inventory.candidates(item.lemma) for item in items]
    own = saved.ranker.signals(items, candidates)
    without = Ranker(
        saved.ranker.model, saved.ranker.inputs, saved.ranker.inventory,
        saved.ranker.gloss_vectors, saved.ranker.fusion, saved.ranker.usage,
    ).signals(items, candidates)  # fmt: skip
    assert max(np.abs(a[:, 0] - b[:, 0]).max() for a, b in zip(own, without, strict=True)) > 1e-3
    for a, b in zip(own, without, strict=True):
        assert np.array_equal(a[:, 1:], b[:, 1:])


@pytest.mark.parametrize("what", ["nan", "missing", "shape"])
def test_adapters_that_do_not_fit_are_one_line(folder: Path, tmp_path: Path, what: str) -> None:
    own = tmp_path / "model"
    shutil.copytree(folder, own)
    path = own / "adapters.safetensors"
    values = load_file(path)
    name = next(iter(values))
    if what == "nan":
        values[name][0] = float("nan")
    elif what == "missing":
        del values[name]
    else:
        values[name] = values[name][:, :-1].contiguous()
    save_file(values, path, metadata={"rank": "8", "alpha": "16.0"})
    (own / manifest.MANIFEST).unlink()
    manifest.write_manifest(own, manifest.check_files(folder).identity)
    with pytest.raises(InputError, match="do not fit together") as raised:
        SavedModel.open(own)
    assert "\n" not in str(raised.value)


def test_what_cannot_be_tuned_is_said_before_anything_is_read(
    data: WsdData, tmp_path: Path
) -> None:
    with pytest.raises(ValidationError, match="tune 'lora' is for the cross-encoder"):
        tiny_settings(ranker={"tune": "lora", "cross_encoder": False})
    with pytest.raises(UsageError, match="which this backbone has not: set cross_encoder = true"):
        train_model(data, tiny_settings(ranker={"tune": "lora"}), tmp_path, notify=lambda _: None)
    model = AutoModel.from_config(GPT2Config(n_embd=16, n_layer=1, n_head=2, vocab_size=50))
    with pytest.raises(UsageError, match="GPT2Model has no linear layers to tune"):
        Adapters(model, 8, 16.0)


def test_an_exported_folder_has_the_backbone_as_it_was(
    folder: Path, settings: TrainSettings, tmp_path: Path
) -> None:
    """The reading stays at home, and what it learned changes no sense vector."""
    write_hub_folder(SavedModel.open(folder), tmp_path, None)
    exported, original = load_file(tmp_path / "model.safetensors"), AutoModel.from_pretrained
    assert not [name for name in exported if "adapters" in name or "cross_encoder" in name]
    for name, value in original(settings.backbone).state_dict().items():
        assert torch.equal(exported[f"backbone.{name}"], value), name
    assert not (tmp_path / "adapters.safetensors").exists()
