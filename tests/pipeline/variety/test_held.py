"""What of a wish can be told without reading the sentence."""

from __future__ import annotations

import pytest

from languages.find import find_language
from languages.slots import ANY, DIMENSIONS
from pipeline.variety.held import Held, facts, held
from schemas.records import Slot, Target

VI = find_language("vi")


def slot(**asked: str) -> Slot:
    return Slot(number=1, **(dict.fromkeys(DIMENSIONS, ANY) | asked))


def row(marked: str) -> Target:
    start, end = marked.index("[["), marked.index("]]") - 2
    return Target(
        sentence=marked.replace("[[", "").replace("]]", ""), target_start=start, target_end=end
    )


EIGHT = row("Con [[mèo]] nhà tôi ngủ suốt cả ngày.")
"""Eight syllables, the target the second."""


@pytest.mark.parametrize(
    ("marked", "asked", "expected"),
    [
        ("Con [[mèo]] nhà tôi ngủ suốt cả ngày.", "short", True),
        ("Con [[mèo]] nhà tôi ngủ cả ngày.", "short", False),
        ("Con [[mèo]] nhà tôi ngủ suốt cả ngày.", "long", False),
    ],
)
def test_a_length_is_counted_in_units(marked: str, asked: str, expected: bool) -> None:
    assert facts(row(marked), slot(length=asked), VI)["length"] is expected


@pytest.mark.parametrize(
    ("mark", "asked", "expected"),
    [
        ("?", "question", True),
        ("?”", "question", True),
        ("!", "exclamation", True),
        ("!", "request", True),
        (".", "request", True),
        (".", "question", False),
        ("", "request", False),
    ],
)
def test_the_type_of_a_sentence_is_told_by_its_mark(mark: str, asked: str, expected: bool) -> None:
    found = facts(row(f"Con [[mèo]] nhà tôi đâu rồi{mark}"), slot(sentence=asked), VI)
    assert found["sentence"] is expected


@pytest.mark.parametrize(
    ("marked", "place"),
    [
        ("[[Mèo]] nhà tôi ngủ suốt ngày.", "start"),
        ("Nhà tôi nuôi [[mèo]] từ lâu.", "middle"),
        ("Nhà tôi nuôi hai con [[mèo]].", "end"),
        ("Tôi nuôi [[chó săn]].", "end"),
    ],
)
def test_a_place_is_a_third_of_the_sentence(marked: str, place: str) -> None:
    for asked in ("start", "middle", "end"):
        assert facts(row(marked), slot(position=asked), VI)["position"] is (asked == place)


def test_what_was_left_open_is_no_fact() -> None:
    assert facts(EIGHT, slot(), VI) == {}


def test_what_holds_is_counted_for_those_that_were_asked() -> None:
    asked = (slot(position="start"), slot(length="long"), slot(length="short"), None)
    assert held([(EIGHT, each) for each in asked], VI) == {
        "length": Held(2, 1),
        "position": Held(1, 1),
    }
