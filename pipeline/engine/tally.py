"""What the replies behind one stage's output cost."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

from pipeline.engine.manifest import StageUsage


class Paid(Protocol):
    """The tokens of a reply and what they cost; None where the model has no price."""

    @property
    def prompt_tokens(self) -> int:
        """Tokens sent."""
        ...

    @property
    def completion_tokens(self) -> int:
        """Tokens received."""
        ...

    @property
    def cost(self) -> Decimal | None:
        """In the currency of the model's price."""
        ...


@dataclass(slots=True)
class UsageTally:
    """Adds up the replies a stage used, fresh or from the ledger alike.

    Because replies from the ledger count as well, a stage that was killed and resumed has the
    figures of one that ran through.
    """

    requests: int = 0
    repairs: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: Decimal | None = Decimal(0)
    currency: str = ""
    models: set[str] = field(default_factory=set)
    prompts: set[str] = field(default_factory=set)
    dates: set[str] = field(default_factory=set)

    def add(
        self, paid: Paid, *, model: str, prompt: str, currency: str, repaired: bool, date: str
    ) -> None:
        """Counts one reply, or the two of a repaired one."""
        self.requests += 1
        self.repairs += repaired
        self.prompt_tokens += paid.prompt_tokens
        self.completion_tokens += paid.completion_tokens
        self.cost = None if self.cost is None or paid.cost is None else self.cost + paid.cost
        self.currency = self.currency or currency
        self.models.add(model)
        self.prompts.add(prompt)
        self.dates.add(date)

    def include(self, usage: StageUsage) -> None:
        """Counts what another tally came to."""
        if not usage.requests:
            return
        self.requests += usage.requests
        self.repairs += usage.repairs
        self.prompt_tokens += usage.prompt_tokens
        self.completion_tokens += usage.completion_tokens
        known = self.cost is not None and usage.cost is not None
        self.cost = self.cost + usage.cost if known else None  # type: ignore[operator]
        self.currency = self.currency or usage.currency
        self.models |= {*usage.models}
        self.prompts |= {*usage.prompts}
        self.dates |= {usage.first_date, usage.last_date}

    def usage(self) -> StageUsage:
        """The totals, as a manifest holds them."""
        return StageUsage(
            requests=self.requests,
            repairs=self.repairs,
            prompt_tokens=self.prompt_tokens,
            completion_tokens=self.completion_tokens,
            cost=self.cost if self.requests else None,
            currency=self.currency,
            models=tuple(sorted(self.models)),
            prompts=tuple(sorted(self.prompts)),
            first_date=min(self.dates, default=""),
            last_date=max(self.dates, default=""),
        )
