"""LanguageModel: asks a request once, pays for it once, and returns a validated answer."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Self

from pipeline.llm.body import Prepared, prepare
from pipeline.llm.breaker import Breaker
from pipeline.llm.bucket import Bucket
from pipeline.llm.budget import Budget, cost_pico
from pipeline.llm.dialect import Dialect
from pipeline.llm.envelope import Completion, EnvelopeError, read_envelope
from pipeline.llm.faults import RefusedError, TransientError
from pipeline.llm.ledger import Ledger
from pipeline.llm.ledger_rows import Loss, Reply
from pipeline.llm.limiter import Limiter
from pipeline.llm.meter import Meter
from pipeline.llm.reading import Complaint, read_reply
from pipeline.llm.repair import repair_messages
from pipeline.llm.request import Answer, Message, R, Request, UnusableReplyError, Usage
from pipeline.llm.settings import EndpointSettings
from schemas.errors import ItemError, RunError, ServiceError, UsageError

if TYPE_CHECKING:
    from pipeline.llm.wire import Wire

REPAIR_SUFFIX = "/repair"
REFUSALS_BEFORE_STOP = 20
"""RefusedError requests in a row, with not one accepted, after which the settings are to blame."""


class LanguageModel:
    """One endpoint and model, behind a ledger, a budget and a meter.

    ``key`` and ``is_paid`` work without opening it; no API key is looked for before the first
    request is really sent.
    """

    def __init__(
        self,
        settings: EndpointSettings,
        *,
        ledger: Ledger,
        budget: Budget | None = None,
        meter: Meter | None = None,
    ) -> None:
        self.settings = settings
        self.meter = meter or Meter()
        self._ledger = ledger
        self._budget = budget or Budget(None)
        self._budget.admit(settings.model, settings.price)
        self._dialect = Dialect(settings, ledger)
        self._limiter = Limiter(settings.max_in_flight)
        self._breaker = Breaker(settings.base_url, settings.give_up_after_s)
        self._requests = _bucket(settings.requests_per_minute)
        self._tokens = _bucket(settings.tokens_per_minute)
        self._flights: dict[str, asyncio.Future[Reply]] = {}
        self._wire: Wire | None = None
        self._stopped: str | None = None
        self._refusals = 0
        self._accepted = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._wire is not None:
            await self._wire.close()
            self._wire = None

    def key(self, request: Request[R]) -> str:
        """The key under which the first reply to ``request`` is kept."""
        return self._prepare(request.messages, request).key

    def is_paid(self, request: Request[R]) -> bool:
        """Whether the first reply to ``request`` is in the ledger."""
        return self._ledger.contains(self.key(request))

    async def ask(self, request: Request[R]) -> Answer[R]:
        """The validated answer to ``request``.

        ItemError: this item failed for good. RunError: the run cannot go on.
        """
        first, replayed = await self._reply(request.messages, request, request.item)
        completion = read_envelope(first.body)
        read = _read(request, completion)
        if not isinstance(read, Complaint):
            return _answer(read, first, None, replayed)
        self.meter.repairs += 1
        messages = repair_messages(
            request.messages,
            completion.content,
            read,
            truncated=completion.finish_reason == "length",
        )
        second, again = await self._reply(messages, request, request.item + REPAIR_SUFFIX)
        completion = read_envelope(second.body)
        read = _read(request, completion)
        if not isinstance(read, Complaint):
            return _answer(read, second, first, replayed and again)
        paid = _usage(first) + _usage(second), _date(second)
        if completion.finish_reason == "length":
            detail = f"the reply ran into {self.settings.max_tokens} tokens"
            raise UnusableReplyError("truncated", detail, *paid)
        raise UnusableReplyError("bad_reply", f"invalid after a repair turn: {read.text}", *paid)

    # -- one reply -------------------------------------------------------------------------

    async def _reply(
        self, messages: tuple[Message, ...], request: Request[R], item: str
    ) -> tuple[Reply, bool]:
        """The reply to ``messages``, and whether it was in the ledger already."""
        while True:
            prepared = self._prepare(messages, request)
            paid = self._ledger.get(prepared.key)
            if paid is not None:
                self.meter.replayed += 1
                return paid, True
            flight = self._flights.get(prepared.key)
            try:
                if flight is None:
                    return await self._fly(prepared, item, request.sample), False
                self.meter.shared += 1
                shared = await _landed(flight)
                if shared is not None:
                    return shared, False
            except RefusedError as refused:
                self._learn(prepared, refused)

    def _learn(self, prepared: Prepared, refused: RefusedError) -> None:
        """Return if the request is worth another form; else ItemError, or ServiceError."""
        if self._dialect.learn(prepared.form, refused):
            return
        self.meter.refused += 1
        self._refusals += 1
        if not self._accepted and self._refusals >= REFUSALS_BEFORE_STOP:
            self._stopped = (
                f"the first {self._refusals} requests were all refused: {refused.detail};"
                " correct the settings of this endpoint and run again"
            )
            raise ServiceError(self._stopped) from refused
        raise refused.item_error() from refused

    async def _fly(self, prepared: Prepared, item: str, sample: int) -> Reply:
        """Send, with everyone else who asks the same meanwhile waiting for this one."""
        flight: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._flights[prepared.key] = flight
        try:
            reply = await self._persist(prepared, item, sample)
        except BaseException as err:
            if isinstance(err, asyncio.CancelledError):
                flight.cancel()
            else:
                flight.set_exception(err)
                flight.exception()  # read here: there may be nobody else to read it
            raise
        else:
            flight.set_result(reply)
            return reply
        finally:
            del self._flights[prepared.key]

    async def _persist(self, prepared: Prepared, item: str, sample: int) -> Reply:
        """The reply on disk, after as many attempts as the policy allows."""
        try:
            try:
                return await self._attempt(prepared, item, sample)
            except TransientError as first:
                # Only now: setting tenacity up costs a tenth of a request.
                from pipeline.llm.retry import try_again

                policy = self.settings.max_attempts, self._breaker
                return await try_again(
                    lambda: self._attempt(prepared, item, sample), first, prepared.key, *policy
                )
        except TransientError as fault:
            raise fault.item_error(self.settings.max_attempts) from fault
        except ServiceError as err:
            self._stopped = str(err)
            raise

    async def _attempt(self, prepared: Prepared, item: str, sample: int) -> Reply:
        """One try: wait for permission, send, and write the reply down before it is read."""
        if self._stopped is not None:
            raise ServiceError(self._stopped)
        estimate = prepared.input_bound + self.settings.max_tokens
        await self._take(estimate)
        ticket = await self._limiter.enter()
        self.meter.limit = self._limiter.limit
        sent = 0.0
        try:
            await self._breaker.admit()
            sent = time.monotonic()
            body, completion, cost, latency_s = await self._exchange(prepared, item)
        except TransientError as fault:
            if fault.overload:
                self._limiter.overrun(ticket)
            else:
                self._limiter.left()
            self.meter.retries[fault.cause] += 1
            self._correct(estimate, estimate if fault.maybe_billed else 0)
            no_contact = fault.cause == "unreachable"
            self._breaker.failed(prepared.key, fault.detail, no_contact=no_contact)
            raise
        except BaseException as err:
            self._limiter.left()
            if isinstance(err, RefusedError | ServiceError):
                self._correct(estimate, 0)
                self._breaker.succeeded(sent)
            else:
                self._breaker.abandoned()
            raise
        self._breaker.succeeded(sent)
        self._accepted = True
        prompt_tokens = completion.prompt_tokens or 0
        completion_tokens = completion.completion_tokens or 0
        self._correct(estimate, prompt_tokens + completion_tokens or estimate)
        reply = Reply(
            key=prepared.key,
            item=item,
            sample=sample,
            endpoint=self.settings.endpoint,
            model=self.settings.model,
            created=int(time.time()),
            prompt_tokens=completion.prompt_tokens,
            completion_tokens=completion.completion_tokens,
            cost_pico=cost,
            finish_reason=completion.finish_reason,
            body=body,
        )
        try:
            await self._ledger.record(reply)
        finally:
            # A place is held until its reply is on disk: a kill loses no more than have places.
            self._limiter.succeeded(ticket, latency_s)
        self.meter.arrived(prompt_tokens, completion_tokens, cost)
        return reply

    async def _exchange(
        self, prepared: Prepared, item: str
    ) -> tuple[bytes, Completion, int | None, float]:
        """Send within the budget: body, completion, cost and latency of the reply."""
        worst = self._cost(prepared.input_bound, self.settings.max_tokens)
        await self._budget.set_aside_for(worst or 0)
        owed = worst or 0  # until it is known to be less: a reply that never came may be billed
        self.meter.sent += 1
        self.meter.in_flight += 1
        started = time.perf_counter()
        try:
            body = await self._opened().post(prepared.body, item)
            latency_s = time.perf_counter() - started
            completion = read_envelope(body)
            cost = worst
            if completion.prompt_tokens is not None and completion.completion_tokens is not None:
                cost = self._cost(completion.prompt_tokens, completion.completion_tokens)
            owed = cost or 0
        except EnvelopeError as err:
            self._lose(prepared, item, "bad_body", owed)
            raise TransientError("bad_body", str(err), maybe_billed=True) from err
        except TransientError as fault:
            if fault.maybe_billed:
                self._lose(prepared, item, fault.cause, owed)
            else:
                owed = 0
            raise
        except (RefusedError, RunError, UsageError):
            owed = 0
            raise
        except BaseException:
            self._lose(prepared, item, "cancelled", owed)
            raise
        else:
            return body, completion, cost, latency_s
        finally:
            self.meter.in_flight -= 1
            self._budget.settle(worst or 0, owed)

    def _lose(self, prepared: Prepared, item: str, cause: str, worst: int) -> None:
        self.meter.lost += 1
        if worst:
            self._ledger.record_soon(Loss(prepared.key, item, int(time.time()), cause, worst))

    # -- small things ----------------------------------------------------------------------

    def _prepare(self, messages: tuple[Message, ...], request: Request[R]) -> Prepared:
        form = self._dialect.form
        return prepare(self.settings, form, messages, request.reply, request.sample)

    def _cost(self, prompt_tokens: int, completion_tokens: int) -> int | None:
        price = self.settings.price
        return None if price is None else cost_pico(price, prompt_tokens, completion_tokens)

    async def _take(self, tokens: int) -> None:
        if self._requests is not None:
            await self._requests.take(1)
        if self._tokens is not None:
            await self._tokens.take(tokens)

    def _correct(self, taken: int, used: int) -> None:
        if self._tokens is not None:
            self._tokens.correct(taken, used)

    def _opened(self) -> Wire:
        if self._wire is None:
            from pipeline.llm.wire import Wire

            self._wire = Wire(self.settings)
        return self._wire


def _read(request: Request[R], completion: Completion) -> R | Complaint:
    if completion.refusal is not None or completion.finish_reason == "content_filter":
        raise ItemError("refused", completion.refusal or "stopped by the content filter")
    return read_reply(request.reply, completion.content)


def _answer(value: R, reply: Reply, before: Reply | None, replayed: bool) -> Answer[R]:
    usage = _usage(reply) if before is None else _usage(before) + _usage(reply)
    return Answer(value, reply.key, reply.model, usage, before is not None, replayed, _date(reply))


def _usage(reply: Reply) -> Usage:
    return Usage(reply.prompt_tokens or 0, reply.completion_tokens or 0, reply.cost)


def _date(reply: Reply) -> str:
    return datetime.fromtimestamp(reply.created, UTC).strftime("%Y-%m-%d")


def _bucket(per_minute: float | None) -> Bucket | None:
    return None if per_minute is None else Bucket(per_minute)


async def _landed(flight: asyncio.Future[Reply]) -> Reply | None:
    """The reply of a flight that another started; None if that one was cancelled: ask again."""
    await asyncio.wait((flight,))
    return None if flight.cancelled() else flight.result()
