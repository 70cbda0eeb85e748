"""What a page is: a template and its values; and what is asked of one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pipeline.view.index.queries import PAGE_ROWS
from pipeline.view.reading.site import Site


class MissingError(Exception):
    """What was asked for is not there; the message says so in words for the page."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What stands after the question mark of an address."""

    given: Mapping[str, str] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """A text, empty where nothing is given."""
        return self.given.get(name, "")

    def number(self, name: str, least: int = 1, most: int = 100_000) -> int:
        """A whole number within bounds; the least one where it is none."""
        text = self.text(name)
        return min(most, max(least, int(text))) if text.isascii() and text.isdigit() else least

    def one_of(self, name: str, *known: str) -> str:
        """One of the known texts; the first where it is another."""
        return self.text(name) if self.text(name) in known else known[0]


@dataclass(frozen=True, slots=True)
class Page:
    """A template's name and its values."""

    template: str
    title: str
    values: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200
    refresh_s: int | None = None
    """After so many seconds the page is asked for again, without a script."""


def paged(number: int, total: int) -> dict[str, int]:
    """What a template needs for the links between the pages of a list."""
    return {"page": number, "pages": max(1, -(-total // PAGE_ROWS))}


MakePage = Callable[[Site, Asked], Page]
