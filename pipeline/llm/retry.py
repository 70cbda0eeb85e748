"""The one policy of trying again, by tenacity."""

from __future__ import annotations

import random

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type

from pipeline.llm.breaker import Breaker
from pipeline.llm.faults import TransientError

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 30.0


def retrying(key: str, max_attempts: int, breaker: Breaker) -> AsyncRetrying:
    """Attempts for one request until it succeeds, is given up, or the breaker ends the run.

    Given up: after ``max_attempts``, if the endpoint has answered others since the first of
    them, or if no other request fails. While nobody is answered, no item is the one to blame;
    the breaker's deadline decides then.
    """

    def stop(state: RetryCallState) -> bool:
        if state.attempt_number < max_attempts:
            return False
        if breaker.answered_since(state.start_time):
            return True
        fault = _fault(state)
        return fault.status is not None and breaker.fails_alone(key)

    return AsyncRetrying(
        retry=retry_if_exception_type(TransientError), wait=_wait_s, stop=stop, reraise=True
    )


def _wait_s(state: RetryCallState) -> float:
    """As Retry-After says, else doubling from half a second; with jitter, so that requests
    that failed together do not come back together."""
    fault = _fault(state)
    if fault.retry_after_s is not None:
        return fault.retry_after_s * (1 + 0.1 * random.random())
    longest: float = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** (state.attempt_number - 1))
    return longest * (0.5 + 0.5 * random.random())


def _fault(state: RetryCallState) -> TransientError:
    assert state.outcome is not None
    fault = state.outcome.exception()
    assert isinstance(fault, TransientError)
    return fault
