"""Passes over contexts, judge and select: what one drops, the next has written again."""

from __future__ import annotations

from dataclasses import dataclass

DROPPED = 0.1
"""The share of a pass's sentences that judge and select drop, as long as it is not known."""


@dataclass(frozen=True, slots=True)
class Pass:
    """One of several passes; each reads what the one before made, and adds to it.

    The last one's stages have plain names, so that whatever reads them need not know of others.
    """

    number: int = 1
    of: int = 1

    def name(self, stage: str) -> str:
        """The name of a stage in this pass."""
        return stage if self.is_last else f"{stage}.{self.number}"

    @property
    def is_last(self) -> bool:
        """Whether no other pass mends what this one leaves."""
        return self.number == self.of

    def before(self, *stages: str) -> tuple[str, ...]:
        """Their names in the pass before; none in the first."""
        return tuple(f"{stage}.{self.number - 1}" for stage in stages if self.number > 1)

    def drafts(self, *stages: str) -> tuple[str, ...]:
        """Their names in all passes but the last."""
        return tuple(f"{stage}.{number}" for number in range(1, self.of) for stage in stages)

    @property
    def rewritten(self) -> float:
        """The share of all sentences that it writes, as ``plan`` takes it; 1 in the first."""
        return DROPPED ** (self.number - 1)


ONLY_PASS = Pass()
"""That of a run in which nothing is written again."""
