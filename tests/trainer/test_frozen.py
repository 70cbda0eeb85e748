"""A frozen backbone's states: the same vectors and weights as without them, computed once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_release import tiny_settings

from trainer.data import WsdData
from trainer.model.encoding import encode_all, mean_states
from trainer.settings import TrainSettings
from trainer.storage import parts
from trainer.training import frozen
from trainer.training.components import Components, build_components
from trainer.training.frozen import frozen_states, targets_of
from trainer.training.run import train_model

BIG = 1e12


def settings_of(backbone: str, **changes: object) -> TrainSettings:
    return tiny_settings(backbone=backbone, freeze_backbone=True, epochs=2, **changes)


@pytest.fixture
def components(data: WsdData, tmp_path: Path, decoder: str) -> Components:
    return build_components(data, settings_of(decoder), tmp_path / "glosses")


@pytest.mark.parametrize("dtype", ["fp32", "bf16"])
def test_vectors_are_those_of_the_backbone_itself(
    data: WsdData, tmp_path: Path, decoder: str, dtype: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In several files, of which the last is short."""
    monkeypatch.setattr(parts, "ROWS", 5)
    components = build_components(
        data, settings_of(decoder, backbone_dtype=dtype), tmp_path / "glosses"
    )
    tokenized = [components.inputs.tokenize(item.marked) for item in data.items]
    known = frozen_states(components, tokenized, tmp_path / "states", BIG, print)
    assert known is not None
    assert len(known.parts.paths) == -(-len(tokenized) // 5) > 1
    for at in (0, 4, 5, len(tokenized) - 1):
        batch = components.inputs.batch([tokenized[at]])
        alone = components.model.states(batch.input_ids, batch.attention_mask)
        stored = known.joined(batch, [at]).states
        assert stored is not None
        assert stored.dtype is {"fp32": torch.float32, "bf16": torch.bfloat16}[dtype]
        tolerance = {"fp32": 1e-5, "bf16": 0.05}[dtype]
        assert torch.allclose(stored.float(), alone, atol=tolerance)
    asked = (components.model, components.inputs, tokenized)
    for batch_size in (1, 7):
        with_states = encode_all(*asked, batch_size, known.joined)
        assert np.allclose(with_states, encode_all(*asked, batch_size), atol=tolerance)


def test_the_backbone_reads_each_sentence_once(
    data: WsdData, tmp_path: Path, decoder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two epochs, one reading; the kept files are gone when the training is done."""
    asked: list[int] = []
    original = frozen._computed

    def counted(components, tokenized, dtype, done):  # type: ignore[no-untyped-def]
        asked.append(len(tokenized))
        return original(components, tokenized, dtype, done)

    monkeypatch.setattr(frozen, "_computed", counted)
    train_model(data, settings_of(decoder), tmp_path, lambda _: None)
    hard = [i for i in data.split("validation") if len(data.inventory.senses(i.lemma)) > 1]
    assert sorted(asked) == sorted([len(data.split("train")), len(hard)])
    assert not (tmp_path / "training" / "states").exists()


def test_training_ends_with_the_same_weights_as_without_cached_states(
    data: WsdData, tmp_path: Path, decoder: str
) -> None:
    said: list[str] = []
    folders = [
        train_model(data, settings_of(decoder), tmp_path / "kept", lambda _: None).folder,
        train_model(
            data, settings_of(decoder, kept_states_gb=0.0), tmp_path / "anew", said.append
        ).folder,
    ]
    assert any("reads all sentences again in every epoch" in line for line in said)
    from safetensors.torch import load_file

    kept, anew = (load_file(folder / "model.safetensors") for folder in folders)
    assert kept.keys() == anew.keys()
    for name, value in kept.items():
        assert torch.allclose(value, anew[name], atol=1e-4), name


def test_a_killed_reading_goes_on_at_its_last_file(
    data: WsdData, components: Components, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "ROWS", 4)
    tokenized = [components.inputs.tokenize(item.marked) for item in data.items]
    first = frozen_states(components, tokenized, tmp_path / "states", BIG, print)
    assert first is not None
    first.parts.paths[1].unlink()
    times = {path: path.stat().st_mtime_ns for path in first.parts.paths if path.exists()}
    again = frozen_states(components, tokenized, tmp_path / "states", BIG, print)
    assert again is not None
    assert again.parts.paths == first.parts.paths
    assert {path: path.stat().st_mtime_ns for path in times} == times
    assert again.parts.paths[1].exists()


def test_other_weights_have_other_states(
    data: WsdData, components: Components, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tokenized = [components.inputs.tokenize(data.items[0].marked)]
    one = frozen_states(components, tokenized, tmp_path / "states", BIG, print)
    with torch.no_grad():
        next(components.model.backbone.parameters()).add_(1.0)
    other = frozen_states(components, tokenized, tmp_path / "states", BIG, print)
    assert one is not None
    assert other is not None
    assert one.parts.paths != other.parts.paths
    assert "reads 1 sentences once" in capsys.readouterr().out
    assert frozen_states(components, [], tmp_path / "states", BIG, print) is None


@pytest.mark.parametrize("kept", [True, False])
def test_the_head_sees_standardised_states(
    components: Components, data: WsdData, tmp_path: Path, kept: bool
) -> None:
    """Mean 0 and deviation 1 over the training targets, whether states are kept or not."""
    tokenized = [components.inputs.tokenize(item.marked) for item in data.items]
    known = frozen_states(components, tokenized, tmp_path, BIG, print) if kept else None
    targets = targets_of(components, tokenized, known)
    assert targets.shape == (len(tokenized), 16)
    assert np.allclose(
        targets, mean_states(components.model, components.inputs, tokenized), atol=1e-5
    )
    components.model.standardise(targets)
    scaled = (targets - components.model.centre) / components.model.spread
    assert torch.allclose(scaled.mean(dim=0), torch.zeros(16), atol=1e-4)
    assert torch.allclose(scaled.std(dim=0, correction=0), torch.ones(16), atol=1e-3)
