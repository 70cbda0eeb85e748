"""How long the Hub is given."""

from __future__ import annotations

from dataclasses import dataclass

from tenacity import RetryCallState

from pipeline.publish.hub_errors import retry_after


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the Hub is given: tries per request, waits between them, silence on the line."""

    attempts: int = 4
    first_wait: float = 1.0
    longest_wait: float = 60.0
    silence: float = 120.0

    def wait(self, state: RetryCallState) -> float:
        """Doubling waits; the Hub's own Retry-After counts for more, up to the longest."""
        error = state.outcome.exception() if state.outcome else None
        asked = retry_after(error)
        own = self.first_wait * 2.0 ** (state.attempt_number - 1)
        return min(self.longest_wait, own if asked is None else asked)


DEFAULT_PATIENCE = Patience()
