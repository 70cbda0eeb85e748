"""Where requests are handed in: the one place that looks up, sends, pays for and keeps replies."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from pipeline.llm.body import Prepared
from pipeline.llm.breaker import ElsewhereError
from pipeline.llm.budget import Budget, cost_pico
from pipeline.llm.ledger import Ledger
from pipeline.llm.ledger_rows import Failure, PaidReply
from pipeline.llm.meter import Meter
from pipeline.llm.sending import Sender
from pipeline.llm.settings import EndpointSettings
from pipeline.llm.transport import Transport
from schemas.errors import ItemError, ServiceError


class FailedBeforeError(ItemError):
    """A request that the ledger knows to have failed for good: it is not sent again."""


class RequestDesk(Protocol):
    """Takes prepared requests to one endpoint and model, from whoever asks.

    One process holds the ledger, the budget and every limit; others reach its desk from afar.
    """

    @property
    def settings(self) -> EndpointSettings:
        """The endpoint."""
        ...

    async def fetch(
        self, prepared: Prepared, *, first: bool = False, send: bool = True
    ) -> tuple[PaidReply, bool] | None:
        """The reply, and whether it was in the ledger already; None where it is not and may not
        be sent.

        FailedBeforeError where it failed for good in an earlier run and is the ``first`` turn of
        its item, or was handed out. Else as :meth:`pipeline.llm.sending.Sender.send`.
        """
        ...

    def is_paid(self, key: str) -> bool:
        """Whether a reply is in the ledger."""
        ...

    def fail(self, failed: Failure) -> None:
        """Keep a failure, so that its request fails at once from now on."""
        ...

    def has_answered(self, stage: str) -> bool:
        """Whether a request was ever accepted: of ``stage``, or any in this run."""
        ...

    def has_replies(self, stage: str) -> bool:
        """Whether a request of ``stage`` was ever answered."""
        ...

    def note(self, name: str) -> str | None:
        """What was remembered under a name."""
        ...

    def remember(self, name: str, value: str) -> None:
        """Keep a note for later runs."""
        ...

    def stop(self, reason: str) -> None:
        """Send nothing any more: whoever comes gets a ServiceError with ``reason``."""
        ...

    @property
    def meter(self) -> Meter:
        """Where repairs and refusals are counted."""
        ...

    async def close(self) -> None:
        """Wait for what is on its way, at most as long as a request may take; drop the rest."""
        ...


async def _at_once() -> None:
    """Nothing has to be checked before the first request."""


class LedgerDesk:
    """The desk of the process that holds the ledger.

    It sends through its ``transports`` in turn, each under the limits of ``settings`` for
    itself. ``check`` is awaited before the first request is sent.
    """

    def __init__(
        self,
        settings: EndpointSettings,
        transports: Transport | Sequence[Transport],
        *,
        ledger: Ledger,
        budget: Budget | None = None,
        meter: Meter | None = None,
        check: Callable[[], Awaitable[None]] = _at_once,
    ) -> None:
        self.settings = settings
        self.meter = meter or Meter()
        self._ledger = ledger
        self._check = check
        budget = budget or Budget(None)
        budget.admit(settings.model, settings.price)
        budget.count_earlier(settings.endpoint + settings.model, self._cost_before_priced())
        several = transports if isinstance(transports, Sequence) else (transports,)
        places = [place for place in settings.places for _ in settings.key_variables]
        self._senders = [
            Sender(place, each, ledger, budget, self.meter)
            for place, each in zip(places, several, strict=True)
        ]
        for place, sender in zip(places, self._senders, strict=True):
            sender.others = [
                other
                for there, other in zip(places, self._senders, strict=True)
                if there.base_url != place.base_url
            ]
        self._in_flight: dict[str, asyncio.Task[PaidReply]] = {}

    async def fetch(
        self, prepared: Prepared, *, first: bool = False, send: bool = True
    ) -> tuple[PaidReply, bool] | None:
        """As :class:`RequestDesk` says."""
        if first:
            self._fail_as_before(prepared.key)
        paid = self._ledger.get(prepared.key)
        if paid is not None:
            self.meter.replayed += 1
            return paid, True
        if not send:
            self._fail_as_before(prepared.key)  # a repair turn that a batch asked
            return None
        await self._check()
        return await asyncio.shield(self._sent(prepared)), False

    def _fail_as_before(self, key: str) -> None:
        failed = self._ledger.failure(key) if self._ledger.has_failures else None
        if failed is not None:
            raise FailedBeforeError(failed.code, failed.detail)

    def is_paid(self, key: str) -> bool:
        """As :class:`RequestDesk` says."""
        return self._ledger.contains(key)

    def fail(self, failed: Failure) -> None:
        """As :class:`RequestDesk` says."""
        self._ledger.record_failure(failed)

    def has_answered(self, stage: str) -> bool:
        """As :class:`RequestDesk` says."""
        return any(each.has_accepted for each in self._senders) or self.has_replies(stage)

    def has_replies(self, stage: str) -> bool:
        """As :class:`RequestDesk` says."""
        return self._ledger.has_replies(self.settings.endpoint, self.settings.model, stage)

    def note(self, name: str) -> str | None:
        """As :class:`RequestDesk` says."""
        return self._ledger.note(name)

    def remember(self, name: str, value: str) -> None:
        """As :class:`RequestDesk` says."""
        self._ledger.remember(name, value)

    def stop(self, reason: str) -> None:
        """As :class:`RequestDesk` says."""
        for sender in self._senders:
            sender.stop(reason)

    async def close(self) -> None:
        """As :class:`RequestDesk` says."""
        try:
            await self._drain()
        finally:
            for task in self._in_flight.values():
                task.cancel()
            await asyncio.gather(*self._in_flight.values(), return_exceptions=True)
            for sender in self._senders:
                await sender.close()

    async def _drain(self) -> None:
        self.stop("the run is being stopped")
        under_way = []
        for key, task in self._in_flight.items():
            if any(sender.is_on_its_way(key) for sender in self._senders):
                under_way.append(task)
            else:
                task.cancel()
        if under_way:
            self.meter.note(
                f"waiting for {len(under_way)} replies that are on their way, at most"
                f" {self.settings.timeout_s:.0f} s; interrupt again to stop at once"
            )
            await asyncio.wait(under_way, timeout=self.settings.timeout_s)

    def _sent(self, prepared: Prepared) -> asyncio.Task[PaidReply]:
        """The sending of ``prepared``; everyone who asks the same meanwhile waits for this one.

        It goes on if they are cancelled: what was sent is paid.
        """
        key = prepared.key
        if key in self._in_flight:
            self.meter.shared += 1
            return self._in_flight[key]

        def ended(task: asyncio.Task[PaidReply]) -> None:
            del self._in_flight[key]
            if not task.cancelled():
                task.exception()  # read here: there may be nobody else to read it

        task = asyncio.create_task(self._send(prepared))
        task.add_done_callback(ended)
        self._in_flight[key] = task
        return task

    async def _send(self, prepared: Prepared) -> PaidReply:
        """Send through the transport with the least to do; one that is down is left out."""
        while True:
            working = [sender for sender in self._senders if sender.stopped is None]
            up = [sender for sender in working if sender.is_worth_a_try]
            sender = min(up or working or self._senders, key=lambda each: each.load)
            try:
                return await sender.send(prepared)
            except ElsewhereError:
                continue
            except ServiceError as error:
                if all(each.stopped is not None for each in self._senders):
                    raise
                sender.leave_out(f"from now on: {error}")

    def _cost_before_priced(self) -> int:
        """What replies of earlier runs cost by today's price that had none when they came."""
        if self.settings.price is None:
            return 0
        tokens = self._ledger.unpriced(self.settings.endpoint, self.settings.model)
        return cost_pico(self.settings.price, *tokens)
