"""The addresses of pages: on the server, or of files that stand in for them."""

from __future__ import annotations

from typing import Protocol
from urllib.parse import urlencode


class Links(Protocol):
    """Where pages are; None for one that there is not."""

    def to(self, page: str, /, **asked: object) -> str | None:
        """The address of a page with what is asked of it; what is empty is left out."""
        ...

    def static(self, name: str) -> str:
        """The address of a file of ours."""
        ...


class ServedLinks:
    """Addresses on the server."""

    def to(self, page: str, /, **asked: object) -> str | None:
        """Every page is there."""
        given = {name: str(value) for name, value in asked.items() if value not in ("", None)}
        path = f"/{page}" if page != "run" else "/"
        return f"{path}?{urlencode(given)}" if given else path

    def static(self, name: str) -> str:
        """From the package."""
        return f"/static/{name}"
