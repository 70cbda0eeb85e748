"""Nothing in a text of others is obeyed by a terminal."""

import pytest

from schemas.shown import printable


@pytest.mark.parametrize(
    "hostile",
    ["\x1b[2J", "\x9b2J", "\x07", "\r", "\x00", "\u202e", "\u2066", "\ud800", "\x7f"],
)
def test_what_a_terminal_would_obey_is_replaced(hostile: str) -> None:
    assert printable(f"đá{hostile}x") == f"đá\ufffd{hostile[1:]}x"


def test_text_of_any_script_stays_as_it_is() -> None:
    text = "Chiếc khoan — “mới”\n\tmèo 猫 قط ép 🐈\u200d⬛"
    assert printable(text) == text
