"""How fast requests may go out: units a minute as the provider allows, and how many at a time."""

from __future__ import annotations

import asyncio
import time
from collections import deque

BURST_S = 1.0
"""What a bucket lets through at once; providers count by the minute, so a second is safe."""
NAP_S = 0.25
"""The longest sleep for missing tokens: a correction meanwhile may bring the moment nearer."""

CUT = 0.75
GROWTH = 0.1
"""A cut by a quarter, and a tenth of a place for each success: the old limit is back after some
four rounds. Halving it and adding one place a round took half as long again under 2 % of 429."""


class TokenBucket:
    """Lets through ``per_minute`` units a minute, and at most one second's worth at once.

    What was taken on an estimate is put right afterwards with ``correct``; the level may fall
    below zero, and then everyone waits for longer. First come, first served.
    """

    def __init__(self, per_minute: float) -> None:
        self._per_second = per_minute / 60
        self._size = max(1.0, self._per_second * BURST_S)
        self._level = self._size
        self._filled = time.monotonic()
        self._turn = asyncio.Lock()

    async def take(self, amount: float) -> None:
        """Return once ``amount`` may be used; one larger than the bucket waits for a full one."""
        async with self._turn:
            enough = min(amount, self._size)
            while (missing := enough - self._refilled()) > 0:
                await asyncio.sleep(min(missing / self._per_second, NAP_S))
            self._level -= amount

    def correct(self, taken: float, used: float) -> None:
        """``used`` units were used where ``taken`` had been taken."""
        self._level = min(self._size, self._refilled() + taken - used)

    def _refilled(self) -> float:
        now = time.monotonic()
        self._level = min(self._size, self._level + (now - self._filled) * self._per_second)
        self._filled = now
        return self._level


class ConcurrencyLimit:
    """At most ``limit`` requests under way, 1 <= limit <= ``ceiling``; starts at the ceiling.

    Additive increase, multiplicative decrease: overload (429, 503, time-outs) cuts the limit,
    once per round, for what was sent before the last cut does not count again; each success
    adds a little.
    """

    def __init__(self, ceiling: int) -> None:
        self._ceiling = float(ceiling)
        self._limit = float(ceiling)
        self._under_way = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._clock = 0
        self._last_cut = 0

    @property
    def limit(self) -> int:
        """Requests allowed under way now."""
        return int(self._limit)

    @property
    def load(self) -> int:
        """Requests under way, and those that wait for a place."""
        return self._under_way + len(self._waiting)

    async def enter(self) -> int:
        """Wait for a place; returns the ticket to leave with."""
        if self._under_way < self.limit and not self._waiting:
            self._under_way += 1
        else:
            turn = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            try:
                await turn  # whoever wakes us has taken the place for us
            except asyncio.CancelledError:
                if turn.done() and not turn.cancelled():
                    self.leave()
                raise
        self._clock += 1
        return self._clock

    def succeeded(self) -> None:
        """Leave with a reply."""
        self._limit = min(self._ceiling, self._limit + GROWTH)
        self.leave()

    def overloaded(self, ticket: int) -> None:
        """Leave because the endpoint could not keep pace."""
        if ticket > self._last_cut:
            self._limit = max(1.0, self._limit * CUT)
            self._last_cut = self._clock
        self.leave()

    def leave(self) -> None:
        """Leave for a reason that says nothing about load; whoever waited longest has the place."""
        self._under_way -= 1
        while self._waiting and self._under_way < self.limit:
            turn = self._waiting.popleft()
            if not turn.done():
                self._under_way += 1
                turn.set_result(None)
