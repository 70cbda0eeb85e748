"""The cap on money: what a request may cost at worst is set aside before it is sent."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from pipeline.llm.ledger_rows import PICO, Spending
from pipeline.llm.settings import Price
from schemas.errors import RunError, UsageError

PER = 10**6  # prices are per million tokens


def cost_pico(
    price: Price, prompt_tokens: int, completion_tokens: int, cached_tokens: int = 0
) -> int:
    """What that many tokens cost, in trillionths of the currency; exact for listed prices.

    ``cached_tokens`` of the prompt's are priced as such.
    """
    cached = min(cached_tokens, prompt_tokens) if price.cached_input is not None else 0
    cost = price.input * (prompt_tokens - cached) + price.output * completion_tokens
    cost += (price.cached_input or 0) * cached
    return int((cost * (PICO // PER)).to_integral_value(ROUND_CEILING))


_NOTHING = Spending()


class Budget:
    """At most ``cap`` is ever owed: spent so far + set aside for requests under way.

    One budget may serve several models of one ``currency``. ``spending`` is what earlier runs
    paid. What a reply that never arrived may have cost counts at its upper bound, until that
    alone would stop the run: then, said to ``note``, as it is estimated. Without a cap
    everything is allowed and still added up.
    """

    def __init__(
        self,
        cap: Decimal | None,
        spending: Spending = _NOTHING,
        currency: str = "",
        note: Callable[[str], None] = lambda _: None,
    ) -> None:
        if cap is not None and cap < 0:
            raise UsageError(f"the budget cap {cap} is negative; give an amount of money")
        self.cap = cap
        self._cap = None if cap is None else int((cap * PICO).to_integral_value(ROUND_FLOOR))
        self._spent = spending.paid + spending.lost_at_most
        self._doubt = spending.lost_at_most - spending.lost
        """How much less would be owed if losses cost what is estimated."""
        self._counted: set[str] = set()
        self._set_aside = 0
        self._currency = currency
        self._note = note
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    @property
    def spent(self) -> Decimal:
        """Money owed at most, earlier runs included."""
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
        if self._currency not in ("", price.currency):
            raise UsageError(
                f"model {model!r} is priced in {price.currency}, another in {self._currency};"
                " one budget holds one currency"
            )
        self._currency = price.currency

    def count_earlier(self, model: str, cost: int) -> None:
        """Count a model's replies of earlier runs that had no price when they were paid, once."""
        if model not in self._counted:
            self._counted.add(model)
            self._spent += cost

    @property
    def room(self) -> int | None:
        """How much more may be set aside now, in trillionths; None: any amount."""
        return None if self._cap is None else max(0, self._cap - self._spent - self._set_aside)

    def hold(self, worst: int) -> None:
        """Set ``worst`` aside for what is under way already, whatever the cap says."""
        self._set_aside += worst

    async def set_aside_for(self, worst: int) -> None:
        """Set ``worst`` aside (trillionths); wait for others to settle where it does not fit.

        RunError where it would not fit even if all others came for nothing.
        """
        if self._cap is None or (not self._waiting and self._fits(worst)):
            self._set_aside += worst
            return
        if self._is_hopeless(worst):
            raise self._exhausted(worst)
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append((worst, turn))
        self._wake()
        try:
            await turn  # whoever sets the result has set the money aside
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self.settle(worst, 0)
            raise

    def settle(self, worst: int, cost: int, at_most: int | None = None) -> None:
        """Give back what was set aside and count what was spent: ``cost``, or up to ``at_most``."""
        self._set_aside -= worst
        self._spent += cost if at_most is None else at_most
        self._doubt += 0 if at_most is None else at_most - cost
        self._wake()

    def _fits(self, worst: int) -> bool:
        return self._cap is None or self._spent + self._set_aside + worst <= self._cap

    def _is_hopeless(self, worst: int) -> bool:
        """Whether ``worst`` would not fit even if all others came for nothing."""
        assert self._cap is not None
        if self._spent + worst <= self._cap and self._set_aside:
            return False
        if self._fits(worst):
            return False
        if self._doubt > 0 and self._spent - self._doubt + worst <= self._cap:
            self._note(
                f"{Decimal(self._doubt) / PICO:.6f} {self._currency} of the budget cap were held"
                " back for replies that never arrived; from now on these count as estimated"
            )
            self._spent, self._doubt = self._spent - self._doubt, 0
            return False
        return True

    def _wake(self) -> None:
        while self._waiting:
            worst, turn = self._waiting[0]
            if turn.done():
                self._waiting.popleft()
            elif self._fits(worst):
                self._waiting.popleft()
                self._set_aside += worst
                turn.set_result(None)
            elif not self._set_aside and self._is_hopeless(worst):
                self._waiting.popleft()
                turn.set_exception(self._exhausted(worst))
            elif not self._fits(worst):
                return

    def _exhausted(self, worst: int) -> RunError:
        return RunError(
            f"the budget cap of {self.cap} {self._currency} is used up: {self.spent:.6f}"
            f" spent, and the next request may cost {Decimal(worst) / PICO:.6f}; raise the cap"
            " and run again, every reply is kept"
        )
