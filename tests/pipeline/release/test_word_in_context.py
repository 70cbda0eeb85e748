"""The table ``word_in_context_en``: a released sentence beside an English one of the same word."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from languages.find import find_language
from pipeline.card.render import write_card
from pipeline.release.word_in_context import EnglishSentences, english_contexts
from pipeline.sources.princeton_file import open_wordnet
from schemas.ids import context_id, sense_id
from schemas.records import EnglishContext, Example, Link, Pos, Split
from schemas.tables import read_table, write_table
from testing.wordnet_database import DatabaseLine, write_database

NOUN, VERB = 4, 35  # noun.act, verb.contact
LINES = tuple(
    DatabaseLine(name, "verb" if kind == "v" else "noun", kind, file, words, gloss)
    for name, kind, file, words, gloss in (
        ("money", "n", NOUN, ("bank", "lender"), 'a firm; "he cashed a check at the bank"'),
        ("river", "n", NOUN, ("bank",), 'land; "they sat on the banks"; "bank on bank"'),
        ("verb", "v", VERB, ("bank",), 'to tip; "the plane banked"'),
        ("alone", "n", NOUN, ("drill",), 'a tool; "the drill is new"'),
        ("mute", "n", NOUN, ("bank",), "a flight manoeuvre"),
    )
)


@pytest.fixture
def made(tmp_path: Path) -> tuple[EnglishSentences, Mapping[str, str]]:
    offsets = write_database(tmp_path / "dict", LINES)
    database = open_wordnet(tmp_path / "dict")
    return EnglishSentences(database, find_language("en")), offsets


def example(synset: str, number: int) -> Example:
    sentence, sense = f"câu {number} có ngân hàng", sense_id(synset, "ngân hàng")
    start = len(sentence) - len("ngân hàng")
    return Example(
        context_id=context_id(sense, sentence, start, len(sentence)),
        sense_id=sense,
        synset_id=synset,
        lemma="ngân hàng",
        pos=Pos.NOUN,
        supersense="noun.group",
        gloss="nơi gửi tiền",
        split=Split.TRAIN,
        n_candidates=1,
        n_candidates_same_pos=1,
        judged="agree",
        audited="unaudited",
        sentence=sentence,
        target_start=start,
        target_end=len(sentence),
    )


def link(synset: str, princeton: str, confidence: float = 1.0) -> Link:
    return Link(synset_id=synset, ili=None, princeton=princeton, link_confidence=confidence)


def test_both_rows_show_the_same_english_word(made: Any) -> None:
    """Of the river's sentences one has the word twice, so the other one is taken."""
    sentences, offsets = made
    links = {"v-1": link("v-1", f"{offsets['money']}-n")}
    same, other = english_contexts([example("v-1", 1)], links, sentences, 0.9)
    assert same.same
    assert not other.same
    for row, text, word in (
        (same, "he cashed a check at the bank", "bank"),
        (other, "they sat on the banks", "banks"),
    ):
        assert row.english_sentence == text
        assert row.english_sentence[row.english_start : row.english_end] == word
        assert row.english_lemma == "bank"
        assert row.sentence[row.target_start : row.target_end] == "ngân hàng"
    assert same.princeton == f"{offsets['money']}-n"
    assert other.princeton == f"{offsets['river']}-n"
    assert same.pair_id != other.pair_id


def test_a_verb_is_no_other_sense_of_a_noun_and_a_word_of_one_sense_has_no_rows(made: Any) -> None:
    sentences, offsets = made
    for name, letter in (("alone", "n"), ("verb", "v"), ("mute", "n")):
        links = {"v-1": link("v-1", f"{offsets[name]}-{letter}")}
        assert list(english_contexts([example("v-1", 1)], links, sentences, 0.0)) == []


def test_unsure_links_and_all_but_five_examples_of_a_sense_are_left_out(made: Any) -> None:
    sentences, offsets = made
    princeton = f"{offsets['money']}-n"
    links = {"v-1": link("v-1", princeton, 0.9), "v-2": link("v-2", princeton, 0.89)}
    examples = [example(s, n) for s in ("v-1", "v-2") for n in range(8)]
    rows = list(english_contexts(examples, links, sentences, 0.9))
    assert len(rows) == 10
    assert {row.sense_id for row in rows} == {"v-1#ngân_hàng"}
    assert Counter(row.same for row in rows) == {True: 5, False: 5}
    assert list(english_contexts(examples[::-1], links, sentences, 0.9)) == rows


def test_the_release_has_a_file_per_split_and_the_card_its_columns(
    tables: Any, made: Any, tmp_path: Path
) -> None:
    sentences, offsets = made
    of_link = f"{offsets['money']}-n"
    written = tables.path("links").read_bytes()
    try:
        write_table(tables.path("links"), Link, [link("m-1", of_link), link("m-2", of_link, 0.5)])
        manifest = tables.release(tmp_path / "out", sentences, word_in_context_en=0.9)
        assert tables.release(tmp_path / "again", sentences, word_in_context_en=0.9) == manifest
    finally:
        tables.path("links").write_bytes(written)
    files = manifest.files_of("word_in_context_en")
    rows = [row for f in files for row in read_table(tmp_path / "out" / f.path, EnglishContext)]
    assert {row.sense_id.partition("#")[0] for row in rows} == {"m-1"}
    by_split = Counter(row.split for row in rows)
    assert {f.split: f.rows for f in files} == by_split
    examples = {
        row.context_id: row.split
        for f in manifest.files_of("examples")
        for row in read_table(tmp_path / "out" / f.path, Example)
    }
    assert all(examples[row.context_id] is row.split for row in rows)
    write_card(tmp_path / "out")
    card = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    assert "config_name: word_in_context_en" in card
    assert "whether the English word means what the target means" in card
