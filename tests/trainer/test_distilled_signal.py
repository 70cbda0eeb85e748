"""Distilled meanings in a trained model: a signal of its ranker, the query of its attention."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_release import VI, tiny_settings

from pipeline.publish.model import check_model
from pipeline.publish.scan import Needles
from schemas.errors import InputError, UsageError
from trainer.data import Inventory, InventoryEntry, Item, WsdData
from trainer.distil.run import train_distiller
from trainer.meanings.model import DistilledModel
from trainer.model.vicon import masked_mean
from trainer.ranking.fusion import Fusion, fit_fusion
from trainer.ranking.sense_meanings import SenseMeanings, Vectors
from trainer.saved.model_folder import SavedModel
from trainer.settings import DistilSettings, RankerSettings
from trainer.text.inputs import MarkedSentence
from trainer.training.run import is_trained, train_model

MEANING = {"a1": (3, 4), "a2": (4, 3), "b1": (0, -2), "x": (1, 0)}


def item(name: str, synset: str, lemma: str = "đường") -> Item:
    return Item(name, synset, synset, lemma, "noun", lemma, 0, len(lemma), "train")


def inventory(*synsets: str) -> Inventory:
    entries = (InventoryEntry(s, s, "đường", "noun", f"nghĩa {s}") for s in synsets)
    return Inventory([*entries, InventoryEntry("y", "y", "mèo", "noun", "thú")], VI)


def meaning_of(sentences: list[MarkedSentence]) -> Vectors:
    return np.array([MEANING[marked.row] for marked in sentences], dtype=np.float32)


def test_a_sense_is_what_its_sentences_mean_and_counts_above_those_of_its_word() -> None:
    taught = [item("a1", "a"), item("b1", "b"), item("a2", "a"), item("x", "y", "mèo")]
    meanings = SenseMeanings.of(taught, meaning_of([i.marked for i in taught]), meaning_of)
    half = 0.5**0.5
    assert meanings.centres["a"] == pytest.approx([half, half], abs=1e-6)
    assert meanings.centres["b"] == pytest.approx([0, -1])
    asked = [item("x", "?"), item("x", "?", "mèo")]
    words = inventory("a", "b", "c")
    found = meanings.scores(asked, [words.candidates(i.lemma) for i in asked])
    # the cosines are 0.707 and 0; c has no sentences, and of mèo there is one sense alone
    assert found[0] == pytest.approx([half / 2, -half / 2, 0], abs=1e-6)
    assert found[1].tolist() == [0]


def test_what_it_can_tell_nothing_of_is_not_read() -> None:
    def never(_: list[MarkedSentence]) -> Vectors:
        raise AssertionError

    meanings = SenseMeanings(never, {"y": np.ones(2, np.float32)})
    words = inventory("a", "b")
    asked = [item("x", "?"), item("x", "?", "mèo")]
    found = meanings.scores(asked, [words.candidates(i.lemma) for i in asked])
    assert [own.tolist() for own in found] == [[0, 0], [0]]


def test_the_weight_is_that_which_validation_shows() -> None:
    """Where the meaning alone is right, it gets the weight; without it nothing is different."""
    rng = np.random.default_rng(0)
    gold = rng.integers(0, 3, size=60).tolist()
    signals = [rng.normal(size=(3, 6)).astype(np.float32) for _ in gold]
    for own, right in zip(signals, gold, strict=True):
        own[:, 4] = 0.1 * own[:, 4]
        own[right, 4] += 1
    prior = Fusion(0.0, 1.0, 0.1, distilled=1.0)
    found = fit_fusion(signals, gold, prior)
    right = [int(np.argmax(found.combine(s))) == g for s, g in zip(signals, gold, strict=True)]
    assert all(right)
    for own in signals:
        own[:, 4] = 0
    assert fit_fusion(signals, gold, prior).distilled == 0
    assert fit_fusion(signals, gold, prior) == fit_fusion(signals, gold, Fusion(0.0, 1.0, 0.1))


@pytest.fixture(scope="module")
def run_folder(data: WsdData, decoder: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with a distilled model, and a small encoder that has it as a signal."""
    folder = tmp_path_factory.mktemp("run")
    train_distiller(data, DistilSettings(), decoder, folder, lambda _: None)
    train_model(data, settings(), folder, lambda _: None)
    return folder


def settings():  # type: ignore[no-untyped-def]
    return tiny_settings(epochs=1, ranker=RankerSettings(distilled=True))


def test_a_model_keeps_the_meanings_and_ranks_by_them(run_folder: Path, data: WsdData) -> None:
    ranker = SavedModel.open(run_folder / "model").ranker
    assert ranker.meanings is not None
    assert set(ranker.meanings.centres) == {i.synset_id for i in data.split("train")}
    items = data.split("validation")
    candidates = [data.inventory.candidates(item.lemma) for item in items]
    assert ranker.fusion.distilled > 0
    signals = ranker.signals(items, candidates)
    expected = ranker.meanings.scores(items, candidates)
    assert any(own.any() for own in expected)
    for table, own in zip(signals, expected, strict=True):
        assert table[:, 4].tolist() == own.tolist()


def test_another_distilled_model_makes_another_model(
    run_folder: Path, data: WsdData, tmp_path: Path
) -> None:
    assert is_trained(data, settings(), run_folder)
    shutil.copytree(run_folder, tmp_path / "run")
    shutil.rmtree(tmp_path / "run" / "distilled")
    assert not is_trained(data, settings(), tmp_path / "run")


def test_without_a_distilled_model_it_says_what_to_do(data: WsdData, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="run `viconwsd distil train` first"):
        train_model(data, settings(), tmp_path, lambda _: None)


def test_a_model_that_needs_another_one_is_not_published(run_folder: Path) -> None:
    with pytest.raises(InputError, match=r"distilled meanings too.*viconwsd export"):
        check_model(run_folder / "model", "x", Needles(()))


@pytest.mark.parametrize("lost", ["distilled", "sense_meanings.npy"])
def test_a_folder_without_its_meanings_is_damaged(
    run_folder: Path, tmp_path: Path, lost: str
) -> None:
    shutil.copytree(run_folder / "model", tmp_path / "model")
    path = tmp_path / "model" / lost
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    with pytest.raises(InputError, match=lost):
        SavedModel.open(tmp_path / "model")


WINDOW = 32
QUERY = {"freeze_backbone": True, "layer": 1, "query": "distilled", "epochs": 1}


def distil(data: WsdData, decoder: str, folder: Path, chosen: str, **told: object) -> None:
    """A distilled model whose head of that name is chosen."""
    settings = DistilSettings(**{"max_length": WINDOW, **told})  # type: ignore[arg-type]
    made = train_distiller(data, settings, decoder, folder, lambda _: None)
    model = DistilledModel.open(made)
    about = model.about.model_copy(update={"chosen": chosen})
    DistilledModel(about, model.standardiser, model.heads).save(made, "test")


def test_the_attention_asks_with_the_distilled_meaning(
    data: WsdData, decoder: str, tmp_path: Path
) -> None:
    distil(data, decoder, tmp_path, "linear, sibling", layers=(1,))
    said: list[str] = []
    train_model(data, tiny_settings(backbone=decoder, **QUERY), tmp_path, said.append)
    assert "the head's attention asks with: linear, sibling" in said
    ranker = SavedModel.open(tmp_path / "model").ranker
    model, sentences = ranker.model, [item.marked for item in data.items[:4]]
    batch = ranker.inputs.batch(ranker.inputs.tokenize_all(sentences))
    with torch.no_grad():
        states = (model.states(batch.input_ids, batch.attention_mask) - model.centre) / model.spread
        assert model.attention.query_map is not None
        asked = masked_mean(states, batch.target_mask) @ model.attention.query_map.T
    expected = DistilledModel.open(tmp_path / "distilled").vectors(sentences)
    assert asked.numpy() == pytest.approx(expected, abs=1e-3)
    assert not np.allclose(asked, masked_mean(states, batch.target_mask), atol=1e-2)


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"layers": (1, 2)}, r"layers \[1, 2\] read twice, the head sees layer 1 read twice"),
        ({"layers": (1,), "echo": False}, "the same echo"),
        ({"layers": (1,), "reduce": 8}, "no reduce"),
        ({"layers": (1,), "max_length": 31}, r"max_length is 31 in \[distil\], 32 in \[train\]"),
        ({"layers": (1,), "backbone_dtype": "bf16"}, "backbone_dtype"),
    ],
)
def test_meanings_of_other_states_are_refused(
    data: WsdData, decoder: str, tmp_path: Path, told: dict[str, object], message: str
) -> None:
    distil(data, decoder, tmp_path, "linear, sibling", **told)
    with pytest.raises(UsageError, match=message):
        train_model(data, tiny_settings(backbone=decoder, **QUERY), tmp_path, lambda _: None)


def test_a_query_is_of_a_frozen_backbone() -> None:
    with pytest.raises(ValueError, match="set freeze_backbone = true"):
        tiny_settings(query="distilled")
