"""From a trained encoder to a ranker: what decides, what is no negative, what stays."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from tiny_release import VI, tiny_settings

from trainer.data import Inventory, InventoryEntry, Item, WsdData
from trainer.ranking.fit import _deciding, _no_negatives, fit_ranker
from trainer.ranking.fusion import Fusion, prior_fusion
from trainer.ranking.lexical import UsageModel
from trainer.ranking.ranker import Ranker
from trainer.settings import ObjectiveSettings
from trainer.training.components import build_components

INVENTORY = Inventory(
    [
        InventoryEntry(sense, sense, lemma, "noun", f"nghĩa {sense}")
        for lemma, senses in (("đường", "ab"), ("khoan", "cd"))
        for sense in senses
    ],
    VI,
)


def item(sense: str, lemma: str) -> Item:
    return Item(f"{sense}1", sense, sense, lemma, "noun", lemma, 0, len(lemma), "validation")


def rows(*synsets: str) -> frozenset[int]:
    return frozenset(INVENTORY.row_of[s] for s in synsets)


def test_lemmas_with_an_unseen_sense_do_not_weigh_where_only_seen_ones_are_shown() -> None:
    validation = [item("a", "đường"), item("c", "khoan")]
    assert _deciding(INVENTORY, validation, rows("a", "b", "c")) == validation[:1]
    assert _deciding(INVENTORY, validation, rows("a", "b", "c", "d")) == validation


def test_all_items_weigh_where_validation_shows_unseen_senses_too() -> None:
    validation = [item("a", "đường"), item("d", "khoan")]
    assert _deciding(INVENTORY, validation, rows("a", "b", "c")) == validation


def test_a_validation_item_without_a_glossed_sense_changes_nothing() -> None:
    validation = [item("a", "đường"), item("nowhere", "đường")]
    assert _deciding(INVENTORY, validation, rows("a", "b")) == validation


def test_a_sense_without_training_items_is_no_negative_of_the_cross_encoder(
    data: WsdData, decoder: str, tmp_path: Path
) -> None:
    """Nor is one that means what the gold sense means."""
    settings = tiny_settings(backbone=decoder)
    components = build_components(data, settings, tmp_path)
    fusion, usage = prior_fusion(True, 10.0), UsageModel.of((), VI)
    inventory = data.inventory
    model, inputs, vectors = components.model, components.inputs, components.gloss_vectors
    ranker = Ranker(model, inputs, inventory, vectors, fusion, usage)
    asked = [next(item for item in data.items if item.synset_id == "s5")]
    columns = [entry.synset_id for entry in inventory.candidates("bàn")]
    assert columns == ["s5", "s6", "s7"]
    seen = frozenset(inventory.row_of[synset] for synset in ("s5", "s6"))
    near = settings.model_copy(update={"objective": ObjectiveSettings(near_equal=None)})
    assert _no_negatives(ranker, asked, seen, near).tolist() == [[False, False, True]]
    every = frozenset(range(len(inventory.glosses)))
    same = replace(ranker, gloss_vectors=np.ones_like(vectors))
    assert _no_negatives(same, asked, every, settings).tolist() == [[False, True, True]]


def test_few_validation_items_leave_the_weights_as_they_were_trained(
    data: WsdData, tmp_path: Path
) -> None:
    settings = tiny_settings()
    components = build_components(data, settings, tmp_path)
    usage = UsageModel.of(data.split("train"), VI)
    model, inputs, vectors = components.model, components.inputs, components.gloss_vectors
    prior = Fusion(0.0, 7.0, 0.25, 0.5)
    ranker = Ranker(model, inputs, data.inventory, vectors, prior, usage)
    train, validation = data.split("train"), data.split("validation")
    said: list[str] = []
    found, accuracy = fit_ranker(ranker, train, validation, settings, tmp_path, said.append)
    assert (found.fusion, accuracy) == (prior, None)
    assert said == ["weights: cross-encoder 0, cosine 7, overlap 0.25, usage 0.5"]
