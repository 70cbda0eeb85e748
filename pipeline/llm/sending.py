"""Sending one body: permission, budget, transport, ledger, and the patience to try again."""

from __future__ import annotations

import random
import time
from collections import defaultdict
from collections.abc import Sequence

from tenacity import AsyncRetrying, RetryCallState

from pipeline.llm.body import Prepared
from pipeline.llm.breaker import CircuitBreaker, ElsewhereError
from pipeline.llm.budget import Budget, cost_pico
from pipeline.llm.faults import RefusedError, TransientError, status_fault
from pipeline.llm.ledger import Ledger
from pipeline.llm.ledger_rows import Loss, PaidReply
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
        self._hopeless: set[str] = set()
        self._on_its_way: set[str] = set()
        self._shares: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
        self.stopped: str | None = None
        """Why nothing is sent any more."""
        self.has_accepted = False
        """Whether a request was answered in this run."""
        self.others: Sequence[Sender] = ()
        """Those that reach the same model at other addresses."""

    @property
    def load(self) -> int:
        """Requests that are under way or wait for a place."""
        return self._limiter.load

    @property
    def is_up(self) -> bool:
        """Whether its address answers, as far as is known."""
        return self.stopped is None and not self._breaker.is_open

    @property
    def is_worth_a_try(self) -> bool:
        """Whether it is up, or due to be asked whether it is."""
        return self.is_up or (self.stopped is None and self._breaker.wants_probe)

    def is_on_its_way(self, key: str) -> bool:
        """Whether a request was sent, so that its reply has to be paid."""
        return key in self._on_its_way

    async def close(self) -> None:
        """Close the transport."""
        await self._transport.close()

    async def send(self, prepared: Prepared) -> PaidReply:
        """The reply on disk, after as many attempts as are worth it.

        ItemError: given up. RefusedError: not to be asked in this form. ServiceError: the
        endpoint cannot go on, and nothing is sent through it any more. ElsewhereError: to be sent
        to another address.
        """
        began = time.monotonic()
        try:
            return await self._attempted(prepared)
        except TransientError as fault:  # tenacity is set up only once something failed
            failed = fault
        self._leave_if_down(prepared.key, failed)
        return await self._try_again(prepared, failed, began)

    async def _try_again(
        self, prepared: Prepared, failed: TransientError, began: float
    ) -> PaidReply:
        """What the next attempts bring, the first having ``failed``."""
        first: TransientError | None = failed

        async def attempt() -> PaidReply:
            nonlocal first
            if first is not None:
                fault, first = first, None
                raise fault
            return await self._attempted(prepared)

        async def is_worth_another(state: RetryCallState) -> bool:
            fault = _fault(state)
            if fault is None:
                return False
            self._leave_if_down(prepared.key, fault)
            return not await self._is_to_blame(prepared.key, fault, state.attempt_number, began)

        policy = AsyncRetrying(retry=is_worth_another, wait=_wait_s)
        try:
            return await policy(attempt)
        except TransientError as fault:
            self._failing.discard(prepared.key)
            raise fault.item_error(policy.statistics["attempt_number"]) from fault

    def _leave_if_down(self, key: str, fault: TransientError) -> None:
        """ElsewhereError where the address takes no connection or answers nobody."""
        down = fault.cause == "unreachable" or not self.is_up
        if down and self._is_answered_elsewhere():
            self._failing.discard(key)
            self.leave_out(f"while it answers nobody ({fault.detail}); the other addresses go on")
            raise ElsewhereError

    def _is_answered_elsewhere(self) -> bool:
        return any(other.is_up for other in self.others)

    async def _attempted(self, prepared: Prepared) -> PaidReply:
        try:
            return await self._attempt(prepared)
        except ServiceError as error:
            self.stop(str(error))
            raise

    def leave_out(self, why: str) -> None:
        """Say once that others are asked instead."""
        address = self._settings.base_url
        if address not in self._meter.left_out:
            self._meter.left_out.add(address)
            self._meter.note(f"{address} is left out {why}")

    def stop(self, reason: str) -> None:
        """Send nothing any more: whoever comes gets a ServiceError with ``reason``."""
        self.stopped = self.stopped or reason
        self._breaker.restart()  # nobody waits for a probe any more

    # -- who is to blame -----------------------------------------------------------------------

    async def _is_to_blame(
        self, key: str, fault: TransientError, attempt: int, began: float
    ) -> bool:
        """Whether a request fails by itself: the endpoint answers others, or no other fails.

        While nobody is answered, no request is to blame, and none is that never reached the
        endpoint. Past the deadline those that fail are, if the endpoint is up and has answered
        before; else nothing is sent any more.
        """
        if key in self._hopeless:
            return True
        if attempt >= self._settings.max_attempts and fault.cause != "unreachable":
            if self._breaker.answered_since(began):
                return True
            if fault.status is not None and self._failing == {key} and self._has_ever_answered():
                return True
        if self._breaker.is_overdue:
            await self._blame_or_stop()
        return key in self._hopeless

    async def _blame_or_stop(self) -> None:
        """Past the deadline: the requests that fail now are hopeless, or the endpoint is down."""
        reason = self._breaker.reason
        if self._has_ever_answered() and not self._hopeless:
            self._hopeless |= self._failing
            self._breaker.restart()
            try:
                await self._transport.check()
            except (TransientError, ServiceError):
                self._hopeless.clear()
            else:
                return
        self.stop(reason)
        raise ServiceError(reason)

    def _has_ever_answered(self) -> bool:
        settings = self._settings
        return self.has_accepted or self._ledger.has_replies(settings.endpoint, settings.model)

    # -- one attempt ---------------------------------------------------------------------------

    async def _attempt(self, prepared: Prepared) -> PaidReply:
        """One try: wait for permission, send, and write the reply down before it is read."""
        estimate = prepared.prompt_bound + prepared.completion_bound
        if self._requests is not None:
            await self._requests.take(1)
        if self._tokens is not None:
            await self._tokens.take(estimate)
        ticket = await self._limiter.enter()
        self._meter.limit = self._limiter.limit
        probe, sent = False, 0.0
        try:
            probe = await self._admitted()
            sent = time.monotonic()
            reply = await self._exchange(prepared)
        except TransientError as fault:
            self._on_its_way.discard(prepared.key)
            if fault.overload:
                self._limiter.overloaded(ticket)
            else:
                self._limiter.leave()
            self._meter.retries[fault.cause] += 1
            self._correct(estimate, estimate if fault.maybe_billed else 0)
            if fault.cause == "bad_draw":
                self._answered(sent)
            else:
                self._failing.add(prepared.key)
                self._breaker.failed(fault.detail, no_contact=fault.cause == "unreachable")
            raise
        except BaseException as error:
            self._on_its_way.discard(prepared.key)
            self._limiter.leave()
            if isinstance(error, RefusedError | ServiceError) and self.stopped is None:
                self._correct(estimate, 0)
                self._answered(sent)
            else:
                self._breaker.abandoned(probe=probe)
            raise
        self._answered(sent)
        self._meter.waits.append(time.monotonic() - sent)
        self.has_accepted = True
        used = (reply.prompt_tokens or 0) + (reply.completion_tokens or 0)
        self._correct(estimate, used or estimate)
        try:
            await self._ledger.record(reply)
        finally:
            # A place is held until its reply is on disk: a kill loses no more than have places.
            self._on_its_way.discard(prepared.key)
            self._limiter.succeeded()
        self._meter.arrived(reply)
        return reply

    async def _admitted(self) -> bool:
        """Return once the circuit lets a request through, and whether as its probe."""
        probe = await self._breaker.admit(self._is_answered_elsewhere)
        if self.stopped is not None:
            self._breaker.abandoned(probe=probe)
            raise ServiceError(self.stopped)
        return probe

    async def _exchange(self, prepared: Prepared) -> PaidReply:
        """Send within the budget; the reply with its cost, not yet on disk."""
        worst = self._cost(prepared.prompt_bound, prepared.completion_bound) or 0
        await self._budget.set_aside_for(worst)
        self._meter.sent += 1
        self._meter.in_flight += 1
        self._on_its_way.add(prepared.key)
        owed, at_most = 0, 0
        try:
            body = await self._transport.send(prepared.body, prepared.label)
            completion = self._completion(body)
            owed, at_most = self._price(prepared, completion, worst)
        except EnvelopeError as err:
            owed, at_most = self._lose(prepared, "bad_body", worst)
            raise TransientError("bad_body", str(err), maybe_billed=True) from err
        except TransientError as fault:
            if fault.maybe_billed:
                owed, at_most = self._lose(prepared, fault.cause, worst)
            raise
        except (RefusedError, RunError, UsageError):
            raise
        except BaseException:
            owed, at_most = self._lose(prepared, "cancelled", worst)
            raise
        else:
            return self._kept(prepared, body, completion, owed)
        finally:
            self._meter.in_flight -= 1
            self._budget.settle(worst, owed, at_most)

    def _completion(self, body: bytes) -> Completion:
        """The completion in a body that has one; else what its error means."""
        failed = error_in(body)
        if failed is None:
            return read_envelope(body)
        fault = status_fault(self._settings, *failed, {})
        if isinstance(fault, TransientError):
            fault.maybe_billed = b'"choices"' in body  # it had begun to write
        raise fault

    def _kept(
        self, prepared: Prepared, body: bytes, completion: Completion, cost: int
    ) -> PaidReply:
        price = self._settings.price
        return PaidReply(
            key=prepared.key,
            item=prepared.label,
            sample=prepared.sample,
            endpoint=self._settings.endpoint,
            model=self._settings.model,
            created=int(time.time()),
            prompt_tokens=completion.prompt_tokens,
            completion_tokens=completion.completion_tokens,
            cost_pico=cost if price else None,
            finish_reason=completion.finish_reason,
            currency=price.currency if price else None,
            body=body,
        )

    def _answered(self, sent: float) -> None:
        self._failing.clear()
        self._hopeless.clear()
        self._breaker.succeeded(sent)

    # -- money ---------------------------------------------------------------------------------

    def _price(self, prepared: Prepared, completion: Completion, worst: int) -> tuple[int, int]:
        """What a reply cost, and at most; estimated where the endpoint counted no tokens."""
        tokens = completion.prompt_tokens, completion.completion_tokens
        if tokens[0] is None or tokens[1] is None:
            cost = self._estimate(prepared, worst)
            self._record_loss(prepared, "no_counts", 0, worst - cost)
            return cost, worst
        cost = self._cost(tokens[0], tokens[1], completion.cached_tokens) or 0
        share = self._shares[prepared.stage]
        share[0] += cost
        share[1] += worst
        return cost, cost

    def _estimate(self, prepared: Prepared, worst: int) -> int:
        """What a request cost whose bill is unknown, by those of its stage; else the worst."""
        cost, bound = self._shares[prepared.stage]
        return min(worst, worst * cost // bound) if bound else worst

    def _lose(self, prepared: Prepared, cause: str, worst: int) -> tuple[int, int]:
        """Count a request that may be billed; what it cost, estimated and at most."""
        self._meter.lost += 1
        estimate = self._estimate(prepared, worst)
        self._record_loss(prepared, cause, estimate, worst)
        return estimate, worst

    def _record_loss(self, prepared: Prepared, cause: str, cost: int, bound: int) -> None:
        price = self._settings.price
        if price is not None and bound:
            now = int(time.time())
            loss = Loss(prepared.key, prepared.label, now, cause, cost, bound, price.currency)
            self._ledger.record_soon(loss)

    def _cost(self, prompt_tokens: int, completion_tokens: int, cached: int = 0) -> int | None:
        price = self._settings.price
        return None if price is None else cost_pico(price, prompt_tokens, completion_tokens, cached)

    def _correct(self, taken: int, used: int) -> None:
        if self._tokens is not None:
            self._tokens.correct(taken, used)


def _wait_s(state: RetryCallState) -> float:
    """As Retry-After says, else doubling from half a second; with jitter, so that requests
    that failed together do not come back together."""
    fault = _fault(state)
    if fault is not None and fault.retry_after_s is not None:
        return fault.retry_after_s * (1 + 0.1 * random.random())
    longest: float = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** (state.attempt_number - 1))
    return longest * (0.5 + 0.5 * random.random())


def _fault(state: RetryCallState) -> TransientError | None:
    """The fault that an attempt ended with, where another attempt could end otherwise."""
    error = state.outcome.exception() if state.outcome is not None else None
    return error if isinstance(error, TransientError) else None


def _bucket(per_minute: float | None) -> TokenBucket | None:
    return None if per_minute is None else TokenBucket(per_minute)
