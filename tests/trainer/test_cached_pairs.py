"""Features of pairs are computed once, whatever kills the run, and never mistaken for others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_release import VI, tiny_settings

from schemas.errors import InputError
from trainer.data import Inventory, WsdData
from trainer.ranking import pairs as pairs_module
from trainer.ranking.pairs import (
    GlossPair,
    PairFeatures,
    cached_pair_features,
    encode_pairs,
    pairs_of,
)
from trainer.training.components import Components, build_components
from trainer.training.run import train_model


class KilledError(Exception):
    """Stands for a process that is killed."""


@pytest.fixture
def components(data: WsdData, tmp_path: Path, decoder: str) -> Components:
    return build_components(data, tiny_settings(backbone=decoder), tmp_path / "glosses")


@pytest.fixture
def pairs(data: WsdData) -> list[GlossPair]:
    return pairs_of(data.items, [data.inventory.candidates(i.lemma) for i in data.items])


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many pairs each reading had; files are of seven pairs."""
    sizes: list[int] = []

    def counted(  # type: ignore[no-untyped-def]
        model, inputs, part: Sequence[GlossPair], *more
    ) -> PairFeatures:
        sizes.append(len(part))
        return encode_pairs(model, inputs, part, *more)

    monkeypatch.setattr(pairs_module, "encode_pairs", counted)
    monkeypatch.setattr(pairs_module, "_PAIRS", 7)
    return sizes


def test_they_are_those_of_one_reading(
    components: Components, pairs: list[GlossPair], tmp_path: Path, read: list[int]
) -> None:
    found = cached_pair_features(components.model, components.inputs, pairs, tmp_path)
    whole = encode_pairs(components.model, components.inputs, pairs)
    assert read == [7] * (len(pairs) // 7) + [len(pairs) % 7] * (len(pairs) % 7 > 0)
    assert np.allclose(found.states, whole.states, atol=2e-3)
    assert np.allclose(found.likelihoods, whole.likelihoods, atol=1e-4)


def test_a_second_run_reads_only_what_is_missing(
    components: Components, pairs: list[GlossPair], tmp_path: Path, read: list[int]
) -> None:
    first = cached_pair_features(components.model, components.inputs, pairs, tmp_path)
    sorted(tmp_path.rglob("*.npz"))[1].unlink()
    read.clear()
    again = cached_pair_features(components.model, components.inputs, pairs, tmp_path)
    assert read == [7]
    assert np.array_equal(first.states, again.states)
    assert np.array_equal(first.likelihoods, again.likelihoods)


@pytest.mark.parametrize(
    "what", ["weights", "gloss", "layers", "length", "vocabulary", "segmenter"]
)
def test_other_readings_are_taken_anew(
    components: Components, pairs: list[GlossPair], tmp_path: Path, read: list[int], what: str
) -> None:
    cached_pair_features(components.model, components.inputs, pairs, tmp_path)
    read.clear()
    if what == "weights":
        with torch.no_grad():
            next(components.model.backbone.parameters()).add_(0.5)
    elif what == "gloss":
        pairs[0] = (pairs[0][0], replace(pairs[0][1], gloss="một nghĩa khác"))
    elif what == "layers":
        components.model.config.cross_encoder_layers = [1]
    elif what == "segmenter":
        components.model.config.segmenter = "language"
    elif what == "length":
        components.inputs.max_length -= 1
    else:
        components.model.vocabulary[0] += 1
    cached_pair_features(components.model, components.inputs, pairs, tmp_path)
    assert sum(read) == len(pairs)


@pytest.mark.parametrize("content", [b"PK nothing", b"PK\x03\x04", b""])
def test_a_damaged_file_is_named(
    components: Components, pairs: list[GlossPair], tmp_path: Path, read: list[int], content: bytes
) -> None:
    cached_pair_features(components.model, components.inputs, pairs, tmp_path)
    damaged = sorted(tmp_path.rglob("*.npz"))[0]
    damaged.write_bytes(content)
    with pytest.raises(InputError, match=f"{damaged.name}: damaged"):
        cached_pair_features(components.model, components.inputs, pairs, tmp_path)


def test_nothing_to_read(components: Components, tmp_path: Path) -> None:
    found = cached_pair_features(components.model, components.inputs, [], tmp_path)
    assert found.states.shape[0] == found.likelihoods.shape[0] == 0


def test_a_training_killed_while_it_reads_goes_on_there_and_leaves_no_files(
    data: WsdData, tmp_path: Path, decoder: str, read: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    data = WsdData(Inventory(data.inventory.entries, VI), data.items)
    settings = tiny_settings(backbone=decoder, epochs=1)
    folder, counted = tmp_path / "run", pairs_module.encode_pairs

    def killed(*of: object) -> PairFeatures:
        if len(read) == 2:
            raise KilledError
        return counted(*of)  # type: ignore[arg-type]

    with monkeypatch.context() as patch, pytest.raises(KilledError):
        patch.setattr(pairs_module, "encode_pairs", killed)
        train_model(data, settings, folder, notify=lambda _: None)
    assert len(list(folder.rglob("*.npz"))) == 2
    before = sum(read)
    train_model(data, settings, folder, notify=lambda _: None)
    straight = len(read)
    read.clear()
    train_model(data, settings, tmp_path / "straight", notify=lambda _: None)
    assert before == 14
    assert len(read) == straight
    assert not list(folder.rglob("*.npz"))
