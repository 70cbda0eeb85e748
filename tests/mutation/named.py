"""Faults chosen by hand: each breaks a promise that once no test held."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.mutation.operators import Change


@dataclass(frozen=True, slots=True)
class Fault:
    """One text of a file in place of another."""

    name: str
    path: str
    before: str
    after: str

    def found(self, root: Path) -> Change:
        """Where it lies; AssertionError if the text does not stand in the file just once."""
        text = (root / self.path).read_text(encoding="utf-8")
        assert text.count(self.before) == 1, f"{self.path}: {self.before!r}"
        at = text.index(self.before)
        start = len(text[:at].encode())
        end = start + len(self.before.encode())
        return Change("", text.count("\n", 0, at) + 1, start, end, self.before, self.after)


NAMED: tuple[Fault, ...] = ()
