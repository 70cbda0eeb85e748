"""Text of others on a terminal: nothing in it moves the cursor, hides letters or turns them."""

from __future__ import annotations

import re

# Control characters but for line feed and tab, letters that turn the direction of reading, and
# halves of surrogate pairs, which no stream can encode.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
REPLACEMENT = "\ufffd"


def printable(text: str) -> str:
    """The text with U+FFFD in the place of every character that a terminal would obey."""
    return _UNSAFE.sub(REPLACEMENT, text)


def shortened(line: str, longest: int = 2_000) -> str:
    """The line, its middle left out where it is longer: its ends say what is wrong."""
    left_out = len(line) - longest
    if left_out <= 0:
        return line
    half = longest // 2
    return f"{line[:half]} [... {left_out:,} characters ...] {line[-half:]}"
