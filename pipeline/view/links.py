"""The addresses of pages: on the server, or of files that stand in for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlencode

ENTRY, QUALITY = "index.html", "quality.html"


class Links(Protocol):
    """Where pages are; None for one that there is not."""

    def to(self, page: str, /, **asked: object) -> str | None:
        """The address of a page with what is asked of it; what is empty is left out."""
        ...

    def static(self, name: str) -> str:
        """The address of a file of ours."""
        ...


OTHER = "other"
"""As ``of`` in an address: the page is of what is compared with."""


@dataclass(frozen=True, slots=True)
class ServedLinks:
    """Addresses on the server."""

    of: str = ""
    """What the pages are of on which they stand: :data:`OTHER`, or what was named first."""

    def to(self, page: str, /, **asked: object) -> str | None:
        """Every page is there, of the same as the page that leads to it if nothing else is said."""
        asked = {"of": self.of} | asked if page != "compare" else asked
        given = {name: str(value) for name, value in asked.items() if value not in ("", None)}
        path = f"/{page}" if page != "run" else "/"
        return f"{path}?{urlencode(given)}" if given else path

    def static(self, name: str) -> str:
        """From the package."""
        return f"/static/{name}"


@dataclass(frozen=True, slots=True)
class FileLinks:
    """Files of one folder that stand in for pages."""

    words: Mapping[str, str]
    """The files of lemmas, by their keys."""
    lists: Mapping[str, int]
    """How many files each list has."""
    key: Callable[[str], str]

    def to(self, page: str, /, **asked: object) -> str | None:
        """The file, if there is one; a list has one order, and no conditions."""
        given = {name: str(value) for name, value in asked.items() if value not in ("", None)}
        if page == "word":
            return self.words.get(self.key(given.get("lemma", "")))
        number = int(given.pop("page", 1))
        if given.pop("order", "lemma") != "lemma" or given:
            return None
        if page in self.lists:
            return list_file(page, number)
        return {"run": ENTRY, "quality": QUALITY}.get(page)

    def static(self, name: str) -> str:
        """A copy beside the pages."""
        return f"static/{name}"


def list_file(page: str, number: int) -> str:
    """The file of a page of a list."""
    return f"{page}-{number}.html"
