"""LanguageModel: asks a request once, pays for it once, and returns a validated answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from languages.replies import Replies
from pipeline.llm.body import Form, Prepared, prepare
from pipeline.llm.desk import FailedBeforeError, RequestDesk
from pipeline.llm.faults import RefusedError
from pipeline.llm.ledger_rows import Failure, PaidReply
from pipeline.llm.meter import Meter
from pipeline.llm.reading import Completion, Invalid, read_envelope, read_reply, repair_turns
from pipeline.llm.refusals import FormFinder, Refusals
from pipeline.llm.request import Answer, Message, R, Request, UnusableReplyError, Usage
from pipeline.llm.settings import EndpointSettings
from schemas.errors import ItemError, ServiceError

REPAIR_SUFFIX, ROOM_SUFFIX = "/repair", "/room"
MORE_ROOM = 2
"""Times the limit for a reply whose thoughts took all of it."""


HandOut = Callable[[EndpointSettings, Prepared], None]
"""Raises where a request is to wait for a batch; returns where it is to be asked online."""


class LanguageModel:
    """One endpoint and model, asked through a desk.

    ``replies`` says in the language of the prompts what a reply must look like. What the ledger
    knows to have failed fails as it did; under another sample it is asked anew. ``key`` and
    ``is_paid`` send nothing.

    ``hand_out`` is told of what is unpaid, once a request of its stage was accepted: a form that
    is refused is found out by one request.
    """

    def __init__(
        self, desk: RequestDesk, replies: Replies, *, hand_out: HandOut | None = None
    ) -> None:
        self.settings = desk.settings
        self._desk = desk
        self._replies = replies
        self._hand_out = hand_out
        self._proving = asyncio.Lock()
        self._proven: dict[str, bool] = {}
        self._forms = FormFinder(desk.settings, desk)
        self._refusals = Refusals()

    @property
    def desk(self) -> RequestDesk:
        """Where it hands its requests in."""
        return self._desk

    @property
    def meter(self) -> Meter:
        """What was counted so far."""
        return self._desk.meter

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._desk.close()

    def key(self, request: Request[R]) -> str:
        """The key under which the first reply to ``request`` is kept."""
        return self._prepare(request.messages, request, request.item).key

    def is_paid(self, request: Request[R]) -> bool:
        """Whether the first reply to ``request`` is in the ledger."""
        return self._desk.is_paid(self.key(request))

    async def ask(self, request: Request[R]) -> Answer[R]:
        """The validated answer to ``request``.

        ItemError: this item failed for good. RunError: the run cannot go on.
        """
        try:
            return await self._ask(request)
        except (UnusableReplyError, FailedBeforeError):
            raise  # its replies are in the ledger, where a changed validator may read them again
        except ItemError as error:
            now, key = int(time.time()), self.key(request)
            self._desk.fail(Failure(key, request.item, now, error.code, error.detail))
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
                self._desk.meter.repairs += 1
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
        first = label == request.item
        while True:
            prepared = self._prepare(messages, request, label, room)
            if self._hand_out is not None and not online:
                found = await self._desk.fetch(prepared, first=first, send=False)
                if found is not None:
                    return found
                if not self._is_proven(prepared.stage):
                    return await self._proved(messages, request, label, room)
                self._hand_out(self.settings, prepared)
            with self._refusals.asking():
                try:
                    found = await self._desk.fetch(prepared, first=first)
                    assert found is not None
                except RefusedError as refused:
                    await self._learn(prepared, refused, messages, request)
                else:
                    if not found[1]:
                        self._refusals.accepted()
                    return found

    def _is_proven(self, stage: str) -> bool:
        """Whether a request of ``stage`` was ever accepted; a file's reader cannot be asked."""
        settings = self.settings
        if stage not in self._proven:
            of_file = settings.batch.kind == "file"
            self._proven[stage] = of_file or self._desk.has_replies(stage)
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

        def has_answered() -> bool:
            return self._desk.has_answered(prepared.stage)

        async def attempt(form: Form) -> object:
            other = self._prepare(messages, request, prepared.label, form=form)
            return await self._desk.fetch(other)

        if await self._forms.learn(prepared.form, refused, has_answered, attempt):
            return
        self._desk.meter.refused += 1
        try:
            await self._refusals.judge(prepared.key, refused, has_answered)
        except ServiceError as error:
            self._desk.stop(str(error))
            raise
        raise refused.item_error() from refused

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


def _usage(paid: Sequence[PaidReply]) -> Usage:
    """Tokens and cost of all the turns behind an answer."""
    usages = [
        Usage(reply.prompt_tokens or 0, reply.completion_tokens or 0, reply.cost) for reply in paid
    ]
    return sum(usages[1:], usages[0])


def _date(reply: PaidReply) -> str:
    return datetime.fromtimestamp(reply.created, UTC).strftime("%Y-%m-%d")
