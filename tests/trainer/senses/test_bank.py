"""The bank's formulas against numbers by hand, and that no label of a sentence is read."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from senses_demo import KilledError
from tiny_release import tiny_settings

from schemas.errors import InputError, UsageError
from trainer.data import WsdData
from trainer.progress import TaskProgress, progress_told_to
from trainer.saved.manifest import saved_identity
from trainer.saved.model_folder import SavedModel
from trainer.senses import bank_build
from trainer.senses.bank import bank_vectors, fitted_temperature, ridge_map, shares_of
from trainer.senses.bank_build import BankParts, build_bank, corpus_items, fast_ranker
from trainer.senses.build import kept_words
from trainer.senses.folder import SensesFolder, opened_description
from trainer.senses.settings import BankSettings
from trainer.training.run import train_model

ANCHORS = np.array([[1.0, 0.0], [0.0, 1.0]])
SIDEWAYS = np.array([[0.0, 1.0]], dtype=np.float32)


def test_a_sense_without_sentences_is_where_its_gloss_is() -> None:
    found, weight = bank_vectors(3 * ANCHORS, [], [], SIDEWAYS[:0], 4.0)
    assert found.tolist() == ANCHORS.tolist()
    assert weight.tolist() == [0.0, 0.0]


def test_four_sure_sentences_and_an_anchor_of_four_meet_half_way() -> None:
    sure = [np.array([1.0])] * 4
    found, weight = bank_vectors(ANCHORS, [[0]] * 4, sure, SIDEWAYS.repeat(4, axis=0), 4.0)
    assert weight.tolist() == [4.0, 0.0]
    assert found[0] == pytest.approx([math.sqrt(0.5), math.sqrt(0.5)])
    assert found[1].tolist() == [0.0, 1.0]


def test_shares_weigh_sentences() -> None:
    """p = 0.75 and 0.25 of one sentence at (0, 1): a = 4 / 4.75 and 4 / 4.25."""
    found, weight = bank_vectors(ANCHORS, [[0, 1]], [np.array([0.75, 0.25])], SIDEWAYS, 4.0)
    assert weight.tolist() == [0.75, 0.25]
    assert found[0, 1] / found[0, 0] == pytest.approx(0.75 / 4.0)
    assert found[1].tolist() == [0.0, 1.0]


def test_the_map_solves_the_ridge_equations() -> None:
    glosses = np.array([[1.0, 0.0], [0.0, 2.0]], dtype=np.float32)
    means = np.array([[3.0], [4.0]], dtype=np.float32)
    assert ridge_map(glosses, means, 0.0) == pytest.approx(np.array([[3.0], [2.0]]), abs=1e-6)
    by_hand = [[3.0 / (1 + 2.5)], [8.0 / (4 + 2.5)]]
    assert ridge_map(glosses, means, 1.0) == pytest.approx(np.array(by_hand))
    nothing = ridge_map(glosses[:0], np.zeros((0, 2), np.float32), 1.0)
    assert nothing.tolist() == [[1.0, 0.0], [0.0, 1.0]]


def test_the_temperature_is_that_of_the_likeliest_gold() -> None:
    """Scores of 2 and 0 that are right in three of four: e^(2/t) = 3, so t = 2 / ln 3 = 1.82."""
    scores = [np.array([2.0, 0.0])] * 4
    assert fitted_temperature(scores, [0, 0, 0, 1]) == pytest.approx(2 / math.log(3), rel=0.06)
    assert fitted_temperature(scores, [0, 0, 0, 0]) == 0.25
    assert fitted_temperature([np.array([1.0])], [0]) == 1.0
    assert shares_of(np.array([2.0, 0.0]), 2.0)[0] == pytest.approx(math.e / (1 + math.e))


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory, data: WsdData) -> BankParts:
    folder = tmp_path_factory.mktemp("model")
    model = train_model(data, tiny_settings(epochs=1), folder, lambda _: None).folder
    identity = saved_identity(model)
    assert identity is not None
    ranker = SavedModel.open(model).ranker
    return BankParts(ranker, identity, data.split("train"), data.split("validation"))


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_poisoned_labels_give_equal_bytes(parts: BankParts, data: WsdData, tmp_path: Path) -> None:
    test = data.split("test_seen", "test_unseen_lemma")
    poison = [
        replace(item, sense_id="s1#x", synset_id="s1", pos="verb", item_id=f"{at}", split="train")
        for at, item in enumerate(test)
    ]
    for name, items in (("clean", test), ("poisoned", poison)):
        assert build_bank(parts, items, BankSettings(), tmp_path / name, lambda _: None)
    assert bytes_of(tmp_path / "clean" / "bank") == bytes_of(tmp_path / "poisoned" / "bank")


def test_killed_it_goes_on_and_a_second_building_finds_it(
    parts: BankParts, data: WsdData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bank_build, "_PART", 8)

    def kill(task: TaskProgress) -> None:
        if task.title == "the reader reads sentences" and task.done == 16:
            raise KilledError

    items = data.split("train")
    assert build_bank(parts, items, BankSettings(), tmp_path / "one", lambda _: None)
    with pytest.raises(KilledError), progress_told_to(kill):
        build_bank(parts, items, BankSettings(), tmp_path / "two", lambda _: None)
    assert not (tmp_path / "two" / "bank").exists()
    assert build_bank(parts, items, BankSettings(), tmp_path / "two", lambda _: None)
    assert bytes_of(tmp_path / "one" / "bank") == bytes_of(tmp_path / "two" / "bank")
    assert build_bank(parts, items, BankSettings(), tmp_path / "two", lambda _: None) is None


def test_the_fast_ranker_has_the_banks_vectors_and_reads_no_glosses(
    parts: BankParts, data: WsdData, tmp_path: Path
) -> None:
    own = build_bank(parts, data.split("train"), BankSettings(), tmp_path, lambda _: None)
    assert own is not None
    assert own.n_moved > 0
    fast = fast_ranker(parts.ranker, parts.identity, tmp_path / "bank")
    assert fast.fusion.cross_encoder == 0.0
    lengths = np.linalg.norm(np.asarray(fast.gloss_vectors), axis=1)
    assert lengths == pytest.approx(np.ones(len(lengths)), abs=1e-5)
    assert fast.gloss_vectors.shape == parts.ranker.gloss_vectors.shape
    with pytest.raises(UsageError, match=r"a bank of another model: run `viconwsd bank build`"):
        fast_ranker(parts.ranker, "other", tmp_path / "bank")


def test_sentences_come_out_of_the_corpus_that_was_gathered(
    built: SensesFolder, data: WsdData
) -> None:
    gathered = kept_words(built, opened_description(built.dictionary))
    found = corpus_items(gathered, data.inventory, 2)
    lemmas = [item.lemma for item in found]
    assert set(lemmas) == {"đường", "khoan", "bàn", "câu"}
    assert all(lemmas.count(lemma) == 2 for lemma in set(lemmas))
    assert all(item.sentence[item.start : item.end].lower() == item.lemma for item in found)


def test_no_sentence_with_a_lemma_of_several_senses_is_told(
    parts: BankParts, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=r"no sentence has a lemma of several senses"):
        build_bank(parts, [], BankSettings(), tmp_path, lambda _: None)
