"""A training is rehearsed without some senses, and the weights that suit both kinds are taken."""

from __future__ import annotations

from pathlib import Path

from tiny_release import tiny_settings

from trainer.data import WsdData
from trainer.data.dataset import seen_rows
from trainer.saved.model_folder import SavedModel
from trainer.settings import RankerSettings
from trainer.training.rehearsal import rehearsal_data
from trainer.training.run import train_model


def test_some_senses_are_held_out_whole_and_each_lemma_keeps_one(data: WsdData) -> None:
    found = rehearsal_data(data, 0.5)
    assert found is not None
    before = {item.synset_id for item in data.split("train")}
    after = {item.synset_id for item in found.split("train")}
    held = before - after
    assert held
    assert held <= {item.synset_id for item in found.split("validation")}
    assert {i.lemma for i in found.split("train")} == {i.lemma for i in data.split("train")}
    assert found.split("test_seen") == data.split("test_seen")
    # it shows unseen senses itself: no rehearsal of the rehearsal
    assert rehearsal_data(found, 0.5) is None
    assert rehearsal_data(data, 0.0) is None


def test_a_lemma_with_one_sense_in_training_is_not_held_out(data: WsdData) -> None:
    lone = data.having(i for i in data.items if i.synset_id in {"s1", "s8"} and i.split == "train")
    assert rehearsal_data(lone, 0.5) is None


def test_the_models_weights_are_those_of_the_rehearsal(data: WsdData, tmp_path: Path) -> None:
    repeated = data.having(item for item in data.items for _ in range(4))
    settings = tiny_settings(epochs=1, ranker=RankerSettings(held_out=0.5))
    said: list[str] = []
    done = train_model(repeated, settings, tmp_path / "run", said.append)
    fusion = SavedModel.open(done.folder).ranker.fusion
    weights = [line for line in said if line.startswith("weights: ")]
    assert len(weights) == 1, "the weights are fitted once, in the rehearsal"
    assert f"untaught {fusion.untaught:.3g}" in weights[0]
    assert fusion.untaught != 0.0
    assert any(line.startswith("rehearsal: the senses of ") for line in said)
    assert not (tmp_path / "run" / "rehearsal").exists()
    seen = seen_rows(repeated.split("train"), repeated.inventory)
    assert SavedModel.open(done.folder).ranker.usage.sentences.keys() == {
        repeated.inventory.synset_ids[row] for row in seen
    }
