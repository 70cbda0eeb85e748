"""The time that is left is told from the pace of the last minute, and only when it is known."""

import pytest

from pipeline.cli.pace import Pace


def test_nothing_is_told_before_the_first_item_or_without_a_total() -> None:
    pace = Pace(0.0)
    assert pace.seconds_left(0, 100, 8, 0.0) is None
    assert pace.seconds_left(0, 100, 8, 30.0) is None
    assert Pace(0.0).seconds_left(5, 0, 0, 10.0) is None


def test_the_first_item_of_many_under_way_stands_for_all_of_them() -> None:
    """One item of 1,401 after 1.8 s, 16 under way: two and a half minutes, not forty."""
    pace = Pace(0.0)
    assert pace.seconds_left(1, 1401, 16, 1.8) == pytest.approx(1400 * 1.8 / 16)


def test_a_steady_pace_is_told_exactly() -> None:
    pace = Pace(0.0)
    for second in range(10):
        left = pace.seconds_left(10 * second, 200, 4, float(second))
    assert left == pytest.approx(11.0)


def test_a_burst_from_the_ledger_is_forgotten_after_a_minute() -> None:
    pace = Pace(0.0)
    for second in range(200):
        left = pace.seconds_left(10_000 + second, 20_000, 4, 1.0 + second)
    assert left == pytest.approx(20_000 - 10_199, rel=0.02)


def test_another_round_begins_anew() -> None:
    pace = Pace(0.0)
    assert pace.seconds_left(50, 100, 1, 10.0) == pytest.approx(10.0)
    assert pace.seconds_left(0, 20, 1, 11.0) is None
    assert pace.seconds_left(10, 20, 1, 21.0) == pytest.approx(10.0)


def test_what_is_done_needs_no_time() -> None:
    pace = Pace(0.0)
    assert pace.seconds_left(10, 10, 0, 5.0) is None
