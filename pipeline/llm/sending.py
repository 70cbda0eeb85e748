"""Sending one body: permission, budget, transport, ledger, and the patience to try again."""

from __future__ import annotations

import asyncio
import itertools
import random
import time

from pipeline.llm.body import Prepared
from pipeline.llm.breaker import CircuitBreaker
from pipeline.llm.budget import Budget, cost_pico
from pipeline.llm.faults import RefusedError, TransientError, status_fault
from pipeline.llm.ledger import Ledger, Loss, PaidReply
from pipeline.llm.limits import ConcurrencyLimit, TokenBucket
from pipeline.llm.meter import Meter
from pipeline.llm.reading import Completion, EnvelopeError, error_in, read_envelope
from pipeline.llm.settings import EndpointSettings
from pipeline.llm.transport import Transport
from schemas.errors import RunError, ServiceError, UsageError

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 30.0
"""Waits double from the first to the longest: a hiccup is over in a second, an outage is not."""


class Sender:
    """Sends bodies through a transport, under every limit, and keeps what comes back."""

    def __init__(
        self,
        settings: EndpointSettings,
        transport: Transport,
        ledger: Ledger,
        budget: Budget,
        meter: Meter,
    ) -> None:
        self._settings = settings
        self._transport = transport
        self._ledger = ledger
        self._budget = budget
        self._meter = meter
        self._limiter = ConcurrencyLimit(settings.max_in_flight)
        self._breaker = CircuitBreaker(settings.base_url, settings.give_up_after_s)
        self._requests = _bucket(settings.requests_per_minute)
        self._tokens = _bucket(settings.tokens_per_minute)
        self._failing: set[str] = set()
        self._stopped: str | None = None
        self.has_answered = False
        """Whether a request was accepted."""

    async def send(self, prepared: Prepared) -> PaidReply:
        """The reply on disk, after as many attempts as are worth it.

        ItemError: given up. RefusedError: not to be asked in this form. ServiceError: the
        endpoint cannot go on, and nothing is sent through it any more.
        """
        began = time.monotonic()
        for attempt in itertools.count(1):
            try:
                return await self._attempt(prepared)
            except TransientError as fault:
                if attempt >= self._settings.max_attempts and self._is_to_blame(
                    prepared.key, fault, began
                ):
                    raise fault.item_error(attempt) from fault
                await asyncio.sleep(_wait_s(fault, attempt))
            except ServiceError as error:
                self.stop(str(error))
                raise
        raise AssertionError

    def stop(self, reason: str) -> None:
        """Send nothing any more: whoever comes gets a ServiceError with ``reason``."""
        self._stopped = self._stopped or reason

    def _is_to_blame(self, key: str, fault: TransientError, began: float) -> bool:
        """Whether a request fails by itself: the endpoint answers others, or no other fails.

        While nobody is answered, no request is to blame, and the breaker's deadline decides.
        """
        if self._breaker.answered_since(began):
            return True
        return fault.status is not None and self.has_answered and self._failing == {key}

    async def _attempt(self, prepared: Prepared) -> PaidReply:
        """One try: wait for permission, send, and write the reply down before it is read."""
        if self._stopped is not None:
            raise ServiceError(self._stopped)
        estimate = prepared.prompt_bound + prepared.completion_bound
        if self._requests is not None:
            await self._requests.take(1)
        if self._tokens is not None:
            await self._tokens.take(estimate)
        ticket = await self._limiter.enter()
        self._meter.limit = self._limiter.limit
        probe, sent = False, 0.0
        try:
            probe = await self._breaker.admit()
            sent = time.monotonic()
            reply = await self._exchange(prepared)
        except TransientError as fault:
            if fault.overload:
                self._limiter.overloaded(ticket)
            else:
                self._limiter.leave()
            self._meter.retries[fault.cause] += 1
            self._correct(estimate, estimate if fault.maybe_billed else 0)
            self._failing.add(prepared.key)
            self._breaker.failed(fault.detail, no_contact=fault.cause == "unreachable")
            raise
        except BaseException as error:
            self._limiter.leave()
            if isinstance(error, RefusedError | ServiceError):
                self._correct(estimate, 0)
                self._answered(sent)
            else:
                self._breaker.abandoned(probe=probe)
            raise
        self._answered(sent)
        self.has_answered = True
        used = (reply.prompt_tokens or 0) + (reply.completion_tokens or 0)
        self._correct(estimate, used or estimate)
        try:
            await self._ledger.record(reply)
        finally:
            # A place is held until its reply is on disk: a kill loses no more than have places.
            self._limiter.succeeded()
        self._meter.arrived(reply)
        return reply

    async def _exchange(self, prepared: Prepared) -> PaidReply:
        """Send within the budget; the reply with its cost, not yet on disk."""
        worst = self._cost(prepared.prompt_bound, prepared.completion_bound)
        await self._budget.set_aside_for(worst or 0)
        owed = worst or 0  # until it is known to be less: a reply that never came may be billed
        self._meter.sent += 1
        self._meter.in_flight += 1
        try:
            body = await self._transport.send(prepared.body, prepared.label)
            completion = self._completion(body)
            cost = worst
            if completion.prompt_tokens is not None and completion.completion_tokens is not None:
                cost = self._cost(completion.prompt_tokens, completion.completion_tokens)
            owed = cost or 0
        except EnvelopeError as err:
            self._lose(prepared, "bad_body", owed)
            raise TransientError("bad_body", str(err), maybe_billed=True) from err
        except TransientError as fault:
            if fault.maybe_billed:
                self._lose(prepared, fault.cause, owed)
            else:
                owed = 0
            raise
        except (RefusedError, RunError, UsageError):
            owed = 0
            raise
        except BaseException:
            self._lose(prepared, "cancelled", owed)
            raise
        else:
            return self._kept(prepared, body, completion, cost)
        finally:
            self._meter.in_flight -= 1
            self._budget.settle(worst or 0, owed)

    def _completion(self, body: bytes) -> Completion:
        failed = error_in(body)
        if failed is not None:
            raise status_fault(self._settings, *failed, {})
        return read_envelope(body)

    def _kept(
        self, prepared: Prepared, body: bytes, completion: Completion, cost: int | None
    ) -> PaidReply:
        return PaidReply(
            key=prepared.key,
            item=prepared.label,
            sample=prepared.sample,
            endpoint=self._settings.endpoint,
            model=self._settings.model,
            created=int(time.time()),
            prompt_tokens=completion.prompt_tokens,
            completion_tokens=completion.completion_tokens,
            cost_pico=cost,
            finish_reason=completion.finish_reason,
            body=body,
        )

    def _answered(self, sent: float) -> None:
        self._failing.clear()
        self._breaker.succeeded(sent)

    def _lose(self, prepared: Prepared, cause: str, worst: int) -> None:
        self._meter.lost += 1
        if worst:
            loss = Loss(prepared.key, prepared.label, int(time.time()), cause, worst)
            self._ledger.record_soon(loss)

    def _cost(self, prompt_tokens: int, completion_tokens: int) -> int | None:
        price = self._settings.price
        return None if price is None else cost_pico(price, prompt_tokens, completion_tokens)

    def _correct(self, taken: int, used: int) -> None:
        if self._tokens is not None:
            self._tokens.correct(taken, used)


def _wait_s(fault: TransientError, attempt: int) -> float:
    """As Retry-After says, else doubling from half a second; with jitter, so that requests
    that failed together do not come back together."""
    if fault.retry_after_s is not None:
        return fault.retry_after_s * (1 + 0.1 * random.random())
    longest: float = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** (attempt - 1))
    return longest * (0.5 + 0.5 * random.random())


def _bucket(per_minute: float | None) -> TokenBucket | None:
    return None if per_minute is None else TokenBucket(per_minute)
