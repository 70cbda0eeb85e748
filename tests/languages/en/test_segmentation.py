"""English words, and which neighbours may be one word."""

import pytest

from languages.find import find_language
from pipeline.checks.checker import ContextChecker
from pipeline.checks.contexts import ContextDraft
from pipeline.checks.marks import Sound
from pipeline.checks.rules import ContextRules
from schemas.records import Pos

EN = find_language("en")
WORDS = ("dog", "hot dog", "look", "look at", "run", "run-time", "mother", "mother in law")


def test_spaces_end_words_and_function_words_end_runs() -> None:
    text = "We don't eat hot dogs, well-known or not, at the drill press."
    assert EN.segmentation.segment(text) == [
        *("We", "don't", "eat", "hot", "dogs", ",", "well-known", "or", "not", ",", "at", "the"),
        *("drill", "press", "."),
    ]
    assert EN.segmentation.longer_words(text) == [
        *("We", "don't eat hot dogs", ",", "well-known", "or", "not", ",", "at", "the"),
        *("drill press", "."),
    ]


@pytest.mark.parametrize(
    ("marked", "lemma", "pos", "codes"),
    [
        ("He ate another hot [[dog]] at the fair.", "dog", Pos.NOUN, ["target_in_longer_word"]),
        ("The weather was hot; [[dogs]] lay in the shade.", "dog", Pos.NOUN, []),
        ("Take a good [[look]] at the map first.", "look", Pos.NOUN, []),
        ("It fails at [[run]]-time on most machines.", "run", Pos.NOUN, ["target_in_longer_word"]),
    ],
)
def test_the_lexicon_says_which_neighbours_are_one_word(
    marked: str, lemma: str, pos: Pos, codes: list[str]
) -> None:
    checker = ContextChecker(WORDS, ContextRules(), EN)
    found = checker.check(ContextDraft(marked, lemma, "", pos))
    assert ([] if isinstance(found, Sound) else [each.code for each in found]) == codes
