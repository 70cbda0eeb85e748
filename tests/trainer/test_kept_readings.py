"""Readings are taken once, whatever kills the run, and never mistaken for others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_release import tiny_settings

from schemas.errors import InputError
from trainer.data import Inventory, WsdData
from trainer.ranking import kept
from trainer.ranking.kept import kept_readings
from trainer.ranking.readings import Ask, Readings, asks_of, read_pairs
from trainer.run import train_model
from trainer.workbench import Workbench, make_workbench


class KilledError(Exception):
    """Stands for a process that is killed."""


@pytest.fixture
def bench(data: WsdData, tmp_path: Path, decoder: str) -> Workbench:
    return make_workbench(data, tiny_settings(backbone=decoder), tmp_path / "glosses")


@pytest.fixture
def asks(data: WsdData) -> list[Ask]:
    return asks_of(data.items, [data.inventory.candidates(i.lemma) for i in data.items])


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many pairs each reading had; files are of seven pairs."""
    sizes: list[int] = []

    def counted(model, inputs, part: Sequence[Ask], done) -> Readings:  # type: ignore[no-untyped-def]
        sizes.append(len(part))
        return read_pairs(model, inputs, part, done)

    monkeypatch.setattr(kept, "read_pairs", counted)
    monkeypatch.setattr(kept, "_PAIRS", 7)
    return sizes


def test_they_are_those_of_one_reading(
    bench: Workbench, asks: list[Ask], tmp_path: Path, read: list[int]
) -> None:
    found = kept_readings(bench.model, bench.inputs, asks, tmp_path)
    whole = read_pairs(bench.model, bench.inputs, asks)
    assert read == [7] * (len(asks) // 7) + [len(asks) % 7] * (len(asks) % 7 > 0)
    assert np.allclose(found.states, whole.states, atol=2e-3)
    assert np.allclose(found.likelihoods, whole.likelihoods, atol=1e-4)


def test_a_second_run_reads_only_what_is_missing(
    bench: Workbench, asks: list[Ask], tmp_path: Path, read: list[int]
) -> None:
    first = kept_readings(bench.model, bench.inputs, asks, tmp_path)
    sorted(tmp_path.rglob("*.npz"))[1].unlink()
    read.clear()
    again = kept_readings(bench.model, bench.inputs, asks, tmp_path)
    assert read == [7]
    assert np.array_equal(first.states, again.states)
    assert np.array_equal(first.likelihoods, again.likelihoods)


@pytest.mark.parametrize("what", ["weights", "gloss", "layers", "length", "vocabulary"])
def test_other_readings_are_taken_anew(
    bench: Workbench, asks: list[Ask], tmp_path: Path, read: list[int], what: str
) -> None:
    kept_readings(bench.model, bench.inputs, asks, tmp_path)
    read.clear()
    if what == "weights":
        with torch.no_grad():
            next(bench.model.backbone.parameters()).add_(0.5)
    elif what == "gloss":
        asks[0] = (asks[0][0], replace(asks[0][1], gloss="một nghĩa khác"))
    elif what == "layers":
        bench.model.config.reading_layers = [1]
    elif what == "length":
        bench.inputs.max_length -= 1
    else:
        bench.model.vocabulary[0] += 1
    kept_readings(bench.model, bench.inputs, asks, tmp_path)
    assert sum(read) == len(asks)


@pytest.mark.parametrize("content", [b"PK nothing", b"PK\x03\x04", b""])
def test_a_damaged_file_is_named(
    bench: Workbench, asks: list[Ask], tmp_path: Path, read: list[int], content: bytes
) -> None:
    kept_readings(bench.model, bench.inputs, asks, tmp_path)
    damaged = sorted(tmp_path.rglob("*.npz"))[0]
    damaged.write_bytes(content)
    with pytest.raises(InputError, match=f"{damaged.name}: damaged"):
        kept_readings(bench.model, bench.inputs, asks, tmp_path)


def test_nothing_to_read(bench: Workbench, tmp_path: Path) -> None:
    found = kept_readings(bench.model, bench.inputs, [], tmp_path)
    assert found.states.shape[0] == found.likelihoods.shape[0] == 0


def test_a_training_killed_while_it_reads_goes_on_there_and_leaves_no_files(
    data: WsdData, tmp_path: Path, decoder: str, read: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    data = WsdData(Inventory(data.inventory.entries), data.items)
    settings = tiny_settings(backbone=decoder, epochs=1)
    folder, counted = tmp_path / "run", kept.read_pairs

    def killed(*of: object) -> Readings:
        if len(read) == 2:
            raise KilledError
        return counted(*of)  # type: ignore[arg-type]

    with monkeypatch.context() as patch, pytest.raises(KilledError):
        patch.setattr(kept, "read_pairs", killed)
        train_model(data, settings, folder, talk=lambda _: None)
    assert len(list(folder.rglob("*.npz"))) == 2
    before = sum(read)
    train_model(data, settings, folder, talk=lambda _: None)
    straight = len(read)
    read.clear()
    train_model(data, settings, tmp_path / "straight", talk=lambda _: None)
    assert before == 14
    assert len(read) == straight
    assert not list(folder.rglob("*.npz"))
