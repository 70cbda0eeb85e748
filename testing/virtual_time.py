"""Waits that take no time: a clock that jumps to whatever the event loop waits for next."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class VirtualTime:
    """Stands in for the module ``time`` where only ``monotonic`` and ``sleep`` are asked of it.

    The clock stands still while code runs, however busy the machine is: what a test reads from
    it is exact, but for ten billionths of a second at each turn of the loop, without which a wait
    that rounding has made too short would be tried again for ever.
    """

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        """Seconds since some moment."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """As much later, at once."""
        self.now += seconds

    def run(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """What ``work`` returns, run in an event loop of this clock."""
        with asyncio.Runner(loop_factory=lambda: _Loop(self)) as runner:
            return runner.run(work())


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self, clock: VirtualTime) -> None:
        super().__init__(_Selector(clock))
        self._clock = clock

    def time(self) -> float:
        return self._clock.now


class _Selector(selectors.DefaultSelector):
    """Instead of waiting it moves the clock."""

    def __init__(self, clock: VirtualTime) -> None:
        super().__init__()
        self._clock = clock

    def select(self, timeout: float | None = None) -> Any:
        assert timeout is not None, "nothing will ever happen"
        self._clock.now += max(timeout, 1e-8)
        return super().select(0)
