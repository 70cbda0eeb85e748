"""Triples out of a release: pairs of one sense, substituted words at their place, siblings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_release import VI, save_encoder

from schemas.errors import UsageError
from trainer.data import Inventory, InventoryEntry, Item, WsdData
from trainer.distil.likelihood import sentence_likelihood
from trainer.distil.substitutes import Substitutes, static_vectors, substituted
from trainer.distil.triples import NO_ROW, TripleRows, same_sense_triples
from trainer.states.teacher import Teacher
from trainer.text.inputs import MarkedSentence


def test_a_word_is_substituted_at_its_span_alone() -> None:
    sentence = "khoan dung, cái khoan"
    side = substituted(MarkedSentence(sentence, 16, 21), "máy bay")
    assert side.sentence == "khoan dung, cái máy bay"
    assert side.sentence[side.start : side.end] == "máy bay"


def test_a_capital_stays() -> None:
    side = substituted(MarkedSentence("Đường mía rất ngọt", 0, 5), "lan can")
    assert side.sentence == "Lan can mía rất ngọt"
    assert side.sentence[side.start : side.end] == "Lan can"


def test_n_contexts_of_a_sense_give_n_triples_in_a_circle(data: WsdData) -> None:
    items = data.split("train")
    triples = same_sense_triples(items, data.inventory)
    of = {item.item_id: item for item in items}
    sources = [triple.source.row for triple in triples]
    counts: dict[str, int] = {}
    for item in items:
        counts[item.sense_id] = counts.get(item.sense_id, 0) + 1
    assert len(triples) == sum(n for n in counts.values() if n > 1)
    assert len(set(sources)) == len(sources)
    assert sorted(t.positive.row for t in triples) == sorted(sources)
    for triple in triples:
        one, other = of[triple.source.row], of[triple.positive.row]
        assert one.sense_id == other.sense_id
        assert one.item_id != other.item_id
        if triple.sibling is not None:
            sibling = of[triple.sibling.row]
            assert sibling.lemma == one.lemma
            assert sibling.synset_id != one.synset_id


def test_the_order_of_items_does_not_matter(data: WsdData) -> None:
    items = data.split("train")
    there = same_sense_triples(items, data.inventory)
    back = same_sense_triples(items[::-1], data.inventory)
    assert {t.triple_id: t for t in there} == {t.triple_id: t for t in back}


def test_validation_items_find_partners_in_training_and_never_the_other_way(data: WsdData) -> None:
    training, validation = data.split("train"), data.split("validation")
    names = {item.item_id for item in validation}
    triples = same_sense_triples(validation, data.inventory, training)
    assert {t.source.row for t in triples} <= names
    assert len(triples) == len([i for i in validation if i.lemma != "câu"])
    assert (
        not {
            s.row
            for t in same_sense_triples(training, data.inventory)
            for s in (t.source, t.positive)
        }
        & names
    )


def lexicon(*senses: tuple[str, str, str, str | None]) -> Inventory:
    return Inventory(
        (InventoryEntry(f"{s}#{w}", s, w, "noun", g, cluster=c) for s, w, g, c in senses), VI
    )


def items_of(inventory: Inventory, n: int = 2) -> list[Item]:
    return [
        Item(
            f"{e.sense_id}@{at}",
            e.sense_id,
            e.synset_id,
            e.lemma,
            e.pos,
            f"{at} {e.lemma} {e.synset_id}",
            2,
            2 + len(e.lemma),
            "train",
        )
        for e in inventory.entries
        for at in range(n)
    ]


def test_senses_that_nothing_tells_apart_are_no_siblings() -> None:
    """a and b are one cluster, a and c have equal glosses; d is another sense."""
    inventory = lexicon(
        ("a", "đá", "khoáng vật", "x"),
        ("b", "đá", "tảng lớn", "x"),
        ("c", "đá", "Khoáng vật", None),
        ("d", "đá", "đưa chân", None),
    )
    found = {t.sense: t.sibling for t in same_sense_triples(items_of(inventory), inventory)}
    siblings = {sense: side.row.partition("#")[0] for sense, side in found.items() if side}
    assert siblings["a#đá"] == "d"
    assert siblings["b#đá"] in "cd"
    assert siblings["c#đá"] in "bd"


def test_a_substitute_shares_no_synset_and_has_the_part_of_speech_and_length() -> None:
    inventory = lexicon(
        ("a", "mũ", "đồ đội đầu", None),
        ("a", "nón", "đồ đội đầu", None),  # a synonym
        ("b", "sách", "tập giấy", None),
        ("c", "máy vi tính xách tay", "máy", None),  # too long
    )
    verb = InventoryEntry("v#đi", "v", "đi", "verb", "dời chỗ")
    inventory = Inventory((*inventory.entries, verb), VI)
    items = items_of(inventory)
    made = Substitutes(items, inventory).negatives(
        same_sense_triples(items, inventory), {item.item_id: item for item in items}
    )
    of = {item.item_id: item for item in items}
    texts = {}
    for triple in made:
        own = triple.negative
        lemma = of[triple.source.row].lemma
        texts[lemma] = None if own is None else own.sentence[own.start : own.end]
    assert texts["mũ"] == "sách"
    assert texts["nón"] == "sách"
    assert texts["sách"] in ("mũ", "nón")
    assert texts["đi"] is None
    assert texts["máy vi tính xách tay"] is None


def test_the_static_vectors_choose_a_distant_word() -> None:
    """Of a near and a far word the far one is below the mean of the cosines, for every triple."""
    inventory = lexicon(
        ("a", "cam", "quả", None), ("b", "chanh", "quả chua", None), ("c", "búa", "đồ nghề", None)
    )
    items = items_of(inventory)
    places = {"cam": [1.0, 0.0], "chanh": [0.9, 0.1], "búa": [0.0, 1.0]}
    states = np.array([places[item.lemma] for item in items], dtype=np.float32)
    static = static_vectors(items, states, VI.match_key)
    assert np.allclose(static["cam"], [1.0, 0.0])
    own = [t for t in same_sense_triples(items, inventory) if "cam" in t.source.row]
    of = {item.item_id: item for item in items}
    for triple in Substitutes(items, inventory, static).negatives(own, of):
        assert triple.negative is not None
        assert "búa" in triple.negative.sentence


def test_rows_number_each_sentence_once_and_known_ones_first(data: WsdData) -> None:
    items = data.split("train")
    known = [item.marked for item in items]
    triples = same_sense_triples(items, data.inventory)
    negative = substituted(triples[0].source, "cây")
    triples[0] = replace(triples[0], negative=negative)
    rows = TripleRows.of(triples, known)
    assert rows.sentences == (*known, negative)
    assert rows.rows[0].tolist()[2] == len(known)
    assert (rows.rows[1:, 2] == NO_ROW).all()
    for triple, own in zip(triples, rows.rows, strict=True):
        assert rows.sentences[own[0]] == triple.source
        assert rows.sentences[own[1]] == triple.positive
    part = rows.part(1, 3)
    assert part.rows.tolist() == rows.rows[1:3].tolist()
    assert len(part) == 2


def test_the_likelier_half_is_chosen_from_before_distance() -> None:
    """The farthest words are unlikely, so they are out; of the others the farther one is in."""
    inventory = lexicon(
        ("a", "cam", "quả", None),
        ("b", "chanh", "quả chua", None),
        ("c", "búa", "đồ nghề", None),
        ("d", "mưa", "nước rơi", None),
        ("e", "kim", "đồ khâu", None),
    )
    items = items_of(inventory)
    places = {"cam": [1.0, 0.0], "chanh": [0.9, 0.1], "búa": [0.5, 0.5], "mưa": [-1.0, 0.0]}
    places["kim"] = [-1.0, 0.1]
    states = np.array([places[item.lemma] for item in items], dtype=np.float32)
    static = static_vectors(items, states, VI.match_key)

    def likelihood(sentences: Sequence[MarkedSentence]) -> list[float]:
        unlikely = ("mưa", "kim")
        return [-9.0 if any(w in s.sentence for w in unlikely) else -1.0 for s in sentences]

    own = [t for t in same_sense_triples(items, inventory) if "cam" in t.source.row]
    of = {item.item_id: item for item in items}
    for triple in Substitutes(items, inventory, static, likelihood).negatives(own, of):
        assert triple.negative is not None
        assert "búa" in triple.negative.sentence


def test_a_sentences_likelihood_is_that_of_its_pieces_one_by_one(
    decoder: str, tmp_path: Path
) -> None:
    """Over all pieces of the vocabulary, against a plain log softmax; a masked model has none."""
    teacher = Teacher.open(decoder, VI)
    sentence = MarkedSentence("nước chanh này nhiều đường quá", 21, 26)
    row = teacher.inputs.once().tokenize(sentence)
    pieces = teacher.inputs.pieces
    texts = [sentence.sentence, "mẹ mua một cân đường trắng"]
    ids = torch.tensor([row.ids])
    with torch.no_grad():
        last = teacher.backbone(input_ids=ids).last_hidden_state[0]
        weights = teacher.backbone.get_input_embeddings().weight
        by_hand = 0.0
        for at in range(1, len(row.ids)):
            logits = last[at - 1] @ weights.T
            known = set(pieces.vocabulary(texts)) | {row.ids[at]}
            total = torch.logsumexp(logits[sorted(known)], dim=0)
            by_hand += float(logits[row.ids[at]] - total)
    found = sentence_likelihood(teacher, texts)([sentence])
    assert found == [pytest.approx(by_hand, abs=1e-4)]
    once = Teacher.open(save_encoder(tmp_path, texts), VI)
    with pytest.raises(UsageError, match='proposals = "likely" needs a decoder-only backbone'):
        sentence_likelihood(once, texts)
