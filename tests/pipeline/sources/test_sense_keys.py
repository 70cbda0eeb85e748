"""Sense keys of Princeton WordNet, as corpora name its senses."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from languages.find import find_language
from pipeline.link.annotations import named_senses
from pipeline.sources.princeton_file import open_wordnet
from pipeline.sources.sense_keys import sense_keys

EN = find_language("en")
WORDNET = Path("/usr/share/wordnet")
GOLD = sorted(
    Path(os.environ.get("VICONWSD_DATA", "/nowhere")).glob("lexical/wsd-eval/*/*.key.txt")
)


def test_a_key_has_kind_file_number_and_of_satellites_the_head(make_wordnet) -> None:
    database = make_wordnet()
    at = {name: int(offset) for name, offset in database.offsets.items()}
    assert sense_keys(open_wordnet(database.folder)) == {
        "artifact%1:03:00::": (at["artifact"], "n"),
        "artefact%1:03:00::": (at["artifact"], "n"),
        "tool%1:06:00::": (at["tool"], "n"),
        "drill%1:06:00::": (at["drill"], "n"),
        "power_drill%1:06:00::": (at["drill"], "n"),
        "bore%2:35:00::": (at["bore"], "v"),
        "drill%2:35:00::": (at["bore"], "v"),
        "dry%3:00:00::": (at["dry"], "a"),
        "arid%5:00:00:dry:00": (at["arid"], "a"),
        "fast%4:02:00::": (at["fast"], "r"),
    }


def test_keys_and_places_are_those_of_the_inventory_s_synsets(make_wordnet) -> None:
    database = make_wordnet()
    drill, tool = (f"{database.offsets[name]}" for name in ("drill", "tool"))
    index = f"power_drill n 1 0 1 0 {drill}  \ndrill n 2 0 2 0 {tool} {drill}  \n"
    (database.folder / "index.noun").write_text(index)
    found = named_senses(database.folder, [f"pwn-{drill}-n", "demo-1"], EN)
    assert found.synset_of == {
        "drill%1:06:00::": f"pwn-{drill}-n",
        "power_drill%1:06:00::": f"pwn-{drill}-n",
    }
    assert found.place_of == {
        ("power drill", f"pwn-{drill}-n"): 0,
        ("drill", f"pwn-{drill}-n"): 1,
    }


@pytest.mark.real_data
@pytest.mark.skipif(not (GOLD and WORDNET.is_dir()), reason="no wsd-eval, or no wordnet-base")
def test_every_gold_key_of_the_evaluation_framework_is_known() -> None:
    known = sense_keys(open_wordnet(WORDNET))
    for path in GOLD:
        for line in path.read_text(encoding="utf-8").splitlines():
            assert set(line.split()[1:]) <= known.keys()
