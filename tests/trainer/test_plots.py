"""Pictures of an evaluation can be read: nothing lies over a point, no word is cut."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from schemas.evaluation import LemmaMean, PartResult, SystemResult
from trainer.evaluation import plots
from trainer.evaluation.plots import plot_by_candidates


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The figures that are saved, in place of files."""
    found: list[Any] = []
    monkeypatch.setattr(plots, "_save", lambda figure, path: found.append(figure))
    return found


def system(name: str, value: float) -> SystemResult:
    estimate = LemmaMean(value=value, low=value - 0.1, high=value + 0.1, n_items=9, n_lemmas=3)
    cells = (PartResult(group="candidates", name=n, estimate=estimate) for n in ("2", "3", "4+"))
    return SystemResult(name=name, cells=tuple(cells))


def test_the_legend_lies_outside_the_points_and_systems_beside_each_other(
    drawn: list[Any],
) -> None:
    plot_by_candidates(Path("x.png"), [system(f"system {n}", 0.5) for n in range(8)])
    [figure] = drawn
    figure.draw_without_rendering()
    [axes], [legend] = figure.axes, figure.legends
    assert legend.get_window_extent().y1 <= axes.get_window_extent().y0
    first = [float(line.get_xdata()[0]) for line in axes.lines[:1]]
    starts = {round(float(bars.lines[0].get_xdata()[0]), 3) for bars in axes.containers}
    assert len(starts) == 8
    assert max(np.abs([*starts, *first])) < 0.5  # nearer to its own tick than to the next


def test_systems_differ_in_colour_and_in_shape() -> None:
    looks = [plots._look(number) for number in range(8)]
    assert len({colour for colour, _ in looks}) == len({marker for _, marker in looks}) == 8
    assert len({plots._look(number) for number in range(16)}) == 16


def test_a_long_definition_is_folded_between_words() -> None:
    text = "một định nghĩa " * 20
    lines = plots._folded(text).split("\n")
    assert len(lines) == 3
    assert lines[-1].endswith(" …")
    assert {word for line in lines for word in line.split()} == {"một", "định", "nghĩa", "…"}


def test_a_number_stands_out_on_its_colour() -> None:
    assert [plots._is_dark(colour) for colour in ("#000000", "#0072b2", "#e69f00", "#ffffff")] == [
        True,
        True,
        False,
        False,
    ]
