"""Markdown tables, and numbers as every report of the project prints them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from urllib.parse import quote

NOTHING = "–"
"""What stands where there is no figure."""


def grouped(value: int) -> str:
    """``12345`` as ``12,345``."""
    return f"{value:,}"


def share(part: int | float, whole: int | float) -> str:
    """A percentage with one decimal; a dash where there is nothing to divide."""
    return percent(part / whole) if whole else NOTHING


def percent(value: float | None) -> str:
    """``0.874`` as ``87.4 %``; a dash for None."""
    return NOTHING if value is None else f"{100 * value:.1f} %"


def size(n_bytes: int) -> str:
    """A size in bytes, kB, MB or GB (powers of ten)."""
    value = float(n_bytes)
    for unit in ("B", "kB", "MB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} GB"


def table(header: Sequence[str], rows: Iterable[Sequence[object]], left: int = 1) -> str:
    """A Markdown table; the first ``left`` columns are text, the others numbers.

    Whole numbers are grouped; no value breaks out of its cell.
    """
    marks = ["---" if place < left else "---:" for place in range(len(header))]
    lines = [header, marks, *([_cell(value) for value in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(value: object) -> str:
    shown = grouped(value) if isinstance(value, int) else str(value)
    return " ".join(shown.replace("|", "\\|").splitlines())


_SPACES = re.compile(r"\s+")
_OF_URLS = "%/:?#[]@!$&'()*+,;=~"
_MARKS = {ord(mark): f"&#{ord(mark)};" for mark in "\"'`*~[]!|\\#$"}
_MARKS |= {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;"}
_EDGE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
"""Underscores that may begin or end emphasis: not those within a word."""


def escaped(text: str) -> str:
    """Somebody's text as it is, in one line: nothing in it is taken for Markdown or HTML."""
    return _EDGE.sub("&#95;", _SPACES.sub(" ", text).translate(_MARKS))


def link(text: str, url: str | None) -> str:
    """Somebody's text as a link to their page; the text alone where that is no web address."""
    if url is None or not url.lower().startswith(("https://", "http://")):
        return escaped(text)
    return f"[{escaped(text)}](<{quote(url, safe=_OF_URLS)}>)"


def code_span(text: str) -> str:
    """Somebody's text as a code span, in one line, whatever backticks it has."""
    line = _SPACES.sub(" ", text).strip()
    fence = "`" * (1 + max(map(len, re.findall("`+", line)), default=0))
    room = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{room}{line}{room}{fence}" if line else ""
