"""How many requests are under way: down when the endpoint is overrun, up when it keeps pace."""

from __future__ import annotations

import asyncio
from collections import deque

CUT = 0.75
GROWTH = 0.1
"""Added to the limit by each success: a tenth more requests after each round."""
WINDOW = 16
SLOW = 3.0
CALM = 2.0
SLACK_S = 0.05
DRIFT = 1.002
FELL = 0.75
"""A queue that is fed half as much is waited for less than this share of the time."""


BUNCH = 4
"""Places given in one turn of the event loop."""


class Limiter:
    """At most ``limit`` requests under way, 1 <= limit <= ``ceiling``; starts at the ceiling.

    Overload (429, 503, time-outs) cuts the limit by a quarter, once per round: what was sent
    before the last cut does not count again. Growing latency does the same: the median of a
    window of replies against the lower quartile of the quietest window so far. A median is
    blind to a slow tail, which says nothing about load; a queue at the endpoint moves it.
    Where the limit was halved and replies take as long as before, there was no queue: longer
    replies are being asked for, the limit goes back and the new latency is the measure.

    Few places are given per turn of the event loop. Work that falls due together is done side
    by side there: requests that start in a bunch would all be sent when the last of them is
    made up, come back in a bunch, and start in one again.
    """

    def __init__(self, ceiling: int) -> None:
        self._ceiling = float(ceiling)
        self._limit = float(ceiling)
        self._under_way = 0
        self._given = 0  # in this turn of the event loop
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._clock = 0
        self._last_cut = 0
        self._latencies: list[float] = []
        self._quiet: float | None = None
        self._calm = True
        self._suspected: tuple[float, float] | None = (
            None  # limit at the first cut, longest median since
        )

    @property
    def limit(self) -> int:
        """Requests allowed under way now."""
        return int(self._limit)

    @property
    def under_way(self) -> int:
        """Requests under way now."""
        return self._under_way

    async def enter(self) -> int:
        """Wait for a place; returns the ticket to leave with."""
        if self._has_place() and not self._waiting:
            self._take_place(asyncio.get_running_loop())
        else:
            turn = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            try:
                await turn  # whoever wakes us has taken the place for us
            except asyncio.CancelledError:
                if turn.done() and not turn.cancelled():
                    self._leave()
                raise
        self._clock += 1
        return self._clock

    def succeeded(self, ticket: int, latency_s: float) -> None:
        """Leave with a reply that took ``latency_s``."""
        if ticket > self._last_cut:
            self._latencies.append(latency_s)
            if len(self._latencies) >= WINDOW:
                self._judge_window()
        if self._calm:
            self._limit = min(self._ceiling, self._limit + GROWTH)
        self._leave()

    def overrun(self, ticket: int) -> None:
        """Leave because the endpoint could not keep pace."""
        if ticket > self._last_cut:
            self._cut()
        self._leave()

    def left(self) -> None:
        """Leave for a reason that says nothing about load."""
        self._leave()

    def _judge_window(self) -> None:
        window, self._latencies = sorted(self._latencies), []
        quartile, median = window[len(window) // 4], window[len(window) // 2]
        quiet = quartile if self._quiet is None else min(quartile, self._quiet * DRIFT)
        self._quiet = quiet
        self._calm = median <= CALM * quiet + SLACK_S
        if median <= SLOW * quiet + SLACK_S:
            self._suspected = None
            return
        before, longest = self._suspected or (self._limit, median)
        if self._limit > before / 2:
            self._suspected = before, max(longest, median)  # a queue may still be filling up
            self._cut()
        elif median < FELL * longest:
            self._cut()
        else:
            self._limit, self._quiet, self._calm = before, quartile, True
            self._suspected = None

    def _cut(self) -> None:
        self._limit = max(1.0, self._limit * CUT)
        self._last_cut = self._clock
        self._latencies.clear()

    def _leave(self) -> None:
        self._under_way -= 1
        self._give()

    def _give(self) -> None:
        """A place to whoever has waited longest."""
        while self._waiting and self._has_place():
            turn = self._waiting.popleft()
            if not turn.done():
                self._take_place(turn.get_loop())
                turn.set_result(None)

    def _has_place(self) -> bool:
        return self._given < BUNCH and self._under_way < int(self._limit)

    def _take_place(self, loop: asyncio.AbstractEventLoop) -> None:
        self._under_way += 1
        if not self._given:
            loop.call_soon(self._next_turn)
        self._given += 1

    def _next_turn(self) -> None:
        self._given = 0
        self._give()
