"""Nothing in a text of others is obeyed by a terminal."""

import pytest

from schemas.shown import printable, shortened


@pytest.mark.parametrize(
    "hostile",
    ["\x1b[2J", "\x9b2J", "\x07", "\r", "\x00", "\u202e", "\u2066", "\ud800", "\x7f"],
)
def test_what_a_terminal_would_obey_is_replaced(hostile: str) -> None:
    assert printable(f"đá{hostile}x") == f"đá\ufffd{hostile[1:]}x"


def test_text_of_any_script_stays_as_it_is() -> None:
    text = "Chiếc khoan — “mới”\n\tmèo 猫 قط ép 🐈\u200d⬛"
    assert printable(text) == text


def test_a_long_line_keeps_its_ends():
    assert shortened("đá" * 5, 10) == "đá" * 5
    line = "a" * 10 + "b" * 1_234 + "c" * 10
    assert shortened(line, 20) == "a" * 10 + " [... 1,234 characters ...] " + "c" * 10
