"""Joint readings, likelihoods, and the weighing of signals."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_release import VI, rows
from transformers import Gemma3TextConfig

from trainer.data import Inventory, InventoryEntry, Item, WsdData
from trainer.model import ViConBERT, ViConBERTConfig
from trainer.model.build import input_maker
from trainer.model.cross_encoder import CrossEncoderHead, centred, likelihoods
from trainer.model.small import train_tokenizer
from trainer.ranking import pairs as pairs_module
from trainer.ranking.candidates import CandidateTable, candidate_table, gold_column
from trainer.ranking.fit_cross_encoder import (
    cross_encoder_accuracy,
    cross_encoder_scores,
    fit_cross_encoder,
)
from trainer.ranking.fusion import Fusion, fit_fusion, fit_untaught, prior_fusion
from trainer.ranking.lexical import OverlapScorer, UsageModel
from trainer.ranking.packing import PairRows
from trainer.ranking.pairs import PairFeatures, encode_pairs, pairs_of
from trainer.ranking.prediction import CosineScorer
from trainer.ranking.ranker import Ranker
from trainer.settings import RankerSettings
from trainer.text.inputs import InputMaker

TINY = {
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "num_key_value_heads": 1,
    "head_dim": 8,
}


@pytest.fixture(scope="module")
def reader() -> tuple[ViConBERT, object]:
    texts = [e.sentence for e in rows()[0]] + [s.gloss or "" for s in rows()[1]]
    tokenizer = train_tokenizer(texts, 500)
    torch.manual_seed(0)
    config = ViConBERTConfig(
        backbone=Gemma3TextConfig(**TINY, vocab_size=len(tokenizer)).to_dict(),
        heads=2,
        gloss_width=8,
        echo=True,
        language="vi",
        segmenter="units",
        max_length=64,
        cross_encoder=True,
        likelihood=True,
        cross_encoder_layers=[1, 2],
        cross_encoder_width=8,
        n_vocabulary=len(tokenizer),
    )
    model = ViConBERT(config).eval()
    model.vocabulary.copy_(torch.arange(len(tokenizer)))
    return model, input_maker(config, tokenizer)


def test_likelihoods_against_the_full_softmax() -> None:
    """Two positions, one of them the target; the vocabulary is everything."""
    torch.manual_seed(0)
    last, embeddings = torch.randn(1, 4, 3), torch.randn(6, 3)
    ids = torch.tensor([[0, 5, 2, 1]])
    sentence = torch.tensor([[False, False, True, True]])
    target = torch.tensor([[False, False, False, True]])
    found = likelihoods(last, ids, target, sentence, embeddings, torch.arange(6))
    full = torch.log_softmax(last[0] @ embeddings.T, dim=-1)
    assert found[0].tolist() == pytest.approx([full[1, 2].item(), full[2, 1].item()], abs=1e-5)
    part = likelihoods(last, ids, target, sentence, embeddings, torch.tensor([0, 2]))
    own = last[0, 2] @ embeddings.T
    expected = own[1] - torch.logsumexp(own[[0, 1, 2]], dim=0)
    assert part[0, 1].item() == pytest.approx(expected.item(), abs=1e-5)


def test_readings_do_not_depend_on_their_batch(reader, data: WsdData) -> None:  # type: ignore[no-untyped-def]
    model, inputs = reader
    queries = [
        (item.marked, entry)
        for item in data.items[:6]
        for entry in data.inventory.candidates(item.lemma)
    ]
    together = encode_pairs(model, inputs, queries)
    alone = [encode_pairs(model, inputs, [ask]) for ask in queries]
    assert together.states.shape == (len(queries), 2 * 16 * 2)
    for at, one in enumerate(alone):
        assert np.allclose(one.states[0], together.states[at], atol=2e-3)
        assert np.allclose(one.likelihoods[0], together.likelihoods[at], atol=1e-4)


def test_a_gloss_changes_the_likelihood_of_the_sentence(reader, data: WsdData) -> None:  # type: ignore[no-untyped-def]
    model, inputs = reader
    item = next(i for i in data.items if i.lemma == "đường")
    own = data.inventory.candidates("đường")
    found = encode_pairs(model, inputs, [(item.marked, entry) for entry in own])
    assert found.likelihoods[0, 0] != pytest.approx(found.likelihoods[1, 0])
    assert (found.likelihoods < 0).all()


def test_centred_by_hand() -> None:
    values = torch.tensor([[[1.0], [3.0], [9.0]]])
    present = torch.tensor([[True, True, False]])
    assert centred(values, present).flatten().tolist() == [-1.0, 1.0, 0.0]


def table(n: int, seed: int) -> CandidateTable:
    """The gold candidate has a larger first feature; candidates differ in number."""
    g = torch.Generator().manual_seed(seed)
    gold = torch.randint(0, 2, (n,), generator=g)
    states = torch.randn(n, 3, 4, generator=g)
    states[torch.arange(n), gold, 0] += 3.0
    present = torch.ones(n, 3, dtype=torch.bool)
    present[::2, 2] = False
    ignored = torch.zeros_like(present)
    return CandidateTable(states.half(), torch.zeros(n, 3, 2), present, gold, ignored)


def test_the_reading_head_learns_what_tells_candidates_apart() -> None:
    torch.manual_seed(0)
    head = CrossEncoderHead(4, 8, 0.0, likelihood=True)
    settings = RankerSettings(epochs=20, learning_rate=1e-2, batch_size=16)
    best = fit_cross_encoder(head, table(200, 0), table(100, 1), settings, seed=0)
    assert best is not None
    assert best > 0.9
    assert cross_encoder_accuracy(head, table(100, 2)) > 0.85


def test_the_reading_head_ignores_absent_candidates_and_uncontested_items() -> None:
    head = CrossEncoderHead(4, 8, 0.0, likelihood=False)
    t = table(4, 0)
    scores = head(t.states.float(), t.likelihoods, t.present)
    assert torch.isneginf(scores[~t.present]).all()
    lone = replace(t, present=t.present & (torch.arange(3) == 0))
    assert fit_cross_encoder(head, lone, None, RankerSettings(), 0) is None


def test_the_reading_head_never_learns_to_tell_equal_glosses_apart() -> None:
    """Two candidates of one meaning: the head stays as it was; without the rule it does not."""
    torch.manual_seed(0)
    t = table(32, 0)
    t = replace(t, present=t.present & (torch.arange(3) < 2))
    other = torch.arange(3) == 1 - t.gold[:, None]
    for ignored, moves in ((torch.zeros_like(t.present), True), (other, False)):
        head = CrossEncoderHead(4, 8, 0.0, likelihood=False)
        before = [value.clone() for value in head.parameters()]
        fit_cross_encoder(head, t.ignoring(ignored), None, RankerSettings(epochs=1), 0)
        after = zip(before, head.parameters(), strict=True)
        assert any(not torch.equal(old, new) for old, new in after) is moves


def test_an_echo_stands_in_no_denominator_of_the_reading_but_is_still_ranked() -> None:
    """A gold candidate, its echo that outdoes it, and a rival: only the rival pushes."""
    torch.manual_seed(0)
    states = torch.zeros(64, 3, 2)
    states[:, 0, 0], states[:, 1, 0], states[:, 2, 1] = 1.0, 2.0, 1.0
    present, ignored = torch.ones(64, 3, dtype=torch.bool), torch.zeros(64, 3, dtype=torch.bool)
    ignored[:, 1] = True
    gold = torch.zeros(64, dtype=torch.long)
    t = CandidateTable(states.half(), torch.zeros(64, 3, 2), present, gold, ignored)
    settings = RankerSettings(epochs=30, learning_rate=1e-2, batch_size=16)
    head = CrossEncoderHead(2, 8, 0.0, likelihood=False)
    accuracy = fit_cross_encoder(head, t, t, settings, 0)
    scores = cross_encoder_scores(head, t)[0]
    assert torch.isfinite(scores).all()
    assert scores[0] > scores[2]
    assert accuracy == cross_encoder_accuracy(head, t) == float(scores.argmax() == 0)


def test_candidate_table_pads_and_finds_the_gold_column() -> None:
    entries = [InventoryEntry(s, s, "đường", "noun", s) for s in "abc"]
    items = [
        Item("1", "b", "b", "đường", "noun", "đường", 0, 5, "train"),
        Item("2", "z", "z", "đường", "noun", "đường", 0, 5, "train"),
    ]
    own = [tuple(entries[:2]), tuple(entries)]
    readings = PairFeatures(
        np.arange(10, dtype=np.float16).reshape(5, 2), np.zeros((5, 2), np.float32)
    )
    found = candidate_table(items, own, readings)
    columns = [gold_column(i, c) for i, c in zip(items, own, strict=True)]
    assert found.gold.tolist() == columns == [1, -1]
    assert found.states[0, 1].tolist() == [2.0, 3.0]
    assert found.states[1, 2].tolist() == [8.0, 9.0]
    assert found.ambiguous.tolist() == [True, False]


def test_fusion_trusts_the_signal_that_is_right() -> None:
    rng = np.random.default_rng(0)
    gold = rng.integers(0, 3, 300)
    signals = []
    for g in gold:
        s = rng.normal(size=(3, 6)).astype(np.float32)
        s[:, 5] = 0.0
        s[g, 1] += 2.0
        signals.append(s)
    found = fit_fusion(signals, gold.tolist(), Fusion(1.0, 1.0, 1.0, 1.0))
    assert found.cosine > 5 * max(found.cross_encoder, found.overlap, found.usage)
    assert min(found.cross_encoder, found.overlap) >= 0.0


def test_fusion_keeps_the_prior_where_validation_is_scarce() -> None:
    prior = prior_fusion(cross_encoder=False, scale=10.0)
    assert fit_fusion([np.ones((2, 6), np.float32)], [0], prior) == prior == Fusion(0.0, 10.0, 0.0)


def test_the_ranker_combines_all_signals(reader, data: WsdData) -> None:  # type: ignore[no-untyped-def]
    model, inputs = reader
    vectors = np.random.default_rng(0).normal(size=(len(data.inventory.glosses), 8))
    fusion, usage = Fusion(1.0, 2.0, 3.0, 0.5), UsageModel.of(data.split("train"), VI)
    glosses = vectors.astype(np.float32)
    ranker = Ranker(model, inputs, data.inventory, glosses, fusion, usage)
    items = data.split("test_seen")
    own = [data.inventory.candidates(i.lemma) for i in items]
    signals = ranker.signals(items, own)
    assert all((np.abs(s[:, 0]) > 0).any() for s in signals)
    for table_, scores in zip(signals, ranker.scores(items, own), strict=True):
        expected = table_[:, :4] @ np.array([1.0, 2.0, 3.0, 0.5])
        assert np.allclose(scores, expected, atol=1e-4)
    without = ranker.weighing(Fusion(0.0, 1.0, 0.0)).signals(items, own)
    assert not any(s[:, 0].any() for s in without)


def test_the_vocabulary_covers_texts_in_both_positions(reader) -> None:  # type: ignore[no-untyped-def]
    _, inputs = reader
    vocabulary = inputs.pieces.vocabulary(["đường nhựa"])
    needed = inputs.pieces.tokenizer("đường nhựa", add_special_tokens=False)["input_ids"]
    assert set(needed) <= set(vocabulary)


def test_a_missing_gloss_row_never_reaches_the_ranker(data: WsdData) -> None:
    inventory = Inventory(
        [*data.inventory.entries, InventoryEntry("x", "x", "đường", "adj", None)], VI
    )
    assert "x" not in {e.synset_id for e in inventory.candidates("đường")}
    assert "x" in {e.synset_id for e in inventory.senses("đường")}


def test_usage_by_hand() -> None:
    """One sense was seen with "ngọt" and "quá", the other with "đi"."""
    items = [
        Item("1", "a", "a", "đường", "noun", "đường ngọt quá", 0, 5, "train"),
        Item("2", "b", "b", "đường", "noun", "đi đường", 3, 8, "train"),
    ]
    model = UsageModel.of(items, VI)
    asked = Item("3", "a", "a", "đường", "noun", "đường ngọt", 0, 5, "test_seen")
    share = 1.5 / 3
    assert model.score(asked, "a", "") == pytest.approx(np.log((1 + 20 * share) / (2 + 20) / share))
    assert model.score(asked, "b", "") < model.score(asked, "a", "")
    assert model.score(asked, "c", "rất ngọt") > model.score(asked, "c", "lối đi")
    alone = Item("4", "a", "a", "đường", "noun", "đường", 0, 5, "test_seen")
    assert model.score(alone, "a", "ngọt") == 0.0


def test_usage_survives_its_folder(tmp_path: Path, data: WsdData) -> None:
    model = UsageModel.of(data.split("train"), VI)
    model.save(tmp_path)
    assert UsageModel.load(tmp_path, VI).sentences == model.sentences


def test_the_overlap_index_is_built_once(
    reader: tuple[ViConBERT, InputMaker], data: WsdData, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many questions there are: it reads every gloss of the inventory."""
    from trainer.ranking import ranker as module

    built = []

    class Counted(OverlapScorer):
        def __init__(self, inventory: Inventory) -> None:
            built.append(inventory)
            super().__init__(inventory)

    monkeypatch.setattr(module, "OverlapScorer", Counted)
    model, inputs = reader
    vectors = np.ones((len(data.inventory.glosses), 8), np.float32)
    usage = UsageModel.of((), VI)
    ranker = Ranker(model, inputs, data.inventory, vectors, Fusion(0.0, 1.0, 1.0), usage)
    for item in data.split("test_seen"):
        ranker.scores([item], [data.inventory.candidates(item.lemma)])
    assert len(built) == 1


def noisy_signals(n: int, strength: float) -> tuple[list[np.ndarray], list[int]]:
    """Signals of n items with three candidates: the cosine tells the gold one, the third is 0."""
    rng = np.random.default_rng(1)
    gold = rng.integers(0, 3, n).tolist()
    signals = []
    for column in gold:
        own = rng.normal(size=(3, 6)).astype(np.float32)
        own[:, 5] = 0.0
        own[column, 1] += strength
        own[:, 2] = 0.0
        signals.append(own)
    return signals, gold


def test_only_differences_within_an_item_decide_the_weights() -> None:
    """What all candidates of an item share adds nothing to any of them."""
    signals, gold = noisy_signals(80, 1.0)
    shifted = [own + 7.0 * at for at, own in enumerate(signals)]
    prior = Fusion(1.0, 1.0, 1.0, 1.0)
    one, other = fit_fusion(signals, gold, prior), fit_fusion(shifted, gold, prior)
    assert one.weights == pytest.approx(other.weights, rel=1e-2, abs=1e-3)


def test_a_signal_that_says_nothing_gets_no_weight() -> None:
    signals, gold = noisy_signals(80, 1.0)
    assert fit_fusion(signals, gold, Fusion(1.0, 1.0, 1.0, 1.0)).overlap == 0.0


def test_weights_stay_small_where_a_signal_is_always_right() -> None:
    """Without the penalty nothing bounds them."""
    signals, gold = noisy_signals(80, 50.0)
    found = fit_fusion(signals, gold, Fusion(1.0, 1.0, 1.0, 1.0))
    assert 0.05 < found.cosine < 1.0


def test_forty_items_with_a_choice_are_enough() -> None:
    signals, gold = noisy_signals(40, 1.0)
    lone = [np.ones((1, 6), np.float32)] * 9
    unknown = [np.ones((2, 6), np.float32)] * 9
    prior = Fusion(1.0, 2.0, 3.0, 4.0)
    few = fit_fusion([*signals[1:], *lone, *unknown], [*gold[1:], *[0] * 9, *[-1] * 9], prior)
    assert few == prior
    assert fit_fusion(signals, gold, prior) != prior


@pytest.mark.parametrize("value", ["1.0", None, True, float("nan"), [1.0]])
def test_a_weight_that_is_no_number_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"the weight usage is .*, not a number"):
        Fusion(1.0, 1.0, 1.0, usage=value)  # type: ignore[arg-type]


def two_kinds(n_untaught: int) -> tuple[list[np.ndarray], list[int]]:
    """Sixty items with a taught and an untaught sense; a taught one's cosine is higher by 1.

    The gold one's is higher by 0.4, so that the cosine as it stands finds no untaught sense.
    """
    signals, gold = [], []
    for at in range(60):
        own = np.zeros((2, 6), np.float32)
        own[:, 5] = (0.0, 1.0)
        gold.append(int(at < n_untaught))
        own[:, 1] = (1.0, 0.0)
        own[gold[-1], 1] += 0.4 + at / 1000
        signals.append(own)
    return signals, gold


def test_senses_of_both_kinds_come_to_one_scale() -> None:
    """However few the one kind is."""
    for n_untaught in (10, 50):
        signals, gold = two_kinds(n_untaught)
        found = fit_fusion(signals, gold, Fusion(0.0, 1.0, 0.0))
        assert 0.6 < found.cosine_untaught < 1.4
        assert found.untaught == pytest.approx(found.cosine_untaught * found.cosine)
        plain = [int(np.argmax(own[:, 1])) for own in signals]
        fitted = [int(np.argmax(found.combine(own))) for own in signals]
        assert plain == [0] * 60
        assert fitted == gold


def test_too_few_of_a_kind_bring_no_scale() -> None:
    for n_untaught in (9, 51):
        signals, gold = two_kinds(n_untaught)
        found = fit_fusion(signals, gold, Fusion(0.0, 1.0, 0.0))
        assert (found.untaught, found.cosine_untaught) == (0.0, 0.0)


def test_what_is_added_is_best_for_the_worse_kind_and_nearest_to_nothing() -> None:
    """Untaught golds lie 0.1 to 1.0 behind, taught ones 0.55 ahead: 0.5 and 0 at 0.525 is best.

    Beyond 0.55 no taught one is found any more; where nothing is gained, nothing is added.
    """
    behind = [np.array([at / 10, 0.0], np.float32) for at in range(1, 11)]
    ahead = [np.array([0.55, 0.0], np.float32)] * 10
    kinds, gold = [np.array([False, True])] * 20, [1] * 10 + [0] * 10
    assert fit_untaught([*behind, *ahead], kinds, gold) == pytest.approx(0.525)
    right = [np.array([0.0, 0.3], np.float32)] * 10
    assert fit_untaught([*right, *ahead], kinds, gold) == 0.0


def test_the_cosine_alone_adds_its_own_to_senses_without_training_sentences(data: WsdData) -> None:
    train, inventory = data.split("train"), data.inventory
    item = next(item for item in data.items if item.lemma == "câu")
    taught = next(item for item in data.items if item.lemma == "đường")
    vectors = np.eye(len(inventory.glosses), dtype=np.float32)
    known = {one.item_id: np.ones(len(inventory.glosses), np.float32) for one in (item, taught)}
    usage = UsageModel.of(train, VI).sentences
    own = [inventory.candidates(one.lemma) for one in (item, taught)]
    plain = CosineScorer(inventory, known, vectors).scores([item, taught], own)
    both = CosineScorer(inventory, known, vectors, usage, 0.5).scores([item, taught], own)
    assert (both[0] - plain[0]).tolist() == pytest.approx([0.5, 0.5])
    assert (both[1] - plain[1]).tolist() == [0.0, 0.0]


def test_the_head_keeps_its_best_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second of three, by accuracies 0.2, 0.9 and 0.5."""
    from trainer.ranking import fit_cross_encoder as module

    head = CrossEncoderHead(4, 8, 0.0, likelihood=True)
    values, states = iter([0.2, 0.9, 0.5]), []

    def accuracy(own: CrossEncoderHead, _: CandidateTable) -> float:
        states.append({name: value.clone() for name, value in own.state_dict().items()})
        return next(values)

    monkeypatch.setattr(module, "cross_encoder_accuracy", accuracy)
    settings = RankerSettings(epochs=3, learning_rate=1e-2, batch_size=16)
    assert fit_cross_encoder(head, table(64, 0), table(8, 1), settings, seed=0) == 0.9
    for name, value in head.state_dict().items():
        assert torch.equal(value, states[1][name]), name
    assert not torch.equal(states[1]["layers.1.weight"], states[2]["layers.1.weight"])


def test_features_are_scaled_by_their_deviation_over_present_candidates() -> None:
    """By hand: differences of 1 and -1 in both items; what is absent counts nowhere."""
    states = torch.zeros(2, 3, 1)
    states[:, 0, 0], states[:, 1, 0], states[:, 2, 0] = 4.0, 2.0, 99.0
    present = torch.tensor([[True, True, False]] * 2)
    gold, nothing = torch.zeros(2, dtype=torch.long), torch.zeros_like(present)
    t = CandidateTable(states.half(), torch.zeros(2, 3, 2), present, gold, nothing)
    head = CrossEncoderHead(1, 4, 0.0, likelihood=False)
    fit_cross_encoder(head, t, None, RankerSettings(epochs=1), 0)
    assert head.deviation.tolist() == pytest.approx([1.0])


def test_usage_counts_a_gloss_three_times() -> None:
    """By hand: two units in the gloss, one of them asked for, one training sentence of three."""
    seen = Item("1", "b", "b", "đường", "noun", "đi trên đường", 8, 13, "train")
    model = UsageModel.of([seen], VI)
    asked = Item("2", "a", "a", "đường", "noun", "đường ngọt", 0, 5, "test_seen")
    share = 0.5 / 2
    expected = np.log((3 + 20 * share) / (6 + 20) / share)
    assert model.score(asked, "a", "rất ngọt") == pytest.approx(expected)


def test_overlap_weighs_a_unit_by_its_rarity() -> None:
    """By hand: "xe" stands in two of three glosses, "lối" in one."""
    entries = [
        InventoryEntry(name, name, "đường", "noun", gloss)
        for name, gloss in (("a", "lối xe"), ("b", "xe máy"), ("c", "ngọt"))
    ]
    scorer = OverlapScorer(Inventory(entries, VI))
    asked = Item("1", "a", "a", "đường", "noun", "xe trên lối đường", 12, 17, "test_seen")
    assert scorer.overlap(asked, "lối xe") == pytest.approx(np.log(4 / 3) + np.log(4 / 2))
    assert scorer.overlap(asked, "xe máy") == pytest.approx(np.log(4 / 3))


def test_a_sense_without_rivals_is_not_read(
    reader: tuple[ViConBERT, InputMaker], data: WsdData
) -> None:
    model, inputs = reader
    vectors = np.ones((len(data.inventory.glosses), 8), np.float32)
    fusion = Fusion(1.0, 1.0, 1.0)
    ranker = Ranker(model, inputs, data.inventory, vectors, fusion, UsageModel.of((), VI))
    item = next(item for item in data.items if item.lemma == "lan can")
    other = next(item for item in data.items if item.lemma == "đường")
    own = [data.inventory.candidates(one.lemma) for one in (item, other)]
    lone, pair = ranker.signals([item, other], own)
    assert lone[:, 0].tolist() == [0.0]
    assert pair[:, 0].any()


def test_batches_of_pairs_hold_so_many_tokens(
    reader: tuple[ViConBERT, InputMaker], data: WsdData, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, inputs = reader
    sizes = []
    original = pairs_module.pair_features

    def recorded(
        model: ViConBERT, rows: PairRows, n_pairs: int
    ) -> tuple[torch.Tensor, torch.Tensor]:
        sizes.append(rows.ids.numel())
        return original(model, rows, n_pairs)

    monkeypatch.setattr(pairs_module, "pair_features", recorded)
    items = data.items[:12]
    pairs = pairs_of(items, [data.inventory.candidates(item.lemma) for item in items])
    encode_pairs(model, inputs, pairs, tokens_per_batch=150)
    assert len(sizes) > 1
    assert max(sizes) <= 150


def test_a_vector_of_zeros_is_like_nothing() -> None:
    entry = InventoryEntry("a", "a", "đường", "noun", "lối đi")
    inventory = Inventory([entry], VI)
    item = Item("1", "a", "a", "đường", "noun", "đường", 0, 5, "test_seen")
    scorer = CosineScorer(inventory, {"1": np.zeros(2, np.float32)}, np.ones((1, 2), np.float32))
    assert scorer.scores([item], [(entry,)])[0].tolist() == [0.0]


def test_what_can_be_trained_on_by_hand() -> None:
    """Two rivals; one rival that is ignored; none; a gold sense that is no candidate."""
    present = torch.tensor([[True, True], [True, True], [True, False], [True, True]])
    ignored = torch.tensor([[False, False], [False, True], [False, False], [False, False]])
    gold = torch.tensor([0, 0, 0, -1])
    t = CandidateTable(torch.zeros(4, 2, 1).half(), torch.zeros(4, 2, 2), present, gold, ignored)
    assert t.trainable.tolist() == [True, False, False, False]
    assert t.ambiguous.tolist() == [True, True, False, False]


def test_items_and_candidates_that_do_not_belong_together_are_a_fault() -> None:
    entry = InventoryEntry("a", "a", "đường", "noun", "lối đi")
    item = Item("1", "a", "a", "đường", "noun", "đường", 0, 5, "train")
    features = PairFeatures(np.zeros((1, 2), np.float16), np.zeros((1, 2), np.float32))
    with pytest.raises(ValueError, match="shorter"):
        candidate_table([item, item], [(entry,)], features)
    inventory = Inventory([entry], VI)
    scorer = CosineScorer(inventory, {"1": np.ones(2, np.float32)}, np.ones((1, 2), np.float32))
    with pytest.raises(ValueError, match="shorter"):
        scorer.scores([item, item], [(entry,)])


def test_a_unit_of_no_known_gloss_adds_nothing_to_the_overlap() -> None:
    scorer = OverlapScorer(Inventory([InventoryEntry("a", "a", "đường", "noun", "lối xe")], VI))
    asked = Item("1", "a", "a", "đường", "noun", "xe trên lối đường mới", 12, 17, "test_seen")
    assert scorer.overlap(asked, "lối mới") == scorer.overlap(asked, "lối")


def test_an_ignored_candidate_is_never_pushed_down(monkeypatch: pytest.MonkeyPatch) -> None:
    """In every batch the loss has all present candidates but the ignored ones."""
    from trainer.ranking import fit_cross_encoder as module

    t = table(32, 0)
    ignored = torch.zeros_like(t.present)
    ignored[torch.arange(32), 1 - t.gold] = True
    allowed_in_all = []
    original = module.candidate_cross_entropy

    def recorded(logits: torch.Tensor, gold: torch.Tensor, allowed: torch.Tensor) -> torch.Tensor:
        assert not allowed[torch.arange(len(gold)), 1 - gold].any()
        allowed_in_all.append(int(allowed.sum()))
        return original(logits, gold, allowed)

    monkeypatch.setattr(module, "candidate_cross_entropy", recorded)
    head = CrossEncoderHead(4, 8, 0.0, likelihood=False)
    settings = RankerSettings(epochs=1, batch_size=4)
    fit_cross_encoder(head, t.ignoring(ignored), None, settings, 0)
    assert sum(allowed_in_all) == 2 * 16  # the odd items: gold and the third candidate
