"""What a command prints, cleaned in one place of what lemmas, replies and endpoints put into it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from schemas.shown import printable


class CleanStream:
    """A text stream that prints nothing a terminal would obey.

    Rich writes past it (``rich_proxied_file`` is its own word for that): its colours and bars are
    ours, and the displays clean what they are given.
    """

    def __init__(self, stream: TextIO) -> None:
        self.rich_proxied_file = stream

    def write(self, text: str) -> int:
        """Writes the text, cleaned; a carriage return is kept, bars of libraries need it."""
        return self.rich_proxied_file.write("\r".join(map(printable, text.split("\r"))))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.rich_proxied_file, name)


@contextmanager
def clean_streams() -> Iterator[None]:
    """Cleans standard output and standard error while the body runs."""
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = (CleanStream(stream) for stream in before)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before
