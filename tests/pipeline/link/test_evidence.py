"""Candidates come from translations of lemmas, whole or in pieces, and from what resembles them."""

import math
from collections.abc import Mapping

import pytest

from languages.find import find_language
from pipeline.link.english import EnglishIndex, tokens
from pipeline.link.evidence import SIGNS, Evidence, EvidenceFinder, LinkRow
from pipeline.link.ranks import read_ranks
from pipeline.link.rows import link_row
from pipeline.link.word_lists import WordList
from pipeline.sources.princeton_file import open_wordnet
from testing.wordnet_database import DatabaseLine, write_database

VI = find_language("vi")
LINES = (
    DatabaseLine("fish", "noun", "n", 5, ("fish",), "cold-blooded animal with fins"),
    DatabaseLine(
        "sole", "noun", "n", 5, ("sole",), "flatfish with both eyes on one side", (("@", "fish"),)
    ),
    DatabaseLine("pike", "noun", "n", 5, ("pike",), "long hunter", (("@", "fish"),)),
    DatabaseLine("shoe", "noun", "n", 6, ("sole",), "underside of footwear"),
    DatabaseLine("run", "verb", "v", 38, ("run", "race"), "move fast by foot"),
    DatabaseLine("flow", "verb", "v", 38, ("run", "flow"), "stream as water does"),
    DatabaseLine("quick", "adj", "a", 0, ("quick",), "moving fast"),
    DatabaseLine("leo", "noun", "n", 5, ("Panthera_leo",), "large cat of Africa"),
)  # fmt: skip


@pytest.fixture(scope="module")
def english(tmp_path_factory: pytest.TempPathFactory) -> EnglishIndex:
    folder = tmp_path_factory.mktemp("dict")
    offsets = write_database(folder, LINES)
    (folder / "index.verb").write_text(
        f"  1 header\nrun v 2 1 @ 2 2 {offsets['run']} {offsets['flow']}\n", encoding="utf-8"
    )
    return EnglishIndex(open_wordnet(folder), read_ranks(folder))


def words(said: Mapping[str, str]) -> WordList:
    found = WordList()
    for word, text in said.items():
        found.add(VI.match_key(word), text)
    return found


def evidence(
    english: EnglishIndex, lists: WordList, supersense: str, *lemmas: str, **more: tuple[str, ...]
) -> dict[str, dict[str, float]]:
    """The signs of every candidate, by its first word and definition's first word."""
    row = LinkRow("v-1", supersense, lemmas, **more)
    found: list[Evidence] = list(EvidenceFinder(english, lists, VI).find([row]))
    if not found:
        return {}
    (only,) = found
    return {
        english.words[n][0] + "/" + english.synsets[n].definition.split()[0]: dict(
            zip(SIGNS, signs, strict=True)
        )
        for n, signs in zip(only.candidates.tolist(), only.signs.tolist(), strict=True)
    }


def test_a_translation_leads_only_to_synsets_of_the_rows_own_file(english: EnglishIndex) -> None:
    lists = words({"cá bơn": "sole"})
    found = evidence(english, lists, "noun.animal", "cá bơn")
    assert found["sole/flatfish"]["translated"] == 1.0
    assert "sole/underside" not in found
    assert "sole/underside" in evidence(english, lists, "noun.artifact", "cá bơn")
    both = evidence(english, lists, "noun.tops", "cá bơn")
    assert {"sole/flatfish", "sole/underside"} <= both.keys()
    assert evidence(english, lists, "conj", "cá bơn") == {}


def test_the_more_frequent_sense_has_the_larger_share_of_a_vote(english: EnglishIndex) -> None:
    found = evidence(english, words({"chạy": "run; sprint"}), "verb.motion", "chạy")
    assert found["run/move"]["rank"] == 0.0
    assert found["run/stream"]["rank"] == math.log(2)
    assert math.exp(found["run/move"]["votes"]) == pytest.approx(2 / 3)
    assert math.exp(found["run/stream"]["votes"]) == pytest.approx(1 / 3)


def test_several_lemmas_vote_together(english: EnglishIndex) -> None:
    lists = words({"chạy": "race", "phi": "race; gallop", "vọt": "leap"})
    found = evidence(english, lists, "verb.motion", "chạy", "phi", "vọt")
    signs = found["run/move"]
    assert signs["lemmas"] == pytest.approx(math.log(2))
    assert signs["share"] == pytest.approx(2 / 3)
    assert signs["covered"] == pytest.approx(1 / 2)
    assert signs["of_several"] == pytest.approx(math.log(3))


def test_a_lemma_is_looked_up_without_its_classifier_only_where_it_is_not_there_with_it(
    english: EnglishIndex,
) -> None:
    lists = words({"bơn": "sole"})
    (stripped,) = [
        signs
        for signs in evidence(english, lists, "noun.animal", "con bơn").values()
        if signs["translated"]
    ]
    assert math.exp(stripped["votes"]) == pytest.approx(0.7)
    lists.add("con bơn", "pike")
    found = evidence(english, lists, "noun.animal", "con bơn")
    assert found["pike/long"]["translated"] == 1.0
    assert found.get("sole/flatfish", {"translated": 0.0})["translated"] == 0.0


def test_what_no_list_has_as_a_whole_resembles_by_its_pieces_and_hypernyms(
    english: EnglishIndex,
) -> None:
    lists = words({"cá": "fish", "mắt lệch": "eyes on one side"})
    found = evidence(english, lists, "noun.animal", "cá mắt lệch")
    assert not any(signs["translated"] for signs in found.values())
    assert max(found, key=lambda name: found[name]["resembles"]) == "sole/flatfish"
    assert found["sole/flatfish"]["named"] == 0.0
    less = evidence(english, words({"mắt lệch": "eyes on one side"}), "noun.animal", "cá mắt lệch")
    assert less["sole/flatfish"]["resembles"] < found["sole/flatfish"]["resembles"]
    assert evidence(english, words({"cá": "boat"}), "noun.animal", "cá mắt lệch") == {}


def test_a_list_that_names_synsets_votes_for_these_alone(english: EnglishIndex) -> None:
    lists = WordList()
    lists.synsets["chạy"] = dict.fromkeys(
        name for name, n in english.number.items() if "flow" in english.words[n]
    )
    found = evidence(english, lists, "verb.motion", "chạy")
    assert [signs["votes"] for signs in found.values() if signs["translated"]] == [0.0]


def test_a_word_that_could_not_be_vietnamese_and_is_princetons_was_kept(
    english: EnglishIndex,
) -> None:
    row = link_row("v-1", "noun.animal", ("sư tử", "Panthera leo", "race"), english, VI)
    assert (row.lemmas, row.kept) == (("sư tử",), ("Panthera leo", "race"))
    found = evidence(english, WordList(), "noun.animal", *row.lemmas, kept=row.kept)
    assert found["panthera leo/large"]["kept"] == 1.0
    plain = link_row("v-1", "noun.animal", ("ma", "cá sole", "Xyz"), english, VI)
    assert plain.kept == ()


def test_words_are_found_in_other_forms(english: EnglishIndex) -> None:
    assert english.find("runs") == "run"
    assert english.find("panthera-leo") == "panthera leo"
    assert english.find("racing") == "race"
    assert english.find("swim") is None
    assert tokens("The Races, raced by a quick one") == ["rac", "rac", "quick"]
