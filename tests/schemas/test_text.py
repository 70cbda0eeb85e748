"""Vietnamese text: one stored form, one form for matching, offsets that carry over."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from schemas.text import VIETNAMESE_LETTERS, foreign_letters, match_key, normalise, syllables

LETTERS = "".join(sorted(VIETNAMESE_LETTERS))
VIETNAMESE = st.text(alphabet=LETTERS + LETTERS.upper() + " ,.!?0123456789", max_size=60)


def test_the_alphabet_has_29_letters_and_60_marked_vowels() -> None:
    assert len(VIETNAMESE_LETTERS) == 29 + 60
    assert {"đ", "ư", "ậ", "ỹ"} <= VIETNAMESE_LETTERS
    assert not {"f", "j", "w", "z"} & VIETNAMESE_LETTERS


def test_normalise_composes_and_folds_spaces() -> None:
    assert normalise(" khoan\u00a0\n tường ") == "khoan tường"
    assert normalise(unicodedata.normalize("NFD", "đường")) == "đường"


def test_match_key_puts_the_tone_in_one_place() -> None:
    assert match_key("Hòa") == match_key("hoà") == "hoà"
    assert match_key("KHỎE") == match_key("khoẻ")
    assert match_key("thúy") == match_key("thuý")


def test_match_key_keeps_other_rhymes() -> None:
    assert match_key("của") == "của"
    assert match_key("mùa") != match_key("muà")
    assert match_key("hoa") != match_key("hoà")


@given(VIETNAMESE)
def test_a_key_is_as_long_as_its_text(text: str) -> None:
    text = normalise(text)
    assert len(match_key(text)) == len(text)


@given(st.text(max_size=80))
def test_normalise_and_match_key_are_idempotent(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)
    assert match_key(match_key(text)) == match_key(text)


@given(VIETNAMESE)
def test_decomposed_text_has_the_same_key(text: str) -> None:
    assert match_key(unicodedata.normalize("NFD", text)) == match_key(text)


def test_syllables_leave_punctuation_out() -> None:
    assert syllables("Ăn, uống; 24/7 - “ngủ”!") == ["Ăn", "uống", "24", "7", "ngủ"]


def test_foreign_letters_are_named_once() -> None:
    assert foreign_letters("Felis Ficus zoo") == "fz"
    assert foreign_letters("Đường phố") == ""
