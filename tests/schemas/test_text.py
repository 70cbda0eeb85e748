"""Text has one stored form."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from schemas.text import normalise, units


def test_normalise_composes_and_folds_spaces() -> None:
    assert normalise(" khoan\u00a0\n tường ") == "khoan tường"
    assert normalise(unicodedata.normalize("NFD", "đường")) == "đường"


@given(st.text(max_size=80))
def test_normalise_is_idempotent(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


def test_units_leave_punctuation_out() -> None:
    assert units("Ăn, uống; 24/7 - “ngủ”!") == ["Ăn", "uống", "24", "7", "ngủ"]
    assert units("snake_case isn't one") == ["snake", "case", "isn", "t", "one"]
