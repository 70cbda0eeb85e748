"""Text without its marks, so that it can be searched for by people whose keyboard has none."""

from __future__ import annotations

import unicodedata

_PLAIN = {"đ": "d", "Đ": "D", "ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "ħ": "h", "ı": "i"}
"""Letters with a stroke, which Unicode does not take apart into a letter and a mark."""


class _Unmarked(dict[int, str]):
    """The letter without marks of each letter that was asked for."""

    def __missing__(self, point: int) -> str:
        letter = chr(point)
        parts = unicodedata.normalize("NFD", _PLAIN.get(letter, letter))
        self[point] = "".join(part for part in parts if not unicodedata.combining(part))
        return self[point]


_UNMARKED = _Unmarked()


def bare_letters(text: str) -> str:
    """The text with every letter bare: ``bán đàn`` and ``bàn dán`` both give ``ban dan``."""
    return text.translate(_UNMARKED)
