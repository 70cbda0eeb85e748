"""English words in lemmas of another language: kept beside its own words, or written by ear."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from languages.find import find_language
from pipeline.link.english import EnglishIndex
from pipeline.link.loanwords import Borrowing, Loanwords, sounds
from pipeline.link.ranks import read_ranks
from pipeline.sources.princeton_file import open_wordnet
from testing.wordnet_database import DatabaseLine, write_database

VI = find_language("vi")
LINES = (
    DatabaseLine("taxi", "noun", "n", 6, ("taxi", "cab"), "car with a driver"),
    DatabaseLine("oboe", "noun", "n", 6, ("oboe",), "slender woodwind"),
    DatabaseLine("piano", "noun", "n", 6, ("piano",), "keyboard instrument"),
    DatabaseLine("table", "noun", "n", 6, ("table",), "furniture with a flat top"),
    DatabaseLine("pakistan", "noun", "n", 15, ("Pakistan", "West_Pakistan"), "republic in Asia"),
    DatabaseLine("forester", "noun", "n", 18, ("C._S._Forester", "Forester"), "English writer"),
    DatabaseLine("trotsky", "noun", "n", 18, ("Trotsky",), "Russian revolutionary"),
    DatabaseLine("man", "noun", "n", 18, ("man",), "adult male"),
    DatabaseLine("other", "noun", "n", 18, ("Leon", "Trotsky"), "somebody else"),
)


@pytest.fixture(scope="module")
def english(tmp_path_factory: pytest.TempPathFactory) -> EnglishIndex:
    folder: Path = tmp_path_factory.mktemp("dict")
    write_database(folder, LINES)
    return EnglishIndex(open_wordnet(folder), read_ranks(folder))


def found(english: EnglishIndex, supersense: str, *lemmas: str) -> dict[str, Borrowing]:
    """By the first word of each synset."""
    borrowed = Loanwords(english, VI).find(lemmas, supersense)
    return {english.words[n][0]: said for n, said in borrowed.items()}


KEPT = Borrowing(contained=True, alike=1.0, rivals=1)


@pytest.mark.parametrize(
    ("supersense", "lemma", "word"),
    [
        ("noun.artifact", "kèn oboe", "oboe"),
        ("noun.location", "nước Pakistan", "pakistan"),
        ("noun.person", "C. S . Forester", "c. s. forester"),
    ],
)
def test_a_lemma_that_ends_in_an_english_word_leads_to_it(
    english: EnglishIndex, supersense: str, lemma: str, word: str
) -> None:
    assert found(english, supersense, lemma) == {word: KEPT}


@pytest.mark.parametrize(
    ("supersense", "lemma"),
    [
        ("noun.person", "người theo chủ nghĩa Trotsky"),  # a modifier: more words are our own
        ("noun.animal", "kèn oboe"),  # of another file
        ("noun.artifact", "cái bàn"),
        ("noun.person", "đàn man"),  # could be a syllable of Vietnamese
        ("noun.artifact", "ô-tô"),  # too short to sound like anything
        ("noun.artifact", "12.000"),
    ],
)
def test_what_is_no_borrowed_word_leads_nowhere(
    english: EnglishIndex, supersense: str, lemma: str
) -> None:
    assert found(english, supersense, lemma) == {}


def test_a_lemma_that_is_written_by_ear_leads_to_what_sounds_so(english: EnglishIndex) -> None:
    """pakitstan and pakistan: one letter of nine too many. "tắc-xi" is taksi, as taxi is."""
    assert found(english, "noun.location", "nước Pa-kít-xtăng") == {
        "pakistan": Borrowing(contained=False, alike=1 - 1 / 9, rivals=1)
    }
    assert found(english, "noun.artifact", "xe hơi", "tắc-xi") == {"taxi": Borrowing(False, 1.0, 1)}


def test_the_more_synsets_a_word_leads_to_the_less_it_says(english: EnglishIndex) -> None:
    both = found(english, "noun.person", "ông Trotsky")
    assert both == dict.fromkeys(("trotsky", "leon"), Borrowing(True, 1.0, rivals=2))


def test_a_word_that_is_kept_counts_before_one_that_sounds_alike(english: EnglishIndex) -> None:
    assert found(english, "noun.location", "Pa-ki-xtan", "nước Pakistan") == {"pakistan": KEPT}


def test_respelling_leaves_letters_without_marks_and_none_doubled() -> None:
    assert sounds("Đắk-Lắkk", ()) == "daklak"
    rules = [(re.compile(p), letters) for p, letters in VI.linking.sounds]
    assert [sounds(each, rules) for each in ("phô", "xăng", "quang", "kho")] == [
        *("fo", "san", "kvan", "ko"),
    ]
    assert sounds("", rules) == ""
