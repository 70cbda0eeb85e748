"""Markdown tables, and numbers as every report of the project prints them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

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
    text = grouped(value) if isinstance(value, int) else str(value)
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ")
