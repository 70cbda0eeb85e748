"""A bucket of requests or tokens that refills at a steady rate."""

from __future__ import annotations

import asyncio
import time

BURST_S = 1.0
NAP_S = 0.25


class Bucket:
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
                # In naps: a correction meanwhile may bring the moment nearer.
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
