"""Counts and their nouns."""

from __future__ import annotations

import pytest

from schemas.numbers import counted


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 rows"), (1, "1 row"), (2, "2 rows"), (12345, "12,345 rows")]
)
def test_a_noun_is_plural_but_for_one(number: int, text: str) -> None:
    assert counted(number, "row") == text
