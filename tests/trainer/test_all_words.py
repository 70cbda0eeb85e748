"""All-words sets: what is read, what may be chosen, and what counts as right."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from languages.find import find_language
from pipeline.cli.main import exit_code
from schemas.errors import InputError, StorageError
from schemas.evaluation import ALL_WORDS
from trainer.data import Inventory, InventoryEntry
from trainer.evaluation.accuracy import Bootstrap
from trainer.evaluation.all_words import AllWords, read_all_words
from trainer.evaluation.baselines import FirstSenseScorer

EN = find_language("en")
XML = """<?xml version="1.0" encoding="UTF-8"?>
<corpus lang="en" source="tiny"><text id="d0"><sentence id="d0.s0">
<wf lemma="she" pos="PRON">She</wf>
<instance id="d0.s0.t0" lemma="drill" pos="VERB">drilled</instance>
<wf lemma="a" pos="DET">a</wf>
<instance id="d0.s0.t1" lemma="test_hole" pos="NOUN">test hole</instance>
<instance id="d0.s0.t2" lemma="fast" pos="ADV">fast</instance>
</sentence></text></corpus>
"""
KEYS = (
    "d0.s0.t0 drill%2:32:00:: drill%2:35:00::\n"
    "d0.s0.t1 test_hole%1:06:00::\n"
    "d0.s0.t2 Fast%4:02:00::\n"
)
INVENTORY = Inventory(
    (
        InventoryEntry("a#drill", "a", "drill", "noun", "a tool"),
        InventoryEntry("b#drill", "b", "drill", "verb", "teach by repetition"),
        InventoryEntry("c#drill", "c", "drill", "verb", "make a hole"),
        InventoryEntry("d#drill", "d", "drill", "verb", None),
        InventoryEntry("e#fast", "e", "fast", "adv", "quickly"),
        InventoryEntry("f#fast", "f", "fast", "adv", "firmly"),
    ),
    EN,
)
SYNSETS = {"drill%2:35:00::": "c", "fast%4:02:00::": "f", "fast%4:02:01::": "e"}


def write(folder: Path, xml: str = XML, keys: str = KEYS) -> Path:
    folder.mkdir()
    (folder / f"{folder.name}.data.xml").write_text(xml, encoding="utf-8")
    (folder / f"{folder.name}.gold.key.txt").write_text(keys, encoding="utf-8")
    return folder


def test_targets_have_their_spans_and_keys(tmp_path: Path) -> None:
    one, two, three = read_all_words(write(tmp_path / "tiny"))
    assert {one.item.sentence, two.item.sentence} == {"She drilled a test hole fast"}
    marked = [x.item.sentence[x.item.start : x.item.end] for x in (one, two, three)]
    assert marked == ["drilled", "test hole", "fast"]
    assert [(x.item.item_id, x.item.lemma, x.item.pos, x.item.split) for x in (one, two)] == [
        ("tiny.d0.s0.t0", "drill", "verb", "tiny"),
        ("tiny.d0.s0.t1", "test hole", "noun", "tiny"),
    ]
    assert one.keys == {"drill%2:32:00::", "drill%2:35:00::"}
    assert three.keys == {"fast%4:02:00::"}


def test_any_key_is_right_and_what_the_inventory_lacks_is_wrong(tmp_path: Path) -> None:
    """Of three targets: the more frequent verb is right; no candidate; the first adverb wrong."""
    read = read_all_words(write(tmp_path / "tiny"))
    places = {("drill", "c"): 0, ("drill", "b"): 1, ("fast", "e"): 0}
    asked = AllWords.of(read, INVENTORY, SYNSETS, places)
    assert [[e.synset_id for e in own] for own in asked.candidates] == [["c", "b"], [], ["e", "f"]]
    assert asked.gold == ({"c"}, frozenset(), {"f"})
    found = asked.results("first", FirstSenseScorer(), Bootstrap(20))
    values = {c.name: (c.estimate.value, c.estimate.n_items) for c in found.cells}
    assert {c.group for c in found.cells} == {ALL_WORDS}
    assert values == {
        "all": (pytest.approx(1 / 3), 3),
        "tiny": (pytest.approx(1 / 3), 3),
        "verb": (1.0, 1),
        "noun": (0.0, 1),
        "adv": (0.0, 1),
    }


def test_ties_go_to_the_more_frequent_sense(tmp_path: Path) -> None:
    class Undecided:
        def scores(self, items, candidates):  # type: ignore[no-untyped-def]
            return [np.zeros(len(own), np.float32) for own in candidates]

    read = read_all_words(write(tmp_path / "tiny"))
    first = AllWords.of(read, INVENTORY, SYNSETS, {("drill", "c"): 0, ("fast", "f"): 0})
    verb, adverb = (first.results("x", Undecided(), Bootstrap(5)).cells[n] for n in (2, 4))
    assert (verb.estimate.value, adverb.estimate.value) == (1.0, 1.0)


@pytest.mark.parametrize(
    ("xml", "keys", "words"),
    [
        ("<corpus>", KEYS, "tiny.data.xml: not XML"),
        (XML.replace("UTF-8", "UTF-99"), KEYS, "tiny.data.xml: not XML (unknown encoding"),
        (XML.replace("UTF-8", "UTF-7"), KEYS, "tiny.data.xml: not XML (multi-byte encodings"),
        ("<corpus/>", KEYS, "tiny.data.xml: no <instance> in it"),
        (
            XML.replace(' lemma="drill"', ""),
            KEYS,
            "an <instance> in sentence d0.s0 lacks id, lemma",
        ),
        (XML, KEYS.replace("d0.s0.t2", "d0.s0.t9"), "1 target without a key, as d0.s0.t2"),
        (XML, "d0.s0.t0 drill\n", "tiny.gold.key.txt:1: wanted a target and its sense keys"),
        (XML, "\n", "tiny.gold.key.txt:1: wanted a target"),
    ],
)
def test_what_is_not_in_the_format_is_one_line(
    tmp_path: Path, xml: str, keys: str, words: str
) -> None:
    with pytest.raises(InputError, match=words.replace("(", r"\(")) as caught:
        read_all_words(write(tmp_path / "tiny", xml, keys))
    assert "\n" not in str(caught.value)


def test_sets_are_for_releases_of_princeton_s_synsets(
    release_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Told before a model is looked for, or a WordNet."""
    write(tmp_path / "tiny")
    (tmp_path / "run.toml").write_text(
        '[source]\nkind = "csv"\npath = "."\n\n[llm]\nbase_url = "http://x.invalid"\n'
        'model = "x"\n\n[evaluate]\nall_words = ["tiny"]\n'
    )
    config = ["-c", str(tmp_path / "run.toml"), "--release", str(release_folder)]
    assert exit_code(["evaluate", *config]) == 2
    said = capsys.readouterr().err
    assert said.startswith("viconwsd: [evaluate] all_words is for releases whose synsets are")
    assert said.count("\n") == 1


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises((InputError, StorageError), match=r"none\.gold\.key\.txt"):
        read_all_words(tmp_path / "none")
