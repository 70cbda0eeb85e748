"""Counting what happens, for the live display and the manifests."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from pipeline.llm.ledger_rows import PICO

RATE_WINDOW_S = 10.0


@dataclass(frozen=True, slots=True)
class MeterSnapshot:
    """Totals of this run so far; ``rate`` is replies per second over the last ten seconds.

    ``sent`` counts attempts, ``received`` new replies, ``replayed`` replies found in the
    ledger, ``shared`` questions that waited for the same one already in flight. ``cost`` is of
    the new replies only; None while no reply had a price.
    """

    sent: int
    received: int
    replayed: int
    shared: int
    in_flight: int
    limit: int
    retries: Mapping[str, int]
    refused: int
    repairs: int
    lost: int
    prompt_tokens: int
    completion_tokens: int
    cost: Decimal | None
    rate: float


class Meter:
    """The counters that one or several models write to."""

    __slots__ = (
        "_arrivals",
        "completion_tokens",
        "cost_pico",
        "in_flight",
        "limit",
        "lost",
        "priced",
        "prompt_tokens",
        "received",
        "refused",
        "repairs",
        "replayed",
        "retries",
        "sent",
        "shared",
    )

    def __init__(self) -> None:
        self.sent = 0
        self.received = 0
        self.replayed = 0
        self.shared = 0
        self.in_flight = 0
        self.limit = 0
        self.refused = 0
        self.repairs = 0
        self.lost = 0
        self.prompt_tokens = 0
        self.completion_tokens = 0
        self.cost_pico = 0
        self.priced = False
        self.retries: Counter[str] = Counter()
        self._arrivals: deque[list[float]] = deque(maxlen=int(RATE_WINDOW_S) + 2)

    def arrived(self, prompt_tokens: int, completion_tokens: int, cost_pico: int | None) -> None:
        """A new reply came in."""
        self.received += 1
        self.prompt_tokens += prompt_tokens
        self.completion_tokens += completion_tokens
        if cost_pico is not None:
            self.cost_pico += cost_pico
            self.priced = True
        second = float(int(time.monotonic()))
        if self._arrivals and self._arrivals[-1][0] == second:
            self._arrivals[-1][1] += 1
        else:
            self._arrivals.append([second, 1])

    def snapshot(self) -> MeterSnapshot:
        """The totals now."""
        return MeterSnapshot(
            sent=self.sent,
            received=self.received,
            replayed=self.replayed,
            shared=self.shared,
            in_flight=self.in_flight,
            limit=self.limit,
            retries=MappingProxyType(dict(self.retries)),
            refused=self.refused,
            repairs=self.repairs,
            lost=self.lost,
            prompt_tokens=self.prompt_tokens,
            completion_tokens=self.completion_tokens,
            cost=Decimal(self.cost_pico) / PICO if self.priced else None,
            rate=self._rate(),
        )

    def _rate(self) -> float:
        now = time.monotonic()
        recent = [(second, n) for second, n in self._arrivals if second >= now - RATE_WINDOW_S - 1]
        if not recent:
            return 0.0
        return sum(n for _, n in recent) / max(1.0, now - recent[0][0])
