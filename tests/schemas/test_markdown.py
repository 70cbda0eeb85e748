"""Tables whose cells hold, and numbers as the reports print them."""

import pytest

from schemas.markdown import grouped, percent, share, size, table


def test_a_table_aligns_text_left_and_numbers_right() -> None:
    assert table(("pos", "rows", "share"), [("noun", 12345, "50.0 %"), ("verb", 7, "–")]) == (
        "| pos | rows | share |\n"
        "| --- | ---: | ---: |\n"
        "| noun | 12,345 | 50.0 % |\n"
        "| verb | 7 | – |"
    )


def test_no_value_breaks_out_of_its_cell() -> None:
    shown = table(("a", "b"), [("x|y\nz", "c\\|d")], left=2)
    assert shown.splitlines() == ["| a | b |", "| --- | --- |", "| x\\|y z | c\\\\\\|d |"]


def test_a_table_without_rows_is_its_header() -> None:
    assert table(("a",), []) == "| a |\n| --- |"


def test_shares_and_percentages() -> None:
    assert (share(1, 3), share(0, 3), share(3, 0)) == ("33.3 %", "0.0 %", "–")
    assert (percent(0.8744), percent(1.0), percent(None)) == ("87.4 %", "100.0 %", "–")
    assert grouped(1_234_567) == "1,234,567"


@pytest.mark.parametrize(
    ("n_bytes", "shown"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (2_345_678, "2.3 MB"),
        (5 * 10**12, "5000.0 GB"),
    ],
)
def test_sizes_in_powers_of_ten(n_bytes: int, shown: str) -> None:
    assert size(n_bytes) == shown
