"""The pictures: every Vietnamese letter has a shape, bars stand for the numbers."""

from __future__ import annotations

import struct
import warnings
import zlib
from dataclasses import replace
from pathlib import Path

import matplotlib as mpl
import pytest

from languages.find import find_language, known_languages
from pipeline.card.facts import gather
from pipeline.card.plots import _ENGLISH, _senses_per_lemma, _with_tail, draw_plots
from testing.tiny_release import make_tiny_release


def chunks(png: bytes) -> list[str]:
    """The chunk types of a PNG file, each checked by its sum."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    found, place = [], 8
    while place < len(png):
        (size,) = struct.unpack(">I", png[place : place + 4])
        kind, data = png[place + 4 : place + 8], png[place + 8 : place + 8 + size]
        (crc,) = struct.unpack(">I", png[place + 8 + size : place + 12 + size])
        assert crc == zlib.crc32(kind + data)
        found.append(kind.decode())
        place += 12 + size
    return found


def test_pictures_carry_no_text_and_no_date(tmp_path: Path) -> None:
    plots = draw_plots(gather(make_tiny_release(tmp_path)))
    assert [plot.path for plot in plots] == [
        "plots/senses_per_lemma.png",
        "plots/contexts_per_sense.png",
        "plots/rejections_by_code.png",
    ]
    for plot in plots:
        assert set(chunks(plot.png)) <= {"IHDR", "pHYs", "IDAT", "IEND"}


@pytest.mark.parametrize("code", known_languages())
def test_the_font_has_every_letter_of_every_language(code: str) -> None:
    from matplotlib.font_manager import FontProperties, findfont, get_font

    font = get_font(findfont(FontProperties(family="DejaVu Sans")))
    lower = find_language(code).spelling.letters
    letters = {*lower, *(letter.upper() for letter in lower), "·", "…"}
    assert {letter for letter in letters if ord(letter) not in font.get_charmap()} == set()


def test_no_letter_is_missing_when_drawn(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # matplotlib warns of a glyph that its font lacks
        draw_plots(gather(make_tiny_release(tmp_path)))


def test_a_log_scale_has_plain_numbers_below_the_title(tmp_path: Path) -> None:
    facts = replace(gather(make_tiny_release(tmp_path)), lemmas_by_senses={1: 90_000, 2: 40})
    with mpl.rc_context({"text.parse_math": False}):
        figure = _senses_per_lemma(facts, _ENGLISH)
        assert figure is not None
        figure.draw_without_rendering()
    [axes] = figure.axes
    ticks = [label.get_text() for label in axes.get_yticklabels()]
    assert {"1", "100", "10,000"} <= set(ticks)
    assert not [text for text in ticks if "$" in text]
    frame = axes.get_window_extent()
    assert all(text.get_window_extent().y1 <= frame.y1 for text in axes.texts if text.get_text())


@pytest.mark.parametrize(
    ("values", "most", "shown"),
    [
        ({}, 3, {}),
        ({1: 5}, 3, {"1": 5}),
        ({0: 2, 2: 1}, 3, {"0": 2, "1": 0, "2": 1}),
        ({1: 9, 3: 4, 7: 2, 50: 1}, 3, {"1": 9, "2": 0, "3+": 7}),
    ],
)
def test_a_long_tail_becomes_one_bar(
    values: dict[int, int], most: int, shown: dict[str, int]
) -> None:
    assert _with_tail(values, most) == shown
    assert sum(shown.values()) == sum(values.values())
