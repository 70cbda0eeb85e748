"""Every lexicographer file of WordNet and of the Vietnamese WordNet is explained."""

import pytest

from prompts.supersenses import SUPERSENSES, pos_name, supersense_text
from schemas.records import Pos

NOUNS = """Tops act animal artifact attribute body cognition communication event feeling food group
location motive object person phenomenon plant possession process quantity relation shape state
substance time"""
VERBS = """body change cognition communication competition consumption contact creation emotion
motion perception possession social stative weather"""
OTHERS = ["adj.all", "adj.pert", "adv.all", "adj.ppl"]
VIETNAMESE = ["adj", "adv", "conj", "interj", "prep", "pron"]


def test_the_45_files_of_wordnet_and_six_of_the_vietnamese_one_are_known() -> None:
    files = [f"noun.{name}" for name in NOUNS.split()] + [f"verb.{name}" for name in VERBS.split()]
    assert len(files) + len(OTHERS) == 45
    known = {name.casefold() for name in [*files, *OTHERS, *VIETNAMESE]}
    assert known == set(SUPERSENSES)


def test_the_catch_all_and_the_unknown_say_nothing_and_all_others_something() -> None:
    assert supersense_text("noun.tops") == supersense_text("noun.Tops") == ""
    assert supersense_text("noun.unheard") == ""
    assert [name for name in SUPERSENSES if not supersense_text(name)] == ["noun.tops"]


@pytest.mark.parametrize("pos", list(Pos))
def test_every_part_of_speech_has_a_name(pos: Pos) -> None:
    assert pos_name(pos) == pos_name(pos.value) != ""
