"""Tables whose cells hold, and numbers as the reports print them."""

import html
import re

import pytest
from markdown_it import MarkdownIt

from schemas.markdown import code_span, escaped, grouped, link, percent, share, size, table


def test_a_table_aligns_text_left_and_numbers_right() -> None:
    assert table(("pos", "rows", "share"), [("noun", 12345, "50.0 %"), ("verb", 7, "–")]) == (
        "| pos | rows | share |\n"
        "| --- | ---: | ---: |\n"
        "| noun | 12,345 | 50.0 % |\n"
        "| verb | 7 | – |"
    )


def test_no_value_breaks_out_of_its_cell() -> None:
    shown = table(("a", "b"), [("x|y\nz", "c\r\n|d")], left=2)
    assert shown.splitlines() == ["| a | b |", "| --- | --- |", "| x\\|y z | c \\|d |"]


HOSTILE = (
    "<script>alert(1)</script>",
    "a\n\n# b\n\n<img src=x onerror=alert(1)>",
    "**x** _y_ __z__ ~~w~~ `<b>`",
    "[x](javascript:alert(1)) ![y](z.png)",
    "| a | b |\n|---|",
    "&lt;i&gt; \\*not\\*",
    "``` <i>",
    "`",
    "a``b`c",
)


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("place", ["before {} after", "| x | {} |\n| --- | --- |\n| y | {} |"])
def test_somebodys_text_is_shown_as_it_is(text: str, place: str) -> None:
    """Rendered, it is one run of text, in a paragraph and in a table, as text and as code."""
    as_line = " ".join(text.split())
    for made in (escaped(text), code_span(text)):
        cell = made.replace("|", "\\|") if place.startswith("|") else made
        page = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
        shown = page.render(place.format(cell, cell))
        inside = re.findall(r"before (.*) after|<t[hd]>(.*?)</t[hd]>", shown)
        parts = [a or b for a, b in inside if (a or b) not in ("x", "y")]
        assert len(parts) == (2 if place.startswith("|") else 1)
        for part in parts:
            bare = part.removeprefix("<code>").removesuffix("</code>")
            assert "<" not in bare
            assert html.unescape(bare) == as_line


def test_only_web_addresses_become_links() -> None:
    assert link("WordNet", "https://wn.org/a_(b)?c=1") == "[WordNet](<https://wn.org/a_(b)?c=1>)"
    assert link("a]b", 'http://x/<>" y') == "[a&#93;b](<http://x/%3C%3E%22%20y>)"
    assert link("a", "javascript:alert(1)") == "a"
    assert link("<i>", None) == "&lt;i&gt;"


def test_ordinary_names_stay_readable() -> None:
    assert escaped("noun.artifact × same_pos (95 %)") == "noun.artifact × same_pos (95 %)"
    assert code_span("gpt-4o_mini") == "`gpt-4o_mini`"
    assert code_span("") == ""


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
