"""LanguageModel: asks a request once, pays for it once, and returns a validated answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from languages.replies import Replies
from pipeline.llm.body import Form, Prepared, prepare
from pipeline.llm.breaker import ElsewhereError
from pipeline.llm.budget import Budget, cost_pico
from pipeline.llm.faults import RefusedError
from pipeline.llm.ledger import Ledger
from pipeline.llm.ledger_rows import Failure, PaidReply
from pipeline.llm.meter import Meter
from pipeline.llm.reading import Completion, Invalid, read_envelope, read_reply, repair_turns
from pipeline.llm.refusals import FormFinder, Refusals
from pipeline.llm.request import Answer, Message, R, Request, UnusableReplyError, Usage
from pipeline.llm.sending import Sender
from pipeline.llm.settings import EndpointSettings
from pipeline.llm.transport import Transport
from schemas.errors import ItemError, ServiceError

REPAIR_SUFFIX, ROOM_SUFFIX = "/repair", "/room"
MORE_ROOM = 2
"""Times the limit for a reply whose thoughts took all of it."""


HandOut = Callable[[EndpointSettings, Prepared], None]
"""Raises where a request is to wait for a batch; returns where it is to be asked online."""


async def _at_once() -> None:
    """Nothing has to be checked before the first request."""


class LanguageModel:
    """One endpoint and model, behind a ledger, a budget and a meter.

    It sends through its ``transports`` in turn, each under the limits of ``settings`` for
    itself. ``replies`` says in the language of the prompts what a reply must look like.
    ``check`` is awaited before the first request is sent. What the ledger knows to have failed
    fails as it did; under another sample it is asked anew. ``key`` and ``is_paid`` send nothing.

    ``hand_out`` is told of what is unpaid, once a request of its stage was accepted: a form that
    is refused is found out by one request.
    """

    def __init__(
        self,
        settings: EndpointSettings,
        transports: Transport | Sequence[Transport],
        replies: Replies,
        *,
        ledger: Ledger,
        budget: Budget | None = None,
        meter: Meter | None = None,
        check: Callable[[], Awaitable[None]] = _at_once,
        hand_out: HandOut | None = None,
    ) -> None:
        self.settings = settings
        self.meter = meter or Meter()
        self._replies = replies
        self._ledger = ledger
        self._check = check
        self._hand_out = hand_out
        self._proving = asyncio.Lock()
        self._proven: dict[str, bool] = {}
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
        self._forms = FormFinder(settings, ledger)
        self._refusals = Refusals()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            await self._drain()
        finally:
            for task in self._in_flight.values():
                task.cancel()
            await asyncio.gather(*self._in_flight.values(), return_exceptions=True)
            for sender in self._senders:
                await sender.close()

    async def _drain(self) -> None:
        """Wait for what is on its way, at most as long as a request may take; drop the rest."""
        for sender in self._senders:
            sender.stop("the run is being stopped")
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

    def key(self, request: Request[R]) -> str:
        """The key under which the first reply to ``request`` is kept."""
        return self._prepare(request.messages, request, request.item).key

    def is_paid(self, request: Request[R]) -> bool:
        """Whether the first reply to ``request`` is in the ledger."""
        return self._ledger.contains(self.key(request))

    async def ask(self, request: Request[R]) -> Answer[R]:
        """The validated answer to ``request``.

        ItemError: this item failed for good. RunError: the run cannot go on.
        """
        failed = self._ledger.failure(self.key(request)) if self._ledger.has_failures else None
        if failed is not None:
            raise ItemError(failed.code, failed.detail)
        try:
            return await self._ask(request)
        except UnusableReplyError:
            raise  # its replies are in the ledger, where a changed validator may read them again
        except ItemError as error:
            now, key = int(time.time()), self.key(request)
            failed = Failure(key, request.item, now, error.code, error.detail)
            self._ledger.record_failure(failed)
            raise

    async def _ask(self, request: Request[R]) -> Answer[R]:
        messages, label, room = request.messages, request.item, 1
        repaired, replayed, online = False, True, self._hand_out is None
        paid: list[PaidReply] = []
        while True:
            reply, was_there = await self._reply(messages, request, label, room, online=online)
            replayed &= was_there
            online |= not was_there  # its repair is worth no wave of its own
            paid.append(reply)
            completion = read_envelope(reply.body)
            bill = usage, date = _usage(paid), _date(reply)
            if completion.refusal is not None or completion.finish_reason == "content_filter":
                said = completion.refusal or "stopped by the content filter"
                raise UnusableReplyError("refused", said, *bill, repaired=len(paid) > 1)
            read = read_reply(request.reply, completion.content, self._replies)
            if not isinstance(read, Invalid):
                return Answer(read, reply.key, reply.model, usage, len(paid) > 1, replayed, date)
            if completion.lacked_room and room == 1:
                room, label = MORE_ROOM, request.item + ROOM_SUFFIX
            elif not repaired and not completion.lacked_room:
                self.meter.repairs += 1
                repaired, label = True, request.item + REPAIR_SUFFIX
                messages = (*messages, *repair_turns(completion, read, self._replies))
            else:
                raise self._unusable(completion, read, room, bill)

    def _unusable(
        self, completion: Completion, wrong: Invalid, room: int, bill: tuple[Usage, str]
    ) -> UnusableReplyError:
        if not completion.cut_off:
            said = f"invalid after a repair turn: {wrong.faults}"
            return UnusableReplyError("bad_reply", said, *bill)
        limit = room * (self.settings.max_tokens + self.settings.reasoning_tokens)
        said = f"the reply ran into {limit} tokens"
        if completion.lacked_room:
            said += ", all of them thoughts: raise [llm] reasoning_tokens"
        return UnusableReplyError("truncated", said, *bill)

    # -- one reply -----------------------------------------------------------------------------

    async def _reply(
        self,
        messages: tuple[Message, ...],
        request: Request[R],
        label: str,
        room: int,
        *,
        online: bool,
    ) -> tuple[PaidReply, bool]:
        """The reply to ``messages``, and whether it was in the ledger already."""
        while True:
            prepared = self._prepare(messages, request, label, room)
            paid = self._ledger.get(prepared.key)
            if paid is not None:
                self.meter.replayed += 1
                return paid, True
            if self._hand_out is not None and not online:
                failed = self._ledger.failure(prepared.key)  # a repair turn that a batch asked
                if failed is not None:
                    raise ItemError(failed.code, failed.detail)
                if not self._is_proven(prepared.stage):
                    return await self._proved(messages, request, label, room)
                self._hand_out(self.settings, prepared)
            await self._check()
            with self._refusals.asking():
                try:
                    reply = await asyncio.shield(self._sent(prepared))
                except RefusedError as refused:
                    await self._learn(prepared, refused, messages, request)
                else:
                    self._refusals.accepted()
                    return reply, False

    def _is_proven(self, stage: str) -> bool:
        """Whether a request of ``stage`` was ever accepted; a file's reader cannot be asked."""
        settings = self.settings
        if stage not in self._proven:
            self._proven[stage] = settings.batch.kind == "file" or self._ledger.has_replies(
                settings.endpoint, settings.model, stage
            )
        return self._proven[stage]

    async def _proved(
        self, messages: tuple[Message, ...], request: Request[R], label: str, room: int
    ) -> tuple[PaidReply, bool]:
        """The reply, asked online if it is the first of its stage: the others wait for that."""
        stage = label.partition("/")[0]
        async with self._proving:
            online = not self._is_proven(stage)
            found = await self._reply(messages, request, label, room, online=online)
            self._proven[stage] = True
            return found

    async def _learn(
        self,
        prepared: Prepared,
        refused: RefusedError,
        messages: tuple[Message, ...],
        request: Request[R],
    ) -> None:
        """Return if the request is worth another form; else ItemError, or ServiceError."""
        settings, stage = self.settings, prepared.stage

        def has_answered() -> bool:
            return any(each.has_accepted for each in self._senders) or self._ledger.has_replies(
                settings.endpoint, settings.model, stage
            )

        async def attempt(form: Form) -> PaidReply:
            other = self._prepare(messages, request, prepared.label, form=form)
            return await asyncio.shield(self._sent(other))

        if await self._forms.learn(prepared.form, refused, has_answered, attempt):
            return
        self.meter.refused += 1
        try:
            await self._refusals.judge(prepared.key, refused, has_answered)
        except ServiceError as error:
            for sender in self._senders:
                sender.stop(str(error))
            raise
        raise refused.item_error() from refused

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

    def _prepare(
        self,
        messages: tuple[Message, ...],
        request: Request[R],
        label: str,
        room: int = 1,
        form: Form | None = None,
    ) -> Prepared:
        form, sample = form or self._forms.form, request.sample
        return prepare(
            self.settings,
            form,
            self._replies,
            messages,
            request.reply,
            label,
            sample,
            room,
            request.warmth,
        )

    def _cost_before_priced(self) -> int:
        """What replies of earlier runs cost by today's price that had none when they came."""
        if self.settings.price is None:
            return 0
        tokens = self._ledger.unpriced(self.settings.endpoint, self.settings.model)
        return cost_pico(self.settings.price, *tokens)


def _usage(paid: Sequence[PaidReply]) -> Usage:
    """Tokens and cost of all the turns behind an answer."""
    usages = [
        Usage(reply.prompt_tokens or 0, reply.completion_tokens or 0, reply.cost) for reply in paid
    ]
    return sum(usages[1:], usages[0])


def _date(reply: PaidReply) -> str:
    return datetime.fromtimestamp(reply.created, UTC).strftime("%Y-%m-%d")
