"""Every number that counts rows leads to a page with as many of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import pytest

from testing.tiny_release import make_tiny_release
from tests.conftest import TinyRun
from tests.pipeline.view.conftest import Seen, seen

VOID = ("meta", "link", "input", "br", "img", "circle", "line", "rect")
NUMERAL = re.compile(r"[\d.,]*\d")


@dataclass
class Counts(HTMLParser):
    """The counts of a page, the totals of its lists, and numerals that are neither."""

    found: list[tuple[int, str | None, str]] = field(default_factory=list)
    """Number, address, text."""
    totals: dict[str, int] = field(default_factory=dict)
    """By the id of the element, empty for the list that the page is."""
    bare: list[str] = field(default_factory=list)
    """Whole numbers in cells of numbers that are no counts."""
    _open: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if (n := given.get("data-count")) is not None:
            self.found.append((int(n), given.get("href"), ""))
        if (n := given.get("data-total")) is not None:
            self.totals[given.get("id") or ""] = int(n)
        if tag not in VOID:
            self._open.append((tag, given))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        text, within = data.strip(), [given for _, given in self._open]
        if not text:
            return
        if any("data-figure" in given for given in within):
            return
        if any("data-count" in given for given in within):
            n, href, told = self.found[-1]
            self.found[-1] = n, href, told + text
        elif any("num" in (given.get("class") or "").split() for given in within):
            self.bare += [text] if NUMERAL.fullmatch(text) and "." not in text else []


def read(text: str) -> Counts:
    found = Counts()
    found.feed(text)
    return found


def addresses(found: Seen) -> Iterator[str]:
    """Pages of every kind."""
    yield from ("/", "/words", "/senses", "/rows", "/rejects", "/quality", "/audits")
    yield from ("/word?lemma=khoan", "/rows?q=khoan")
    if found.site.looked.config is not None:
        yield from ("/replies", "/replies?kind=losses", "/compare", "/compare?kind=glosses")


def assert_every_count_leads_to_its_rows(found: Seen, rows_are_there: bool = True) -> int:
    seen_before: dict[str, Counts] = {}
    n_links = 0
    for address in addresses(found):
        page = read(found.text(address))
        assert page.bare == [], address
        for number, href, text in page.found:
            if number and rows_are_there:
                assert href, f"{address}: {text}"
            if href is None:
                continue
            n_links += 1
            path, _, part = href.partition("#")
            if path and path not in seen_before:
                seen_before[path] = read(found.text(path))
            there = seen_before[path] if path else page
            assert there.totals[part] == number, f"{address}: {text} -> {href}"
    return n_links


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_release(tmp_path_factory.mktemp("release") / "r")


def test_every_count_of_a_run_leads_to_its_rows(finished: TinyRun, release: Path) -> None:
    """And of what it is compared with."""
    assert assert_every_count_leads_to_its_rows(seen(finished.config, against=release)) > 80


def test_every_count_of_a_release_that_has_a_link_leads_to_its_rows(release: Path) -> None:
    """What its stages asked and dropped is not in it."""
    assert assert_every_count_leads_to_its_rows(seen(release=release), rows_are_there=False) > 30
