"""What of a wish can be told without reading the sentence."""

from __future__ import annotations

import pytest

from languages.find import find_language
from pipeline.variety.held import Held, facts, held
from schemas.records import Slot, Target

VI = find_language("vi")


def slot(**asked: str) -> Slot:
    plain = dict.fromkeys(("domain", "style", "region", "function", "collocate"), "any")
    chosen = plain | {"sentence": "statement", "length": "short", "position": "any"} | asked
    return Slot(number=1, **chosen)


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
        ("Con [[mèo]] nhà tôi ngủ suốt cả ngày.", "medium", False),
    ],
)
def test_a_length_is_counted_in_units(marked: str, asked: str, expected: bool) -> None:
    assert facts(row(marked), slot(length=asked), VI)["length"] is expected


@pytest.mark.parametrize(
    ("mark", "asked", "expected"),
    [
        (".", "statement", True),
        ("?", "question", True),
        ("?”", "question", True),
        ("!", "exclamation", True),
        ("!", "request", True),
        (".", "request", True),
        ("?", "statement", False),
        (".", "question", False),
        ("", "statement", False),
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
    assert "position" not in facts(row(marked), slot(position="any"), VI)


def test_what_holds_is_counted_for_those_that_were_asked() -> None:
    rows = [(EIGHT, slot(position="start")), (EIGHT, slot(length="long")), (EIGHT, None)]
    assert held(rows, VI) == {
        "length": Held(2, 1),
        "position": Held(1, 1),
        "sentence": Held(2, 2),
    }
