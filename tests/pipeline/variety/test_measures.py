"""The measures against numbers computed by hand, and against slow plain versions."""

from __future__ import annotations

import math
import random
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from languages.find import find_language
from pipeline.checks.marks import Sound, unmark
from pipeline.variety import measures
from pipeline.variety.measures import Variety, sampled, variety

VI = find_language("vi")
WORDS = ["mèo", "chuột", "bếp", "vườn", "nhà", "cây", "sân", "ao"]


def sound(marked: str) -> Sound:
    found = unmark(marked)
    assert found is not None
    return found


CATS = [
    sound("Con [[mèo]] nằm ngủ trong bếp."),
    sound("Con [[mèo]] nằm ngủ ngoài sân."),
    sound("Bà nuôi hai con [[mèo]] vàng!"),
]
ROADS = [
    sound("Xe chạy trên [[đường]] làng."),
    sound("Xe hỏng giữa [[đường]] quốc lộ."),
    sound("Ai nằm ngủ ngoài sân thế?".replace("Ai", "[[Đường]]")),
]


def test_distinct_is_the_share_of_runs_that_are_different() -> None:
    """6 + 6 units, 8 different; 5 + 5 pairs, 7 different; 4 + 4 triples, 6 different."""
    keys = [("con mèo nằm ngủ " + place).split() for place in ("trong bếp", "ngoài sân")]
    assert measures.distinct(keys, 1) == 8 / 12
    assert measures.distinct(keys, 2) == 7 / 10
    assert measures.distinct(keys, 3) == 6 / 8
    assert measures.distinct([("một",)], 2) == 0.0


def test_compression_counts_bytes() -> None:
    text = "Con mèo nằm ngủ."
    data = f"{text}\n{text}".encode()
    assert measures.compression_ratio([text, text]) == len(data) / len(zlib.compress(data, 9))
    assert measures.compression_ratio([text] * 50) > 10
    assert measures.compression_ratio([]) == 0.0


def test_a_template_is_a_run_of_four_with_the_target_as_one() -> None:
    """The first two share "con _ nằm ngủ", the second and the last "nằm ngủ ngoài sân"."""
    found = variety({"mèo": CATS, "đường": ROADS}, VI)
    assert found.template_rate == pytest.approx(3 / 6)
    other = [sound("Con [[chó]] nằm ngủ cả ngày.")]
    assert variety({"mèo": CATS[:1], "chó": other}, VI).template_rate == 1.0


def test_self_repetition_is_the_mean_log_of_shared_runs() -> None:
    """Runs held by one other sentence: first 1, second 2, last 1; the target is as it is."""
    found = variety({"mèo": CATS, "đường": ROADS}, VI)
    expected = (math.log(2) + math.log(3) + math.log(2)) / 6
    assert found.self_repetition == pytest.approx(expected)


def test_cue_saturation_is_the_mean_of_the_largest_shares() -> None:
    """Two of three have "nằm", and two of three "xe"; "con" is common, "mèo" the target."""
    found = variety({"mèo": CATS, "đường": ROADS}, VI)
    assert found.cue_saturation == pytest.approx(2 / 3)
    assert measures.cue_saturation([CATS[:1]], VI) == 1.0
    assert measures.cue_saturation([[sound("Và [[mèo]] này.")]], VI) == 0.0


def test_sizes_are_told() -> None:
    found = variety({"mèo": CATS, "đường": ROADS}, VI)
    assert (found.n_senses, found.n_sentences, found.n_units) == (2, 6, 35)
    assert variety({}, VI) == Variety(0, 0, 0, *[0.0] * 7)


made_up = st.lists(st.lists(st.sampled_from(WORDS), min_size=0, max_size=9), min_size=0, max_size=8)


@given(made_up)
def test_the_measures_are_what_plain_loops_find(sentences: list[list[str]]) -> None:
    def runs(units: list[str]) -> list[tuple[str, ...]]:
        return [tuple(units[i : i + 4]) for i in range(len(units) - 3)]

    holding, logs = 0, 0.0
    for at, units in enumerate(sentences):
        others = [each for place, each in enumerate(sentences) if place != at]
        n = sum(run in runs(other) for run in set(runs(units)) for other in others)
        own = runs(units)
        holding += n > 0
        logs += math.log(1 + n)
        assert len(set(own)) <= len(own)
    total = len(sentences)
    assert measures.template_rate(sentences) == (holding / total if total else 0.0)
    expected = logs / total if total else 0.0
    assert measures.self_repetition(sentences) == pytest.approx(expected)


def made_up_senses(n: int) -> dict[str, list[Sound]]:
    rng = random.Random(n)
    return {
        f"t-{sense}": [
            sound(
                f"{rng.choice(WORDS)} [[đi]] {' '.join(rng.choices(WORDS, k=rng.randint(1, 9)))}."
            )
            for _ in range(rng.randint(1, 6))
        ]
        for sense in range(n)
    }


def test_a_sample_has_so_many_of_each_sense_and_no_more_units_than_it_may() -> None:
    senses = made_up_senses(40)
    whole = sampled(senses, 3, VI)
    assert set(whole) == {sense for sense, sounds in senses.items() if len(sounds) >= 3}
    assert {len(sounds) for sounds in whole.values()} == {3}
    part = sampled(senses, 3, VI, 120)
    assert sum(measures.n_units(sounds, VI) for sounds in part.values()) <= 120
    assert list(part) == list(whole)[: len(part)]
    assert 0 < len(part) < len(whole)


def test_a_sample_does_not_hang_on_the_order_of_rows() -> None:
    senses = made_up_senses(40)
    turned = {sense: sounds[::-1] for sense, sounds in reversed(senses.items())}
    assert sampled(senses, 3, VI, 200) == sampled(turned, 3, VI, 200)
