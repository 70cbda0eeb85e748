"""LanguageModel: asks a request once, pays for it once, and returns a validated answer."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from languages.replies import Replies
from pipeline.llm.body import Prepared, first_form, lesser_form, prepare
from pipeline.llm.budget import Budget
from pipeline.llm.faults import RefusedError
from pipeline.llm.ledger import Ledger, PaidReply
from pipeline.llm.meter import Meter
from pipeline.llm.reading import Completion, Invalid, read_envelope, read_reply, repair_turns
from pipeline.llm.request import Answer, Message, R, Request, UnusableReplyError, Usage
from pipeline.llm.sending import Sender
from pipeline.llm.settings import EndpointSettings
from pipeline.llm.transport import Transport
from schemas.errors import ItemError, ServiceError

REPAIR_SUFFIX = "/repair"
REFUSALS_BEFORE_STOP = 20
"""Refused requests in a row, with not one accepted, after which the settings are to blame."""


class LanguageModel:
    """One endpoint and model, behind a ledger, a budget and a meter.

    ``replies`` says in the language of the prompts what a reply must look like. ``key`` and
    ``is_paid`` send nothing.
    """

    def __init__(
        self,
        settings: EndpointSettings,
        transport: Transport,
        replies: Replies,
        *,
        ledger: Ledger,
        budget: Budget | None = None,
        meter: Meter | None = None,
    ) -> None:
        self.settings = settings
        self.meter = meter or Meter()
        self._replies = replies
        self._transport = transport
        self._ledger = ledger
        budget = budget or Budget(None)
        budget.admit(settings.model, settings.price)
        self._sender = Sender(settings, transport, ledger, budget, self.meter)
        # Keys depend on the form, so a resumed run must ask in that of the one before.
        self._form_note = f"form {settings.endpoint} {settings.model}"
        self._form = first_form(settings, ledger.note(self._form_note))
        self._in_flight: dict[str, asyncio.Task[PaidReply]] = {}
        self._refusals = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for task in self._in_flight.values():
            task.cancel()
        await asyncio.gather(*self._in_flight.values(), return_exceptions=True)
        await self._transport.close()

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
        first, replayed = await self._reply(request.messages, request, request.item)
        completion = read_envelope(first.body)
        read = self._read(request, completion)
        if not isinstance(read, Invalid):
            return _answer(read, first, None, replayed)
        self.meter.repairs += 1
        messages = (*request.messages, *repair_turns(completion, read, self._replies))
        second, again = await self._reply(messages, request, request.item + REPAIR_SUFFIX)
        completion = read_envelope(second.body)
        read = self._read(request, completion)
        if not isinstance(read, Invalid):
            return _answer(read, second, first, replayed and again)
        paid = _usage(first) + _usage(second), _date(second)
        if completion.cut_off:
            detail = f"the reply ran into {self.settings.max_tokens} tokens"
            raise UnusableReplyError("truncated", detail, *paid)
        raise UnusableReplyError("bad_reply", f"invalid after a repair turn: {read.faults}", *paid)

    async def _reply(
        self, messages: tuple[Message, ...], request: Request[R], label: str
    ) -> tuple[PaidReply, bool]:
        """The reply to ``messages``, and whether it was in the ledger already."""
        while True:
            prepared = self._prepare(messages, request, label)
            paid = self._ledger.get(prepared.key)
            if paid is not None:
                self.meter.replayed += 1
                return paid, True
            try:
                return await asyncio.shield(self._sent(prepared)), False
            except RefusedError as refused:
                self._learn(prepared, refused)

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

        task = asyncio.create_task(self._sender.send(prepared))
        task.add_done_callback(ended)
        self._in_flight[key] = task
        return task

    def _learn(self, prepared: Prepared, refused: RefusedError) -> None:
        """Return if the request is worth another form; else ItemError, or ServiceError."""
        if self._form != prepared.form:
            return  # another request has learned it meanwhile
        form = lesser_form(self.settings, prepared.form, refused.said)
        if form is not None:
            self._form = form
            self._ledger.remember(self._form_note, str(form))
            return
        self.meter.refused += 1
        self._refusals += 1
        if not self._sender.has_answered and self._refusals >= REFUSALS_BEFORE_STOP:
            reason = (
                f"the first {self._refusals} requests were all refused: {refused.detail};"
                " correct the settings of this endpoint and run again"
            )
            self._sender.stop(reason)
            raise ServiceError(reason) from refused
        raise refused.item_error() from refused

    def _prepare(self, messages: tuple[Message, ...], request: Request[R], label: str) -> Prepared:
        form, sample = self._form, request.sample
        return prepare(self.settings, form, self._replies, messages, request.reply, label, sample)

    def _read(self, request: Request[R], completion: Completion) -> R | Invalid:
        if completion.refusal is not None or completion.finish_reason == "content_filter":
            raise ItemError("refused", completion.refusal or "stopped by the content filter")
        return read_reply(request.reply, completion.content, self._replies)


def _answer(value: R, reply: PaidReply, before: PaidReply | None, replayed: bool) -> Answer[R]:
    usage = _usage(reply) if before is None else _usage(before) + _usage(reply)
    return Answer(value, reply.key, reply.model, usage, before is not None, replayed, _date(reply))


def _usage(reply: PaidReply) -> Usage:
    return Usage(reply.prompt_tokens or 0, reply.completion_tokens or 0, reply.cost)


def _date(reply: PaidReply) -> str:
    return datetime.fromtimestamp(reply.created, UTC).strftime("%Y-%m-%d")
