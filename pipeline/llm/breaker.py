"""The circuit breaker: when an endpoint answers nobody, one request at a time asks again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

OPENS_AFTER = 8
"""Failures in a row, of whatever requests, that open the circuit."""
FIRST_PROBE_S = 0.5
SLOWEST_PROBE_S = 15.0
"""Probes come at doubling distances: soon after a hiccup, rarely enough not to be a burden."""
LOOK_S = 1.0
"""How often a request that is held back looks whether another address answers."""
FIRST_CONTACT_S = 20.0
"""The patience with an address that has never answered and takes no connection."""


class ElsewhereError(Exception):
    """An address answers nobody just now, and another one does."""


class CircuitBreaker:
    """Holds requests back while the endpoint is down, and knows when that is for too long."""

    def __init__(self, base_url: str, give_up_after_s: float) -> None:
        self._base_url = base_url
        self._give_up_after_s = give_up_after_s
        self._failures = 0
        self._failing_since = 0.0
        self._last_answered = 0.0
        self._probing = False
        self._next_probe = 0.0
        self._pause_s = FIRST_PROBE_S
        self._closed = asyncio.Event()
        self._patience_s = give_up_after_s
        self._detail = ""

    @property
    def is_open(self) -> bool:
        """Whether requests are held back."""
        return self._failures >= OPENS_AFTER

    @property
    def wants_probe(self) -> bool:
        """Whether the next request would be let through though the circuit is open."""
        return self.is_open and not self._probing and time.monotonic() >= self._next_probe

    @property
    def is_overdue(self) -> bool:
        """Whether nobody has been answered for longer than is borne."""
        return self._failures > 0 and self._failing_for_s >= self._patience_s

    @property
    def reason(self) -> str:
        """Since when and why nobody is answered, and what to do."""
        return (
            f"{self._base_url} has answered no request for {self._failing_for_s:.0f} s"
            f" ({self._detail}): check that it is up and that base_url is right, then run the"
            " same command again; every reply so far is kept"
        )

    @property
    def _failing_for_s(self) -> float:
        return time.monotonic() - self._failing_since

    async def admit(self, elsewhere: Callable[[], bool] = lambda: False) -> bool:
        """Return when a request may be sent: at once while all is well, else as the probe.

        Returns whether it is the probe, to be told to ``abandoned``. ElsewhereError where another
        address would answer it by now.
        """
        while self.is_open:
            wait = self._next_probe - time.monotonic()
            if wait <= 0 and not self._probing:
                self._probing = True
                return True
            if elsewhere():
                raise ElsewhereError
            try:
                async with asyncio.timeout(min(max(wait, 0.05), LOOK_S)):
                    await self._closed.wait()
            except TimeoutError:
                pass
        return False

    def succeeded(self, sent: float) -> None:
        """The endpoint answered, whatever it said, a request ``sent`` then (monotonic seconds)."""
        self._last_answered = max(self._last_answered, sent)
        if self._failures:
            self.restart()

    def restart(self) -> None:
        """Let everyone through again, with a new deadline."""
        self._failures = 0
        self._probing = False
        self._pause_s = FIRST_PROBE_S
        self._closed.set()

    def answered_since(self, moment: float) -> bool:
        """Whether the endpoint answered a request sent after ``moment`` (monotonic seconds).

        What it had begun before, it may still answer while it goes away.
        """
        return self._last_answered > moment

    def abandoned(self, *, probe: bool) -> None:
        """A request ended without saying anything about the endpoint (it was cancelled)."""
        if probe:
            self._probing = False

    def failed(self, detail: str, *, no_contact: bool) -> None:
        """The endpoint did not answer."""
        now = time.monotonic()
        if not self._failures:
            self._failing_since = now
            self._closed.clear()
        self._failures += 1
        if self._probing or self._failures == OPENS_AFTER:
            self._probing = False
            self._next_probe = now + self._pause_s
            self._pause_s = min(self._pause_s * 2, SLOWEST_PROBE_S)
        self._detail = detail
        first_contact = no_contact and not self._last_answered
        self._patience_s = self._give_up_after_s
        if first_contact:
            self._patience_s = min(self._give_up_after_s, FIRST_CONTACT_S)
