"""Inflected forms: regular and irregular ones, and what is another word."""

import pytest

from languages.find import find_language
from schemas.records import Pos

EN = find_language("en")
N, V, A, R = Pos.NOUN, Pos.VERB, Pos.ADJ, Pos.ADV


@pytest.mark.parametrize(
    ("target", "lemma", "pos"),
    [
        ("drill", "drill", V),
        ("Drills", "drill", N),
        ("drilled", "drill", V),
        ("boxes", "box", N),
        ("quizzes", "quiz", N),
        ("potatoes", "potato", N),
        ("pianos", "piano", N),
        ("cities", "city", N),
        ("keys", "key", N),
        ("knives", "knife", N),
        ("firemen", "fireman", N),
        ("children", "child", N),
        ("cacti", "cactus", N),
        ("cactuses", "cactus", N),
        ("criteria", "criterion", N),
        ("analyses", "analysis", N),
        ("bureaux", "bureau", N),
        ("tries", "try", V),
        ("hoping", "hope", V),
        ("hopping", "hop", V),
        ("dying", "die", V),
        ("dyeing", "dye", V),
        ("travelled", "travel", V),
        ("traveled", "travel", V),
        ("panicked", "panic", V),
        ("went", "go", V),
        ("goes", "go", V),
        ("drunk", "drink", V),
        ("mistook", "mistake", V),
        ("overcame", "overcome", V),
        ("undid", "undo", V),
        ("were", "be", V),
        ("bigger", "big", A),
        ("happiest", "happy", A),
        ("worse", "bad", A),
        ("faster", "fast", R),
        ("took off", "take off", V),
        ("coffee cups", "coffee cup", N),
        ("attorneys general", "attorney general", N),
        ("mothers-in-law", "mother-in-law", N),
        ("cafés", "cafe", N),
        ("wolves", "wolf", None),
    ],
)
def test_a_form(target: str, lemma: str, pos: Pos | None) -> None:
    assert EN.is_form(target, lemma, pos)


@pytest.mark.parametrize(
    ("target", "lemma", "pos"),
    [
        ("driller", "drill", V),
        ("drilled", "drill", N),
        ("children", "drill", N),
        ("drill press", "drill", N),
        ("press", "drill press", N),
        ("drill-press", "drill press", N),
        ("tooks off", "take off", V),
        ("happily", "happy", A),
        ("went", "want", V),
        ("", "drill", V),
    ],
)
def test_another_word(target: str, lemma: str, pos: Pos | None) -> None:
    assert not EN.is_form(target, lemma, pos)
