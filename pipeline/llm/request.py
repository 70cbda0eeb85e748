"""What is asked, and what comes back."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Generic, Literal, TypeVar

from pydantic import BaseModel

from schemas.errors import ItemError

R = TypeVar("R", bound=BaseModel)

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Request(Generic[R]):
    """One question whose reply must be a ``reply``.

    ``item`` names it for people and in the header ``x-viconwsd-item``; it is no part of the key.
    ``sample`` tells apart repetitions of one question; ``warmth`` is added to the temperature of
    an endpoint that is told one, up to :data:`pipeline.llm.body.WARMEST`.
    """

    messages: tuple[Message, ...]
    reply: type[R]
    item: str
    sample: int = 0
    warmth: float = 0.0


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the endpoint counted them (0 where it did not), and their cost if priced."""

    prompt_tokens: int
    completion_tokens: int
    cost: Decimal | None

    def __add__(self, other: Usage) -> Usage:
        cost = None if self.cost is None or other.cost is None else self.cost + other.cost
        return Usage(
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            cost,
        )


@dataclass(frozen=True, slots=True)
class Answer(Generic[R]):
    """A validated reply.

    ``key`` is that of the reply the value was read from (the repair turn's, if ``repaired``);
    ``usage`` is what was paid for it in all, the first turn of a repaired reply included, in
    this run or an earlier one; ``replayed`` says that nothing was sent now.
    """

    value: R
    key: str
    model: str
    usage: Usage
    repaired: bool
    replayed: bool
    date: str
    """When the reply came, as a UTC date (YYYY-MM-DD)."""


class UnusableReplyError(ItemError):
    """A reply that was paid for and that cannot be used: refused, or beyond repair."""

    def __init__(
        self, code: str, detail: str, usage: Usage, date: str, *, repaired: bool = True
    ) -> None:
        super().__init__(code, detail)
        self.usage = usage
        self.date = date
        self.repaired = repaired
        """Whether it was asked for a second time."""
