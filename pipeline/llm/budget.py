"""The cap on money: what a request may cost at worst is set aside before it is sent."""

from __future__ import annotations

import asyncio
from collections import deque
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from pipeline.llm.ledger import PICO
from pipeline.llm.settings import Price
from schemas.errors import RunError, UsageError

PER = 10**6  # prices are per million tokens


def cost_pico(price: Price, prompt_tokens: int, completion_tokens: int) -> int:
    """What that many tokens cost, in trillionths of the currency; exact for listed prices."""
    cost = price.input * prompt_tokens + price.output * completion_tokens
    return int((cost * (PICO // PER)).to_integral_value(ROUND_CEILING))


class Budget:
    """At most ``cap`` is ever owed: spent so far + set aside for requests under way.

    One budget may serve several models of one currency. ``spent`` is what earlier runs paid
    (``Ledger.spent()``). Without a cap everything is allowed and still added up.
    """

    def __init__(self, cap: Decimal | None, spent: Decimal = Decimal(0)) -> None:
        if cap is not None and cap < 0:
            raise UsageError(f"the budget cap {cap} is negative; give an amount of money")
        self.cap = cap
        self._cap = None if cap is None else int((cap * PICO).to_integral_value(ROUND_FLOOR))
        self._spent = int((spent * PICO).to_integral_value(ROUND_CEILING))
        self._set_aside = 0
        self._currency: str | None = None
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    @property
    def spent(self) -> Decimal:
        """Money spent, earlier runs included."""
        return Decimal(self._spent) / PICO

    @property
    def set_aside(self) -> Decimal:
        """The worst case of the requests under way."""
        return Decimal(self._set_aside) / PICO

    def admit(self, model: str, price: Price | None) -> None:
        """Refuse a model whose cost cannot be held against the cap."""
        if self._cap is None:
            return
        if price is None:
            raise UsageError(
                f"model {model!r} has no price, so the budget cap of {self.cap} cannot be kept;"
                " add price = {input = ..., output = ..., date = ...} or drop the cap"
            )
        if self._currency not in (None, price.currency):
            raise UsageError(
                f"model {model!r} is priced in {price.currency}, another in {self._currency};"
                " one budget holds one currency"
            )
        self._currency = price.currency

    async def set_aside_for(self, worst: int) -> None:
        """Set ``worst`` aside (trillionths); wait for others to settle where it does not fit.

        RunError where it would not fit even if all others came for nothing.
        """
        if self._cap is None or (not self._waiting and self._fits(worst)):
            self._set_aside += worst
            return
        if self._spent + worst > self._cap or not self._set_aside:
            raise self._exhausted(worst)
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append((worst, turn))
        try:
            await turn  # whoever sets the result has set the money aside
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self.settle(worst, 0)
            raise

    def settle(self, worst: int, cost: int) -> None:
        """Give back what was set aside and count what was really spent."""
        self._set_aside -= worst
        self._spent += cost
        self._wake()

    def _fits(self, worst: int) -> bool:
        return self._cap is None or self._spent + self._set_aside + worst <= self._cap

    def _wake(self) -> None:
        while self._waiting:
            worst, turn = self._waiting[0]
            if turn.done():
                self._waiting.popleft()
            elif self._fits(worst):
                self._waiting.popleft()
                self._set_aside += worst
                turn.set_result(None)
            elif not self._set_aside:
                self._waiting.popleft()
                turn.set_exception(self._exhausted(worst))
            else:
                return

    def _exhausted(self, worst: int) -> RunError:
        return RunError(
            f"the budget cap of {self.cap} {self._currency or ''} is used up: {self.spent:.6f}"
            f" spent, and the next request may cost {Decimal(worst) / PICO:.6f}; raise the cap"
            " and run again, every reply is kept"
        )
