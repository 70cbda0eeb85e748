"""Numbers, shares and tables as the card prints them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal


def number(value: int) -> str:
    """``12345`` as ``12,345``."""
    return f"{value:,}"


def share(part: int | float, whole: int | float) -> str:
    """A percentage with one decimal; a dash where there is nothing to divide."""
    return f"{100 * part / whole:.1f} %" if whole else "–"


def percent(value: float | None) -> str:
    """``0.874`` as ``87.4 %``; a dash for None."""
    return "–" if value is None else f"{100 * value:.1f} %"


def size(n_bytes: int) -> str:
    """A size in bytes, kB, MB or GB (powers of ten)."""
    value = float(n_bytes)
    for unit in ("B", "kB", "MB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} GB"


def money(value: Decimal | None, currency: str) -> str:
    """An amount with its currency; None is a model without a price."""
    return "no price known" if value is None else f"{value:.4f} {currency}"


def cell(value: object) -> str:
    """A value that cannot break out of its table cell."""
    return str(value).replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ")


def table(header: Sequence[str], rows: Iterable[Sequence[object]], left: int = 1) -> str:
    """A Markdown table; the first ``left`` columns are text, the others numbers."""
    marks = ["---" if place < left else "---:" for place in range(len(header))]
    lines = [header, marks, *([cell(value) for value in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
