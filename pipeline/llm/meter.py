"""Counting what happens, for the live display and the manifests."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, field
from decimal import Decimal

from pipeline.llm.ledger_rows import PICO, PaidReply

RATE_WINDOW_S = 10.0


@dataclass(slots=True)
class Meter:
    """Totals of this run so far, written to by one or several models."""

    sent: int = 0
    """Attempts."""
    received: int = 0
    """New replies."""
    replayed: int = 0
    """Replies found in the ledger."""
    shared: int = 0
    """Questions that waited for the same one already in flight."""
    in_flight: int = 0
    limit: int = 0
    """Requests allowed in flight now."""
    retries: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    repairs: int = 0
    lost: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    batches: str = ""
    """What is waited for, if batches are on their way."""
    cost: Decimal | None = None
    """Of the new replies only; None while no reply had a price."""
    note: Callable[[str], None] = lambda _: None
    """Where a line for people goes that is no figure."""
    left_out: set[str] = field(default_factory=set)
    """Addresses of which it was said that others are asked instead."""
    waits: deque[float] = field(default_factory=lambda: deque(maxlen=1_000))
    """How long the latest replies took, in seconds."""
    _arrivals: deque[list[float]] = field(
        default_factory=lambda: deque(maxlen=int(RATE_WINDOW_S) + 2)
    )

    def arrived(self, reply: PaidReply) -> None:
        """A new reply came in."""
        self.received += 1
        self.prompt_tokens += reply.prompt_tokens or 0
        self.completion_tokens += reply.completion_tokens or 0
        if reply.cost_pico is not None:
            self.cost = (self.cost or 0) + Decimal(reply.cost_pico) / PICO
        second = float(int(time.monotonic()))
        if self._arrivals and self._arrivals[-1][0] == second:
            self._arrivals[-1][1] += 1
        else:
            self._arrivals.append([second, 1])

    def snapshot(self) -> Meter:
        """The totals now, which do not change any more."""
        now = copy(self)
        now.retries = self.retries.copy()
        now._arrivals = self._arrivals.copy()
        now.waits = self.waits.copy()
        return now

    @property
    def rate(self) -> float:
        """Replies per second over the last ten seconds."""
        now = time.monotonic()
        recent = [(second, n) for second, n in self._arrivals if second >= now - RATE_WINDOW_S - 1]
        if not recent:
            return 0.0
        return sum(n for _, n in recent) / max(1.0, now - recent[0][0])
