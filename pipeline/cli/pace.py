"""How long a stage will still take, from how fast its items were done lately."""

from __future__ import annotations

from collections import deque

_WINDOW_S = 60.0
"""A burst of replies from the ledger is forgotten after so long."""
_EVERY_S = 1.0


class Pace:
    """Watches a count of items; a count that falls, or another total, begins anew."""

    def __init__(self, now: float) -> None:
        self._total: int | None = None
        self._seen = deque([(now, 0)])

    def seconds_left(self, done: int, total: int, in_flight: int, now: float) -> float | None:
        """None while nothing can be said: before the first item, and where no total is known.

        Until as many items are done as are under way at once, those under way count as done: all
        of the first ones come at about the same time.
        """
        if self._total is None:
            self._total = total
        if total != self._total or done < self._seen[-1][1]:
            self._total, self._seen = total, deque([(now, done)])
        elif now - self._seen[-1][0] >= _EVERY_S:
            self._seen.append((now, done))
        while len(self._seen) > 2 and self._seen[1][0] <= now - _WINDOW_S:
            self._seen.popleft()
        began, before = self._seen[0]
        if not 0 < done < total or now <= began:
            return None
        lately = max(done - before, min(in_flight, total) if done < in_flight else 0)
        return (total - done) * (now - began) / lately if lately else None
