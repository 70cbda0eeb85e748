"""The one policy of trying again, by tenacity."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type

from pipeline.llm.breaker import Breaker
from pipeline.llm.faults import TransientError

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 30.0

T = TypeVar("T")


async def try_again(
    attempt: Callable[[], Awaitable[T]],
    failed: TransientError,
    key: str,
    max_attempts: int,
    breaker: Breaker,
) -> T:
    """What ``attempt`` returns in the end, its first try having ``failed`` already.

    Given up (the last TransientError is raised): after ``max_attempts``, if the endpoint has
    answered others that were sent meanwhile, or if no other request fails. While nobody is
    answered, no item is the one to blame, and the breaker's deadline decides.
    """
    first: TransientError | None = failed

    async def one() -> T:
        nonlocal first
        if first is not None:
            fault, first = first, None
            raise fault
        return await attempt()

    def stop(state: RetryCallState) -> bool:
        if state.attempt_number < max_attempts:
            return False
        if breaker.answered_since(state.start_time):
            return True
        return _fault(state).status is not None and breaker.fails_alone(key)

    policy = AsyncRetrying(
        retry=retry_if_exception_type(TransientError), wait=_wait_s, stop=stop, reraise=True
    )
    return await policy(one)


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
