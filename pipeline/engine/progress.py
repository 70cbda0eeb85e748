"""Counts of what a stage has done so far, for whoever displays them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Progress:
    """Items done of a total, and outcomes by code; written by a stage, read by a display."""

    stage: str = ""
    total: int = 0
    done: int = 0
    accepted: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    note: str = ""

    def begin(self, total: int, note: str = "") -> None:
        """Starts counting anew, towards ``total`` items."""
        self.total, self.done, self.note = total, 0, note

    def advance(self, items: int = 1) -> None:
        """So many more items are done."""
        self.done += items

    def restart(self) -> None:
        """Forgets all counts, for another pass over the same items."""
        self.total = self.done = self.accepted = 0
        self.rejected.clear()
        self.note = ""
