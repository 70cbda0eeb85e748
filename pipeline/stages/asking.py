"""How every request stage asks: rendered prompt to request, answer to provenance and tally."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel

from pipeline.engine.tally import UsageTally
from pipeline.llm.model import LanguageModel
from pipeline.llm.request import Message, Request, UnusableReplyError, Usage
from prompts.catalogue import Prompt
from prompts.render import Messages
from schemas.errors import ItemError
from schemas.records import Provenance

R = TypeVar("R", bound=BaseModel)

WARMER = 0.2
"""How much each round raises the temperature at which texts are asked for: what was rejected would
else be written again, word for word."""

# Asking once more would be answered in the same way.
_FINAL = frozenset({"context_length", "http_400", "http_422", "refused"})


def is_final(error: ItemError) -> bool:
    """Whether another round would fail in the same way."""
    return error.code in _FINAL


@dataclass(frozen=True, slots=True)
class Asker:
    """One stage's way to its model."""

    llm: LanguageModel
    prompt: Prompt
    tally: UsageTally

    @staticmethod
    def request(
        rendered: Messages,
        reply: type[R],
        item: str,
        round_: int,
        warmer: float = 0.0,
        first_sample: int = 0,
    ) -> Request[R]:
        """The request of one round; each round is a sample of its own, ``warmer`` by so much."""
        messages = (Message("system", rendered.system), Message("user", rendered.user))
        warmth = round(warmer * (round_ - 1), 3)
        return Request(messages, reply, item, sample=first_sample + round_ - 1, warmth=warmth)

    async def ask(self, request: Request[R], round_: int) -> tuple[R, Provenance]:
        """The reply and where it comes from; its cost is added to the stage's tally."""
        try:
            answer = await self.llm.ask(request)
        except UnusableReplyError as error:
            model = self.llm.settings.model
            self._count(error.usage, model, error.date, repaired=error.repaired)
            raise
        self._count(answer.usage, answer.model, answer.date, repaired=answer.repaired)
        return answer.value, Provenance(
            request_key=answer.key,
            prompt_id=self.prompt.id,
            prompt_version=self.prompt.version,
            model=answer.model,
            sample=request.sample,
            round=round_,
        )

    def _count(self, usage: Usage, model: str, date: str, *, repaired: bool) -> None:
        price = self.llm.settings.price
        self.tally.add(
            usage,
            model=model,
            prompt=f"{self.prompt.id}.{self.prompt.version}",
            currency=price.currency if price else "",
            repaired=repaired,
            date=date,
        )
