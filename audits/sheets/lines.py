"""How many lines a text takes in a column, so that rows can be given their height.

Programs differ in whether they fit the height of rows that come without one; a row that is given
a sufficient height looks right in all of them.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

LINE_POINTS = 14.5
"""Height of a line of 11-point Arial."""

TALLEST_POINTS = 409.0
"""Excel's limit for a row."""

_PADDING = 1.0
"""Column units that a cell keeps free at its sides."""

# Widths of Arial's letters in units of its digits, as a column's width is counted.
_NARROW = dict.fromkeys("ijl.,:;'|!", 0.45) | dict.fromkeys(' tfrI()[]-/“”"', 0.6)
_WIDE = dict.fromkeys("mwM%", 1.5) | dict.fromkeys("W@—", 1.75)


def n_lines(text: str, width: float) -> int:
    """The lines that a text takes, wrapped between words, in a column of so many units."""
    room = max(width - _PADDING, 1.0)
    return sum(_wrapped(line, room) for line in text.split("\n"))


def row_points(cells: list[tuple[str, float]]) -> float:
    """The height of a row of (text, column width) cells, within what Excel allows."""
    lines = max((n_lines(text, width) for text, width in cells), default=1)
    return min(TALLEST_POINTS, LINE_POINTS * lines + 4)


def _wrapped(line: str, room: float) -> int:
    lines, used = 1, 0.0
    space = _units(" ")
    for word in line.split(" "):
        units = _units(word)
        if used and used + space + units > room:
            lines, used = lines + 1, 0.0
        used += units + (space if used else 0.0)
        while used > room:  # a word longer than the column is broken
            lines, used = lines + 1, used - room
    return lines


@lru_cache(maxsize=1 << 14)  # syllables come again and again
def _units(text: str) -> float:
    letters = (c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return sum(_NARROW.get(c) or _WIDE.get(c) or (1.3 if c.isupper() else 1.02) for c in letters)
