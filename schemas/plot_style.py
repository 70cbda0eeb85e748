"""How pictures look: the card's, and those of an evaluation."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PlotStyle:
    """Colours as ``#rrggbb``, sizes of letters in points."""

    series: tuple[str, ...]
    """Told apart by colour-blind people too (Okabe and Ito 2008)."""
    neutral: str
    """Of what is only counted."""
    note: str
    """Of words beside the title, dark enough to be read on white."""
    grid: str
    small: int
    """Numbers at bars, legends, long labels."""
    title: int
    dpi: int

    @property
    def good(self) -> str:
        """Of what is as it should be."""
        return self.series[0]

    @property
    def lacking(self) -> str:
        """Of what falls short: an orange."""
        return self.series[1]


STYLE = PlotStyle(
    series=("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#8c8c8c"),
    neutral="#8c8c8c",
    note="#495057",
    grid="#dee2e6",
    small=8,
    title=11,
    dpi=120,
)
"""The one that there is."""
