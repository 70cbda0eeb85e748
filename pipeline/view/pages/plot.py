"""Figures as places in a drawing, for the templates to draw; colours are the stylesheet's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a chart: its place, its size, and what it stands for."""

    x: float
    y: float
    width: float
    height: float
    label: str
    value: int
    start: int
    """Unix seconds at which what it counts begins."""


@dataclass(frozen=True, slots=True)
class BarChart:
    """Bars over time in a box of ``width`` by ``height``."""

    bars: tuple[Bar, ...]
    width: int
    height: int
    most: int
    first: str
    last: str


def bar_chart(
    values: Sequence[tuple[str, int, int]], width: int = 900, height: int = 140
) -> BarChart | None:
    """Bars side by side, the highest as high as the box; None without values.

    A value is a label, a count and the moment at which what is counted begins.
    """
    if not values:
        return None
    most = max(count for _, count, _ in values)
    step = width / len(values)
    thick = min(step * 0.8, 48)
    bars = tuple(
        Bar(
            x=round(at * step + (step - thick) / 2, 2),
            y=round(height - height * count / most, 2) if most else height,
            width=round(thick, 2),
            height=round(height * count / most, 2) if most else 0,
            label=label,
            value=count,
            start=start,
        )
        for at, (label, count, start) in enumerate(values)
    )
    return BarChart(bars, width, height, most, values[0][0], values[-1][0])
