"""Disambiguation, intervals, similarity and word-in-context by exact values."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_release import VI, tiny_settings

from schemas.errors import InputError
from schemas.evaluation import SystemResult
from trainer.data import Inventory, InventoryEntry, Item, WsdData
from trainer.evaluation.accuracy import (
    Bootstrap,
    breakdown,
    lead_over,
    mean_over_lemmas,
    seen_and_unseen,
)
from trainer.evaluation.baselines import (
    FirstSenseScorer,
    FrequentSenseScorer,
    NaiveBayesScorer,
    RandomScorer,
)
from trainer.evaluation.bem import BemScorer
from trainer.evaluation.errors import write_errors
from trainer.evaluation.report import format_estimate, systems_table
from trainer.evaluation.similarity import (
    WordPair,
    average_precision,
    read_vicon,
    read_visim,
    shared_letters,
    similarities,
    spearman,
    vicon_scores,
)
from trainer.evaluation.word_in_context import best_threshold, context_pairs, word_in_context
from trainer.ranking.lexical import OverlapScorer
from trainer.ranking.prediction import CosineScorer, Prediction, predict, within_pos
from trainer.text.inputs import MarkedSentence
from trainer.training.components import build_components
from trainer.training.run import train_model

ENTRIES = [
    InventoryEntry("a#đường", "a", "đường", "noun", "chất ngọt"),
    InventoryEntry("b#đường", "b", "đường", "noun", "lối đi"),
    InventoryEntry("c#đường", "c", "Đường", "verb", None),
    InventoryEntry("d#hoà", "d", "hoà", "verb", "trộn vào nước"),
    InventoryEntry("e#hòa", "e", "hòa", "adj", "bằng điểm nhau"),
]


def item(name: str, synset: str, lemma: str, pos: str = "noun", split: str = "test_seen") -> Item:
    return Item(
        name, f"{synset}#{lemma}", synset, lemma, pos, f"x {lemma} y", 2, 2 + len(lemma), split
    )


def test_fault_7_candidates_come_from_the_inventory_not_from_the_items() -> None:
    """One item of one sense: the inventory still offers both glossed senses, spelling aside."""
    inventory = Inventory(ENTRIES, VI)
    (prediction,) = predict(FirstSenseScorer(), [item("1", "d", "hòa")], inventory)
    assert [e.synset_id for e in prediction.candidates] == ["d", "e"]
    assert prediction.n_senses == 2


def test_fault_7_a_missing_gold_counts_as_wrong() -> None:
    """Sense c has no gloss, the lemma "mèo" is unknown: both are counted, both are wrong."""
    inventory = Inventory(ENTRIES, VI)
    items = [item("1", "c", "đường"), item("2", "z", "mèo"), item("3", "a", "đường")]
    predictions = predict(FirstSenseScorer(), items, inventory)
    assert [o.correct for o in predictions] == [False, False, True]
    assert [o.gold_is_candidate for o in predictions] == [False, False, True]
    cells = {
        (c.group, c.name): c.estimate for c in breakdown(predictions, VI, bootstrap=Bootstrap(50))
    }
    assert cells["all", "with monosemous"].value == pytest.approx(1 / 3)
    assert cells["all", "ambiguous"].n_items == 2


def test_fault_6_validation_never_reads_training_items(
    data: WsdData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The items whose vectors early stopping asks for are those of the validation split."""
    from trainer.training import validation

    asked: list[int] = []
    original = validation.encode_all

    def recorded(model, inputs, tokenized, add_states):  # type: ignore[no-untyped-def]
        asked.append(len(tokenized))
        assert {p.ids for p in tokenized} <= {
            inputs.tokenize(i.marked).ids for i in data.split("validation")
        }
        assert not {p.ids for p in tokenized} & {
            inputs.tokenize(i.marked).ids for i in data.split("train")
        }
        return original(model, inputs, tokenized, add_states=add_states)

    monkeypatch.setattr(validation, "encode_all", recorded)
    train_model(data, tiny_settings(epochs=1), tmp_path, lambda text: None)
    assert asked == [len([i for i in data.split("validation") if i.lemma != "lan can"])]


def test_within_pos_leaves_nothing_to_a_pos_tagger() -> None:
    own = (ENTRIES[0], ENTRIES[1], InventoryEntry("f#đường", "f", "đường", "verb", "g"))
    first = Prediction(item("1", "a", "đường"), own, (0.1, 0.2, 0.9), 3)
    other = Prediction(item("2", "f", "đường", "verb"), own, (0.1, 0.2, 0.9), 3)
    (kept,) = within_pos([first, other])
    assert [e.synset_id for e in kept.candidates] == ["a", "b"]
    assert not first.correct
    assert kept.chosen is own[1]


def test_intervals_resample_lemmas_not_items() -> None:
    """A hundred contexts of two lemmas, one all right, one all wrong: the interval is 0 to 1."""
    estimate = mean_over_lemmas([True] * 50 + [False] * 50, ["a"] * 50 + ["b"] * 50)
    assert (estimate.value, estimate.low, estimate.high) == (0.5, 0.0, 1.0)
    sure = mean_over_lemmas([True, False] * 50, [str(i // 2) for i in range(100)])
    assert (sure.low, sure.high) == (0.5, 0.5)
    assert sure.n_lemmas == 50


def test_a_lead_is_the_paired_difference_on_the_same_items() -> None:
    """Three items of two lemmas: the model is right on the first two, the other on the second."""
    own = (ENTRIES[0], ENTRIES[1])
    asked = [item("1", "a", "đường"), item("2", "a", "đường"), item("3", "a", "khoan")]

    def predictions(*right: bool) -> list[Prediction]:
        scores = [(1.0, 0.0) if yes else (0.0, 1.0) for yes in right]
        return [Prediction(i, own, s, 2) for i, s in zip(asked, scores, strict=True)]

    model, other = predictions(True, True, False), predictions(False, True, False)
    cells = {(c.group, c.name): c.estimate for c in breakdown(other, VI, lead_over(model))}
    whole = cells["all", "ambiguous"]
    assert whole.value == pytest.approx(1 / 3)
    assert (whole.low, whole.high) == (0.0, 0.5)  # of "khoan" alone, of "đường" alone
    assert cells["all", "same POS only"].value == pytest.approx(1 / 3)
    back = breakdown(model, VI, lead_over(other))[0].estimate
    assert back.value == pytest.approx(-1 / 3)
    assert format_estimate(back, "+") == "-0.333 [-0.500, +0.000]"


def test_synsets_that_nothing_tells_apart_count_as_one_coarsely() -> None:
    """Of three items, one is right, one took a sense of the same cluster, one another."""
    a, b = (replace(ENTRIES[n], cluster="a") for n in (0, 1))
    other = InventoryEntry("f#đường", "f", "đường", "noun", "vệt dài")
    asked = [item(str(n), "a", "đường") for n in range(3)]
    scores = [(1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)]
    found = [Prediction(i, (a, b, other), s, 3) for i, s in zip(asked, scores, strict=True)]
    assert [row.coarsely_correct for row in found] == [True, True, False]
    assert [row.correct for row in found] == [True, False, False]
    parts = breakdown(found, VI)
    cells = {(part.group, part.name): part.estimate.value for part in parts}
    assert cells["all", "ambiguous"] == pytest.approx(1 / 3)
    assert cells["coarse", "ambiguous"] == pytest.approx(2 / 3)
    assert cells["coarse", "same POS only"] == pytest.approx(2 / 3)
    head, model = systems_table([SystemResult(name="m", cells=tuple(parts))], False)
    assert head[:3] == ["system", "all", "coarse"]
    assert [cell.partition(" ")[0] for cell in model[1:3]] == ["0.333", "0.667"]


def test_without_clusters_nothing_is_told_coarsely() -> None:
    found = [Prediction(item("1", "a", "đường"), (ENTRIES[0], ENTRIES[1]), (1.0, 0.0), 2)]
    parts = breakdown(found, VI)
    assert "coarse" not in {part.group for part in parts}
    head, _ = systems_table([SystemResult(name="m", cells=tuple(parts))], False)
    assert "coarse" not in head


def test_baselines_by_hand() -> None:
    inventory = Inventory(ENTRIES, VI)
    asked = [replace(item("1", "a", "đường"), sentence="lối đường đi", start=4, end=9)]
    own = [inventory.candidates("đường")]
    lesk = OverlapScorer(inventory).scores(asked, own)[0]
    assert lesk[0] == 0.0
    assert lesk[1] > 0.0
    once, again = (RandomScorer().scores(asked, own)[0] for _ in range(2))
    assert once.tolist() == again.tolist()


@pytest.mark.parametrize(
    ("shown", "equals"),
    [
        ("", [1.0, 1.0]),  # nothing is known: the first
        ("bba", [1.0, 1.0]),  # 1 of 2 is within chance: the first
        ("b", [0.0, 1.0]),  # a sense that was shown goes before one that was not
        ("a" * 5 + "b" * 20, [0.0, 1.0]),  # 15 apart, 2 * sqrt(25) allowed
        ("a" * 12 + "b" * 20, [1.0, 1.0]),  # 8 apart, 2 * sqrt(32) allowed
    ],
)
def test_the_most_frequent_sense_is_not_told_by_chance(shown: str, equals: list[float]) -> None:
    inventory = Inventory(ENTRIES, VI)
    training = [item(f"t{n}", synset, "đường", split="train") for n, synset in enumerate(shown)]
    scorer = FrequentSenseScorer(WsdData(inventory, tuple(training)))
    (found,) = scorer.scores([item("1", "a", "đường")], [inventory.candidates("đường")])
    assert found.tolist() == equals


def test_naive_bayes_reads_training_sentences_and_glosses_where_it_may() -> None:
    """A word of b's training sentence, and one of a's gloss; a has no training sentence."""
    inventory = Inventory(ENTRIES, VI)
    training = (
        replace(item("t", "b", "đường"), sentence="đường rẽ", start=0, end=5, split="train"),
        replace(item("u", "d", "hòa"), sentence="hòa một hai ba", start=0, end=3, split="train"),
    )
    data = WsdData(inventory, training)
    own = [inventory.candidates("đường")]
    taught = replace(item("1", "b", "đường"), sentence="rẽ đường", start=3, end=8)
    glossed = replace(item("2", "a", "đường"), sentence="ngọt đường", start=5, end=10)
    plain, both = (NaiveBayesScorer(data, glossed=yes) for yes in (False, True))
    share = (1 + 0.5) / 4  # of the language, whose four words are known
    by_hand = [0.0, math.log((1 + 20 * share) / (1 + 20) / share)]
    assert plain.scores([taught], own)[0].tolist() == pytest.approx(by_hand, abs=1e-6)
    assert plain.scores([glossed], own)[0][0] == 0.0
    found = both.scores([glossed], own)[0]
    assert found[0] > found[1]


def test_seen_and_held_out_senses_of_the_same_lemmas_are_told_together() -> None:
    """Of "đường" both are asked: 2 of 4 seen, 1 of 4 held out; a lemma of one kind is left out."""
    rows = [
        *(("đường", "test_seen", right) for right in (1.0, 1.0, 0.0, 0.0)),
        *(("đường", "test_unseen_sense", right) for right in (1.0, 0.0, 0.0, 0.0)),
        ("khoan", "test_seen", 1.0),
        ("bàn", "test_unseen_lemma", 1.0),
    ]
    cells = seen_and_unseen(rows, Bootstrap(20))
    told = [(c.name, c.estimate.value, c.estimate.n_items, c.estimate.n_lemmas) for c in cells]
    assert told == [
        ("seen", 0.5, 4, 1),
        ("held out", 0.25, 4, 1),
        ("harmonic mean", pytest.approx(1 / 3), 8, 1),
    ]
    assert [c.estimate.value for c in seen_and_unseen(rows[8:])] == [None, None, None]
    none = [("a", "test_seen", 0.0), ("a", "test_unseen_sense", 0.0)]
    assert [c.estimate.value for c in seen_and_unseen(none, Bootstrap(5))] == [0.0, 0.0, 0.0]


def test_the_interval_of_the_harmonic_mean_is_over_lemmas() -> None:
    """One lemma all right, one all wrong: a sample has H between 0 and 1, never in its counts."""
    rows = [
        (lemma, split, right)
        for lemma, right in (("a", 1.0), ("b", 0.0))
        for split in ("test_seen", "test_unseen_sense")
    ]
    *_, mean = (c.estimate for c in seen_and_unseen(rows, Bootstrap(200)))
    assert (mean.value, mean.low, mean.high) == (0.5, 0.0, 1.0)


def test_the_lemma_itself_is_no_overlap() -> None:
    inventory = Inventory([InventoryEntry("a", "a", "đường", "noun", "đường ngọt"), ENTRIES[1]], VI)
    asked = replace(item("1", "a", "đường"), sentence="đường đường", start=0, end=5)
    assert OverlapScorer(inventory).overlap(asked, "đường ngọt") == 0.0


def test_vector_scorer_gives_cosines() -> None:
    inventory = Inventory(ENTRIES, VI)
    glosses = np.array([[2, 0], [0, 3], [1, 1], [0, 0]], dtype=np.float32)
    scorer = CosineScorer(inventory, {"1": np.array([5, 0], dtype=np.float32)}, glosses)
    (scores,) = scorer.scores([item("1", "a", "đường")], [inventory.candidates("đường")])
    assert scores.tolist() == [1.0, 0.0]


def test_average_precision_by_hand() -> None:
    assert average_precision([0.9, 0.8, 0.7], [True, False, True]) == pytest.approx((1 + 2 / 3) / 2)
    assert average_precision([0.5, 0.5], [True, False]) == pytest.approx(0.5)
    assert average_precision([-0.9, -0.1], [True, False]) == pytest.approx(0.5)


def test_spearman_by_hand() -> None:
    assert spearman([1, 2, 3], [10, 20, 30]) == pytest.approx(1.0)
    assert spearman([1, 2, 3, 4], [1, 3, 2, 4]) == pytest.approx(0.8)
    assert spearman([1, 1, 1], [1, 2, 3]) == 0.0


def test_fault_8_templates_are_fixed_and_the_same_for_both_words() -> None:
    """Every template is used for both words, and the same call gives the same numbers."""
    seen: list[str] = []

    def vectorise(asked):  # type: ignore[no-untyped-def]
        seen.extend(m.sentence for m in asked)
        assert all(m.sentence[m.start : m.end] == m.row for m in asked)
        return np.array([[len(m.row), 1.0] for m in asked], dtype=np.float32)

    pairs = [WordPair("đẹp", "xinh xắn", "adj", 1.0)]
    first = similarities(vectorise, pairs, VI.training.carriers)
    once = list(seen)
    assert similarities(vectorise, pairs, VI.training.carriers) == first
    assert seen == once * 2
    assert [s.replace("đẹp", "_") for s in once[::2]] == [
        s.replace("xinh xắn", "_") for s in once[1::2]
    ]
    assert len(set(once)) == 6


def test_similarity_files_are_read_and_checked(tmp_path: Path) -> None:
    (tmp_path / "2_noun_pairs.txt").write_text(
        "Word1\tWord2\tRelation\nkhoái_lạc\tnỗi_đau\tANT\nba\tcha\tSYN\n", encoding="utf-8"
    )
    pairs = read_vicon(tmp_path)
    assert pairs[0] == WordPair("khoái lạc", "nỗi đau", "noun", 0.0)
    visim = tmp_path / "visim"
    visim.write_text("Word1\tWord2\tPOS\tSim1\tSim2\tSTD\nbiến\tngập\tV\t3.13\t5.2\t1\n", "utf-8")
    assert read_visim(visim) == [WordPair("biến", "ngập", "verb", 3.13)]
    visim.write_text("Word1\tWord2\n", "utf-8")
    with pytest.raises(InputError, match="POS"):
        read_visim(visim)

    def vectorise(asked: list[MarkedSentence]) -> np.ndarray:
        return np.array([[1.0, len(m.row)] for m in asked], dtype=np.float32)

    found = vicon_scores(vectorise, pairs, VI.training.carriers)
    assert [(s.form, s.part, s.n_pairs) for s in found] == [
        (form, part, 2)
        for form in ("letters", "bare", "templates")
        for part in ("noun", "noun, no shared unit")
    ]


def test_shared_letters_are_runs_of_two_and_three_with_the_spaces_around() -> None:
    """ " ba " has 5 runs, " cha " 7, of which only "a " is one of both: 2 / 12."""
    assert shared_letters("ba", "cha") == pytest.approx(1 / 6)
    assert shared_letters("Đẹp", "đẹp") == 1.0
    assert shared_letters("a", "b") == 0.0


def test_pairs_without_a_shared_unit_stand_apart() -> None:
    """xinh đẹp shares a syllable with đẹp đẽ; the pair of the part has none, so no figure."""
    pairs = [WordPair("xinh đẹp", "Đẹp đẽ", "adj", 1.0), WordPair("đẹp", "xấu", "adj", 0.0)]

    def vectorise(asked: list[MarkedSentence]) -> np.ndarray:
        return np.ones((len(asked), 2), dtype=np.float32)

    scores = vicon_scores(vectorise, pairs, VI.training.carriers)
    found = {(s.form, s.part): (s.n_pairs, s.value) for s in scores}
    assert found["letters", "adj"] == (2, 1.0)
    assert found["letters", "adj, no shared unit"] == (1, 0.0)
    alone = {s.part: s.n_pairs for s in vicon_scores(vectorise, pairs[:1], VI.training.carriers)}
    assert alone == {"adj": 1, "adj, no shared unit": 0}


def test_word_in_context_pairs_are_balanced_and_stable() -> None:
    items = [item(str(i), "ab"[i % 2], "đường") for i in range(6)] + [item("9", "d", "hoà")]
    pairs = context_pairs(items, VI)
    assert sum(p.same for p in pairs) == sum(not p.same for p in pairs) == 6
    assert context_pairs(items[::-1], VI) == pairs
    vectors = {i.item_id: np.array([1.0, 0.0] if i.synset_id == "a" else [0.0, 1.0]) for i in items}
    found = word_in_context(items, items, vectors, VI, Bootstrap(20))
    assert found.estimate.value == 1.0
    assert found.threshold == 0.5


def test_the_threshold_separates_best() -> None:
    assert best_threshold(np.array([0.1, 0.4, 0.6]), [False, True, True]) == pytest.approx(0.25)
    assert best_threshold(np.array([]), []) == 0.5


def test_a_frozen_bi_encoder_reads_each_row_once(
    data: WsdData, tmp_path: Path, decoder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many epochs; contexts and glosses are standardised by what training showed."""
    settings = tiny_settings(backbone=decoder, freeze_backbone=True, layer=1)
    components = build_components(data, settings, tmp_path)
    bem = BemScorer(components, settings)
    read: list[int] = []
    original = BemScorer._read

    def counted(self, rows, side):  # type: ignore[no-untyped-def]
        read.append(len(rows))
        return original(self, rows, side)

    monkeypatch.setattr(BemScorer, "_read", counted)
    hard = [i for i in data.split("train") if len(data.inventory.candidates(i.lemma)) > 1]
    tokenized = [components.inputs.tokenize(i.marked) for i in hard]
    bem._standardise(tokenized)
    for side, rows in enumerate((tokenized, bem._tokenized)):
        found = bem._encode(rows, side)  # the linear layers still are the identity
        assert torch.allclose(found.mean(dim=0), torch.zeros(16), atol=1e-4)
        assert torch.allclose(found.std(dim=0, correction=0), torch.ones(16), atol=1e-2)
    bem.train(data.split("train"), epochs=3)
    bem.scores(hard, [data.inventory.candidates(i.lemma) for i in hard])
    assert sum(read) == len({*tokenized, *bem._tokenized})


def test_errors_tell_probabilities_and_mark_gold_and_choice(tmp_path: Path) -> None:
    """Scores ln 3 and 0 are 75 and 25 %; the file used to show the scores themselves."""
    own = (ENTRIES[0], ENTRIES[1])
    wrong = Prediction(item("1", "b", "đường"), own, (math.log(3), 0.0), 2)
    right = Prediction(item("2", "a", "đường"), own, (1.0, 0.0), 2)
    lost = Prediction(item("3", "c", "đường"), own, (0.0, 1000.0), 3)
    path = tmp_path / "errors.md"
    assert write_errors(path, [wrong, right, lost], VI) == 2
    assert (
        path.read_text("utf-8")
        == """# Errors by lemma

Each candidate with its probability among those of its lemma.

## đường: 2 of 3 wrong

- x [[đường]] y (test_seen, 1)
  - 75.0% **chosen** a#đường: chất ngọt
  - 25.0% **gold** b#đường: lối đi
- x [[đường]] y (test_seen, 3)
  - 0.0% a#đường: chất ngọt
  - 100.0% **chosen** b#đường: lối đi
  - **gold** c#đường has no gloss in the inventory
"""
    )
