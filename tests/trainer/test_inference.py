"""Model folders, disambiguation, files, and the command lines."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from tiny_release import VI, tiny_settings

from pipeline.cli.disambiguate import disambiguate
from schemas.errors import InputError
from trainer.data import Inventory, InventoryEntry, WsdData
from trainer.evaluation.report import as_json, as_markdown
from trainer.evaluation.run import evaluate_model, write_evaluation
from trainer.inference import Disambiguator
from trainer.inference.disambiguator import Query
from trainer.inference.marking import find_target
from trainer.ranking.prediction import predict
from trainer.saved.model_folder import SavedModel
from trainer.settings import EvaluateSettings, RankerSettings, TrainSettings
from trainer.training.run import train_model


@pytest.fixture(scope="module")
def trained(data: WsdData, tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("run")
    return train_model(data, tiny_settings(epochs=3), folder, lambda text: None).folder


def test_a_folder_carries_inventory_and_gloss_vectors(trained: Path, data: WsdData) -> None:
    saved = SavedModel.open(trained)
    assert saved.ranker.inventory.entries == data.inventory.entries
    assert isinstance(saved.ranker.gloss_vectors, np.memmap)
    again = saved.with_inventory(data.inventory)
    assert np.allclose(again.gloss_vectors, saved.ranker.gloss_vectors, atol=1e-6)


def test_a_saved_model_ranks_as_before(data: WsdData, tmp_path: Path) -> None:
    one = train_model(data, tiny_settings(), tmp_path / "a", lambda text: None)
    two = train_model(data, tiny_settings(), tmp_path / "b", lambda text: None)
    items = data.split("test_seen")
    scores = [
        [o.scores for o in predict(SavedModel.open(t.folder).ranker, items, data.inventory)]
        for t in (one, two)
    ]
    assert scores[0] == scores[1]


@pytest.mark.parametrize("equal", [False, True])
def test_the_reading_is_not_trained_to_tell_equal_glosses_apart(
    data: WsdData, tmp_path: Path, decoder: str, equal: bool
) -> None:
    """With one gloss for all senses no example is left to train the reading on."""
    entries = [replace(e, gloss="vật" if equal else e.gloss) for e in data.inventory.entries]
    settings = tiny_settings(
        backbone=decoder,
        freeze_backbone=True,
        epochs=1,
        ranker=RankerSettings(layers=(1,), epochs=1),
    )
    said: list[str] = []
    train_model(
        WsdData(Inventory(entries, VI), data.items), settings, tmp_path / "run", said.append
    )
    assert ("cross-encoder alone: not measured" in said) is equal


def test_a_decoder_only_backbone_trains_and_reads(
    data: WsdData, tmp_path: Path, decoder: str
) -> None:
    """Frozen, with echo, joint reading and likelihood, saved and opened again."""
    settings = tiny_settings(
        backbone=decoder,
        freeze_backbone=True,
        backbone_dtype="bf16",
        ranker=RankerSettings(layers=(1,), epochs=2),
        max_length=64,
    )
    done = train_model(data, settings, tmp_path / "run", lambda text: None)
    saved = SavedModel.open(done.folder)
    config = saved.ranker.model.config
    assert (config.echo, config.cross_encoder, config.likelihood) == (True, True, True)
    assert saved.ranker.model.cross_encoder is not None
    predictions = predict(saved.ranker, data.split("test_seen"), data.inventory)
    assert len(predictions) == 7


def test_disambiguate_one_sentence(trained: Path) -> None:
    answer = Disambiguator.open(trained).disambiguate("Tôi đang [[khoan]] tường")
    assert answer.known
    assert {s.sense_id for s in answer.senses} == {"s3#khoan", "s4#khoan"}
    assert sum(s.share for s in answer.senses) == pytest.approx(1.0)
    assert answer.senses[0].score >= answer.senses[1].score


def test_an_unknown_lemma_ranks_all_glosses_and_says_so(trained: Path) -> None:
    answer = Disambiguator.open(trained).disambiguate("con [[mèo]] đen")
    assert not answer.known
    assert len(answer.senses) == 10


def test_many_are_answered_in_order(trained: Path) -> None:
    texts = ["Tôi đang [[khoan]] tường" if n % 2 else "xe trên [[đường]]" for n in range(600)]
    answers = Disambiguator.open(trained).answers([Query.of(text, VI) for text in texts])
    assert [answer.target for answer in answers] == ["đường", "khoan"] * 300
    assert answers[1].senses[0].sense_id.endswith("#khoan")


def test_a_given_inventory_replaces_the_models_own(trained: Path) -> None:
    inventory = Inventory(
        [
            InventoryEntry("m1", "m1", "mèo", "noun", "thú nhỏ bắt chuột"),
            InventoryEntry("m2", "m2", "mèo", "noun", "người tình"),
        ],
        VI,
    )
    answer = Disambiguator(SavedModel.open(trained).with_inventory(inventory)).disambiguate(
        "con mèo đen", target="mèo"
    )
    assert answer.known
    assert {s.sense_id for s in answer.senses} == {"m1", "m2"}


def test_marks_and_targets() -> None:
    marked = find_target("Tôi  đang [[ khoan ]] tường", VI)
    assert marked.sentence[marked.start : marked.end] == "khoan"
    named = find_target("Sống trong HOÀ bình", VI, target="hòa")
    assert named.sentence[named.start : named.end] == "HOÀ"
    for text, target, message in (
        ("không có dấu", None, "--target"),
        ("[[a]] và [[b]]", None, "2 targets"),
        ("khoan dung", "khoa", "does not stand"),
        ("khoan rồi khoan", "khoan", "2 times"),
    ):
        with pytest.raises(InputError, match=message):
            find_target(text, VI, target)


def test_the_command_prints_ranked_senses(trained: Path, tmp_path: Path) -> None:
    runner = CliRunner()
    done = runner.invoke(
        disambiguate, ["Tôi đang [[khoan]] tường", "-m", str(trained)], standalone_mode=False
    )
    assert done.exception is None
    assert "s4#khoan" in done.stdout
    assert "làm thủng vật cứng" in done.stdout
    unmarked = runner.invoke(disambiguate, ["con mèo", "-m", str(trained)], standalone_mode=False)
    assert isinstance(unmarked.exception, InputError)


@pytest.mark.parametrize("as_json", [False, True])
def test_an_unknown_word_is_told_and_has_no_probabilities(trained: Path, as_json: bool) -> None:
    """It ranked all glosses at 9 to 11 % and ended with 0."""
    arguments = ["con [[mèo]] đen", "-m", str(trained), *(["--json"] if as_json else [])]
    done = CliRunner().invoke(disambiguate, arguments, standalone_mode=False)
    assert done.return_value == 1
    assert "'mèo' is not in the inventory" in done.stderr
    assert "those of other words" in done.stderr
    if as_json:
        assert json.loads(done.stdout)["known"] is False
    else:
        assert "%" not in done.stdout
        assert len(done.stdout.splitlines()) == 10


def test_an_evaluation_has_every_table_and_file(
    trained: Path, data: WsdData, tmp_path: Path
) -> None:
    settings = EvaluateSettings(bootstrap_samples=20)
    evaluation = evaluate_model(SavedModel.open(trained), data, settings, lambda text: None)
    names = [system.name for system in evaluation.report.systems]
    assert names == [
        "viconbert",
        "viconbert, cosine alone",
        "random",
        "first sense",
        "most frequent sense in training",
        "lexical overlap",
        "naive Bayes",
        "naive Bayes, glosses too",
        "frozen backbone",
        "bi-encoder (BEM)",
    ]
    report = json.loads(as_json(evaluation.report))
    assert report["n_examples"] == 9
    assert "lexical overlap" in as_markdown(evaluation.report)
    paths = write_evaluation(tmp_path, evaluation, ["bàn"])
    assert {p.name for p in paths} == {
        "evaluation.json",
        "evaluation.md",
        "errors.md",
        "predictions.csv",
        "by_candidates.png",
        "bàn.png",
        "bàn.confusion.png",
    }
    assert all(p.stat().st_size > 0 for p in paths)
    with pytest.raises(InputError, match="mèo"):
        write_evaluation(tmp_path, evaluation, ["mèo"])


def test_settings_refuse_what_does_not_fit() -> None:
    with pytest.raises(ValueError, match="preset"):
        TrainSettings(preset="phobert")
    with pytest.raises(ValueError, match="chunk"):
        TrainSettings(batch_size=8, chunk_size=16)
    with pytest.raises(ValueError, match="frozen"):
        TrainSettings(backbone_dtype="bf16")
    preset = TrainSettings(preset="phobert-large", epochs=3)
    assert (preset.batch_size, preset.heads, preset.blocks, preset.epochs) == (416, 4, 2, 3)
    assert preset.encoder_learning_rate == 2e-5


def test_names_of_another_type_are_refused() -> None:
    """A list as a name ended as a bug: it cannot be looked up."""
    for wrong in ({"preset": [1]}, {"segmenter": [1]}, {"objective": {"name": {}}}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            TrainSettings(**wrong)


def test_former_names_of_settings_are_read() -> None:
    assert TrainSettings(segmenter="underthesea").segmenter == "language"
    assert TrainSettings(segmenter="syllables").segmenter == "units"
    assert RankerSettings(reading=True).cross_encoder is True
    with pytest.raises(ValueError, match="segmenter"):
        TrainSettings(segmenter="words")


def test_a_folder_that_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="viconwsd train"):
        SavedModel.open(tmp_path)


def test_what_is_read_is_bounded_and_chosen_by_digest(data: WsdData) -> None:
    from trainer.ranking.fit import _sampled

    few = _sampled(data.items, 5)
    assert len(few) == 5
    assert set(_sampled(data.items[::-1], 5)) == set(few)
    assert _sampled(data.items, 10_000) == data.items
