"""Models that answer from the ledger alone: what a run asked is worked through once more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field

from languages.replies import Replies
from pipeline.llm.body import Prepared
from pipeline.llm.ledger import Ledger
from pipeline.llm.ledger_rows import Failure, PaidReply
from pipeline.llm.meter import Meter
from pipeline.llm.model import LanguageModel
from pipeline.llm.settings import EndpointSettings
from schemas.errors import ItemError


def models_over(
    ledger: Ledger, replies: Replies, look: Callable[[Prepared], None]
) -> Callable[[EndpointSettings], AbstractAsyncContextManager[LanguageModel]]:
    """What opens the model of an endpoint; ``look`` is shown each request before it is answered."""

    @asynccontextmanager
    async def open_model(endpoint: EndpointSettings) -> AsyncIterator[LanguageModel]:
        async with LanguageModel(KeptReplies(endpoint, ledger, look), replies) as model:
            yield model

    return open_model


@dataclass(slots=True)
class KeptReplies:
    """A :class:`pipeline.llm.desk.RequestDesk` that sends nothing and writes nothing."""

    settings: EndpointSettings
    ledger: Ledger
    look: Callable[[Prepared], None]
    meter: Meter = field(default_factory=Meter)

    async def fetch(
        self, prepared: Prepared, *, first: bool = False, send: bool = True
    ) -> tuple[PaidReply, bool] | None:
        """The reply, if it is paid; ItemError where it is not, whatever is asked for."""
        del first, send
        self.look(prepared)
        paid = self.ledger.get(prepared.key)
        if paid is None:
            raise ItemError("unpaid", "nobody is asked here")
        return paid, True

    def is_paid(self, key: str) -> bool:
        """As :class:`pipeline.llm.desk.RequestDesk` says."""
        return self.ledger.contains(key)

    def fail(self, failed: Failure) -> None:
        """Keeps nothing."""

    def has_answered(self, stage: str) -> bool:
        """As :class:`pipeline.llm.desk.RequestDesk` says."""
        return self.has_replies(stage)

    def has_replies(self, stage: str) -> bool:
        """As :class:`pipeline.llm.desk.RequestDesk` says."""
        return self.ledger.has_replies(self.settings.endpoint, self.settings.model, stage)

    def note(self, name: str) -> str | None:
        """As :class:`pipeline.llm.desk.RequestDesk` says."""
        return self.ledger.note(name)

    def remember(self, name: str, value: str) -> None:
        """Keeps nothing."""

    def stop(self, reason: str) -> None:
        """Nothing is under way."""

    async def close(self) -> None:
        """Nothing is open."""
        await asyncio.sleep(0)
