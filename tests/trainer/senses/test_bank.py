"""The bank's formulas against numbers by hand, and that no label of a sentence is read."""

from __future__ import annotations

import math
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from senses_demo import KilledError
from tiny_release import tiny_settings

from schemas.errors import InputError, UsageError
from trainer.data import Item, WsdData
from trainer.data.dataset import ambiguous_items
from trainer.model.build import over_backbone
from trainer.model.layers import backbone_layers
from trainer.progress import TaskProgress, progress_told_to
from trainer.ranking.candidates import gold_column
from trainer.ranking.lexical import UsageModel
from trainer.saved.model_folder import SavedModel
from trainer.senses import bank_reading
from trainer.senses.bank import bank_vectors, fitted_temperature, ridge_map, shares_of
from trainer.senses.bank_build import build_bank
from trainer.senses.bank_fit import distil_bank
from trainer.senses.bank_folder import fast_ranker
from trainer.senses.bank_reading import BankParts, corpus_items
from trainer.senses.bank_student import first_layers, shares_loss
from trainer.senses.build import kept_words
from trainer.senses.folder import SensesFolder, opened_description
from trainer.senses.settings import BankSettings, BankStudentSettings
from trainer.storage.manifest import saved_identity
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
    monkeypatch.setattr(bank_reading, "_PART", 8)

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
    fast = fast_ranker(parts.ranker, parts.identity, tmp_path)
    assert fast.fusion.cross_encoder == 0.0
    lengths = np.linalg.norm(np.asarray(fast.gloss_vectors), axis=1)
    assert lengths == pytest.approx(np.ones(len(lengths)), abs=1e-5)
    assert fast.gloss_vectors.shape == parts.ranker.gloss_vectors.shape
    with pytest.raises(UsageError, match=r"of another model: run `viconwsd bank build`"):
        fast_ranker(parts.ranker, "other", tmp_path)


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


STUDENT = BankSettings(
    student=BankStudentSettings(
        layers=1, epochs=8, batch_size=8, learning_rate=5e-3, checkpoint_steps=3
    )
)


@pytest.fixture(scope="module")
def taught(
    tmp_path_factory: pytest.TempPathFactory, parts: BankParts, data: WsdData
) -> tuple[Path, list[str]]:
    """A run's folder with a bank and its student, and what was said."""
    folder, said = tmp_path_factory.mktemp("taught"), []
    items = data.split("train")
    assert build_bank(parts, items, STUDENT, folder, lambda _: None)
    assert distil_bank(parts, items, STUDENT, folder, said.append)
    return folder, said


def test_the_losses_are_those_of_the_shares_alone() -> None:
    """Shares (1/2, 1/2) and (1, 0) at equal logits: ln 2 each; padding has no part."""
    logits = torch.zeros(2, 3)
    shares = torch.tensor([[0.5, 0.5, 0.0], [1.0, 0.0, 0.0]])
    present = torch.tensor([[True, True, False]] * 2)
    loss = shares_loss(logits, shares, present, torch.ones(2))
    assert float(loss) == pytest.approx(math.log(2))
    surer = torch.tensor([[0.0, 0.0, 9.0], [math.log(3), 0.0, 9.0]], requires_grad=True)
    loss = shares_loss(surer, shares, present, torch.tensor([1.0, 3.0]))
    assert loss.item() == pytest.approx((math.log(2) + 3 * math.log(4 / 3)) / 4)
    loss.backward()
    assert surer.grad is not None
    assert surer.grad[:, 2].tolist() == [0.0, 0.0]


def test_a_student_has_the_first_layers_of_the_model(parts: BankParts) -> None:
    model = parts.ranker.model
    student = first_layers(model, 1, seed=0)
    own = dict(student.backbone.named_parameters())
    assert all(
        own[name] is value for name, value in model.backbone.named_parameters() if name in own
    )
    assert len(backbone_layers(student.backbone)) == 1
    with pytest.raises(UsageError, match=r"layers is 9, but the model's backbone has 1"):
        first_layers(model, 9, seed=0)


def test_a_decoder_cut_after_its_first_layer_gives_that_layers_states(decoder: str) -> None:
    model = over_backbone(decoder, gloss_width=8, heads=2, head_width=8, language="vi", layer=-1)
    ids, mask = torch.tensor([[5, 6, 7]]), torch.ones(1, 3, dtype=torch.long)
    student = first_layers(model, None, seed=0)
    whole = model.backbone(input_ids=ids, attention_mask=mask, output_hidden_states=True)
    expected = model.backbone.norm(whole.hidden_states[1])
    assert torch.allclose(student.states(ids, mask), expected, atol=1e-6)
    assert len(backbone_layers(model.backbone)) == 2


def test_the_student_says_what_the_reader_said(
    taught: tuple[Path, list[str]], parts: BankParts, data: WsdData
) -> None:
    fast = fast_ranker(parts.ranker, parts.identity, taught[0])
    items = ambiguous_items(data.split("train"), data.inventory)
    among = [data.inventory.candidates(item.lemma) for item in items]
    gold = [gold_column(item, own) for item, own in zip(items, among, strict=True)]
    said = [int(np.argmax(table[:, 1])) for table in fast.signals(items, among)]
    right = np.mean([a == b for a, b in zip(said, gold, strict=True)])
    assert right > 0.8
    assert fast.fusion.cross_encoder == 0.0
    assert fast.model is not parts.ranker.model
    assert any("epoch 8: mean loss" in line for line in taught[1])


def test_a_student_killed_between_checkpoints_ends_with_equal_bytes(
    taught: tuple[Path, list[str]], parts: BankParts, data: WsdData, tmp_path: Path
) -> None:
    def kill(task: TaskProgress) -> None:
        if task.title == "the student learns" and task.done == 8:
            raise KilledError

    items = data.split("train")
    poison = [
        replace(item, sense_id="s1#x", synset_id="s1", pos="verb", item_id=f"{at}", split="x")
        for at, item in enumerate(items)
    ]
    assert build_bank(parts, poison, STUDENT, tmp_path, lambda _: None)
    with pytest.raises(KilledError), progress_told_to(kill):
        distil_bank(parts, poison, STUDENT, tmp_path, lambda _: None)
    assert list(tmp_path.glob("bank-work/*/student-*"))
    assert distil_bank(parts, poison, STUDENT, tmp_path, lambda _: None)
    assert bytes_of(tmp_path / "bank-student") == bytes_of(taught[0] / "bank-student")
    assert distil_bank(parts, items, STUDENT, tmp_path, lambda _: None) is None
    assert not list(tmp_path.glob("bank-work/*/student-*")), "a checkpoint was left"


def test_a_student_of_something_else_is_refused(
    taught: tuple[Path, list[str]], parts: BankParts, data: WsdData, tmp_path: Path
) -> None:
    shutil.copytree(taught[0], tmp_path, dirs_exist_ok=True)
    with pytest.raises(UsageError, match=r"of another model: run `viconwsd bank build` again"):
        distil_bank(replace(parts, identity="other"), data.items, STUDENT, tmp_path, print)
    with pytest.raises(UsageError, match=r"of other sentences or settings: run .*build` again"):
        distil_bank(parts, data.items[:9], STUDENT, tmp_path, print)
    other = STUDENT.model_copy(update={"anchor": 9.0})
    assert build_bank(parts, data.split("train"), other, tmp_path, lambda _: None)
    with pytest.raises(UsageError, match=r"the student of another bank: run .*bank distil` again"):
        fast_ranker(parts.ranker, parts.identity, tmp_path)
    weights = tmp_path / "bank-student" / "bank_student.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1])
    shutil.copytree(taught[0] / "bank", tmp_path / "bank", dirs_exist_ok=True)
    with pytest.raises(InputError, match=r"not as it was when it was saved: .*bank distil` again"):
        fast_ranker(parts.ranker, parts.identity, tmp_path)


def test_sentences_with_shares_count_as_their_shares(data: WsdData) -> None:
    item = Item("a", "", "", "bàn", "", "một bàn gỗ", 4, 7, "")
    model = UsageModel({"s5": {"gỗ": 1}}, data.inventory.language)
    found = model.with_shares([item], [("s5", "s6")], [(0.25, 0.75)])
    assert found.sentences == {"s5": {"gỗ": 1.25, "một": 0.25}, "s6": {"gỗ": 0.75, "một": 0.75}}
