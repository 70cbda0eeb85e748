"""Vietnamese letters, and one form for matching in which offsets carry over."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from languages.find import find_language
from schemas.text import normalise

SPELLING = find_language("vi").spelling
LETTERS = "".join(sorted(SPELLING.letters))
VIETNAMESE = st.text(alphabet=LETTERS + LETTERS.upper() + " ,.!?0123456789", max_size=60)


def test_the_alphabet_has_29_letters_and_60_marked_vowels() -> None:
    assert len(SPELLING.letters) == 29 + 60
    assert {"đ", "ư", "ậ", "ỹ"} <= SPELLING.letters
    assert not {"f", "j", "w", "z"} & SPELLING.letters


def test_the_key_puts_the_tone_in_one_place() -> None:
    key = SPELLING.match_key
    assert key("Hòa") == key("hoà") == "hoà"
    assert key("KHỎE") == key("khoẻ")
    assert key("thúy") == key("thuý")


def test_the_key_keeps_other_rhymes() -> None:
    key = SPELLING.match_key
    assert key("của") == "của"
    assert key("mùa") != key("muà")
    assert key("hoa") != key("hoà")


@given(VIETNAMESE)
def test_a_key_is_as_long_as_its_text(text: str) -> None:
    text = normalise(text)
    assert len(SPELLING.match_key(text)) == len(text)


@given(st.text(max_size=80))
def test_a_key_is_its_own_key(text: str) -> None:
    assert SPELLING.match_key(SPELLING.match_key(text)) == SPELLING.match_key(text)


@given(VIETNAMESE)
def test_decomposed_text_has_the_same_key(text: str) -> None:
    assert SPELLING.match_key(unicodedata.normalize("NFD", text)) == SPELLING.match_key(text)


def test_foreign_letters_are_named_once() -> None:
    assert SPELLING.foreign_letters("Felis Ficus zoo") == "fz"
    assert SPELLING.foreign_letters("Đường phố") == ""
