"""What the ledger holds, as values."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

PICO = 10**12
"""Costs are whole trillionths of the currency: exact sums, prices to six decimals a million."""


@dataclass(frozen=True, slots=True)
class PaidReply:
    """One paid reply: the raw body, and what is worth knowing without reading it.

    ``created`` is in Unix seconds, UTC. Counts are None where the endpoint gave none, the cost
    (trillionths of the currency) where the model has no price.
    """

    key: str
    item: str
    sample: int
    endpoint: str
    model: str
    created: int
    prompt_tokens: int | None
    completion_tokens: int | None
    cost_pico: int | None
    finish_reason: str
    currency: str | None
    body: bytes

    @property
    def cost(self) -> Decimal | None:
        """The cost in the currency of its price."""
        return None if self.cost_pico is None else Decimal(self.cost_pico) / PICO


@dataclass(frozen=True, slots=True)
class Loss:
    """A request that may have been billed though its reply never arrived.

    ``cost_pico`` is what similar requests cost, ``bound_pico`` what it can have cost at most.
    """

    key: str
    item: str
    created: int
    cause: str
    cost_pico: int
    bound_pico: int
    currency: str | None


@dataclass(frozen=True, slots=True)
class Failure:
    """A request that failed for good without a reply, by the key of its first turn."""

    key: str
    item: str
    created: int
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Spending:
    """Money in trillionths: for replies, and for those that never arrived, estimated and bound."""

    paid: int = 0
    lost: int = 0
    lost_at_most: int = 0
