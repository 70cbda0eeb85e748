from __future__ import annotations

import asyncio
import datetime
import random
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.llm.budget import Budget, cost_pico
from pipeline.llm.ledger_rows import PICO, Spending
from pipeline.llm.settings import Price
from schemas.errors import RunError, UsageError

DATE = datetime.date(2025, 1, 1)


def test_costs_are_exact():
    price = Price(input=Decimal("0.075"), output=Decimal("0.3"), date=DATE)
    assert cost_pico(price, 1, 0) == 75_000
    assert Decimal(cost_pico(price, 1_000_000, 1_000_000)) / PICO == Decimal("0.375")


@given(st.integers(0, 10**7), st.integers(0, 10**7), st.decimals(0, 100, places=6))
def test_costs_are_those_of_decimal_arithmetic(prompt, completion, rate):
    price = Price(input=rate, output=2 * rate, date=DATE)
    exact = rate * prompt / 10**6 + 2 * rate * completion / 10**6
    assert Decimal(cost_pico(price, prompt, completion)) / PICO == exact


def test_an_unpriced_model_under_a_cap_is_refused():
    with pytest.raises(UsageError, match="model 'm' has no price"):
        Budget(Decimal(1)).admit("m", None)
    Budget(None).admit("m", None)


def test_two_currencies_under_one_cap_are_refused():
    budget = Budget(Decimal(1))
    budget.admit("m", Price(input=1, output=1, date=DATE))
    with pytest.raises(UsageError, match="priced in EUR, another in USD"):
        budget.admit("n", Price(input=1, output=1, date=DATE, currency="EUR"))


def test_a_request_that_can_never_fit_ends_the_run():
    async def run():
        budget = Budget(Decimal("0.5"), Spending(paid=4 * PICO // 10))
        await budget.set_aside_for(PICO // 10)
        budget.settle(PICO // 10, PICO // 10)
        await budget.set_aside_for(1)

    with pytest.raises(RunError, match=r"budget cap of 0.5 .* used up: 0.500000 spent"):
        asyncio.run(run())


def test_money_is_given_back_by_a_request_that_is_cancelled_as_its_turn_comes():
    async def run():
        budget = Budget(Decimal(1))
        await budget.set_aside_for(PICO)
        waiting = asyncio.create_task(budget.set_aside_for(PICO))
        await asyncio.sleep(0)
        budget.settle(PICO, 0)
        assert budget.set_aside == 1
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert budget.set_aside == 0
        await asyncio.wait_for(budget.set_aside_for(PICO), 1)

    asyncio.run(run())


def test_cached_input_is_priced_as_such():
    price = Price(input=1, output=4, cached_input=Decimal("0.25"), date=DATE)
    assert cost_pico(price, 100, 10, cached_tokens=80) == (20 + 20 + 40) * 10**6
    assert cost_pico(price, 100, 10, cached_tokens=500) == (25 + 40) * 10**6
    unlisted = Price(input=1, output=4, date=DATE)
    assert cost_pico(unlisted, 100, 10, cached_tokens=80) == 140 * 10**6


def test_losses_count_at_most_until_that_would_stop_the_run_and_then_as_estimated():
    notes = []

    async def run():
        earlier = Spending(paid=PICO // 10, lost=PICO // 10, lost_at_most=PICO // 2)
        budget = Budget(Decimal(1), earlier, "USD", notes.append)
        assert budget.spent == Decimal("0.6")
        await budget.set_aside_for(PICO // 10)
        budget.settle(PICO // 10, PICO // 50, PICO // 10)
        assert (budget.spent, notes) == (Decimal("0.7"), [])
        await budget.set_aside_for(PICO // 2)
        assert budget.spent == Decimal("0.22")
        budget.settle(PICO // 2, PICO // 2)
        await budget.set_aside_for(PICO // 2)

    with pytest.raises(RunError, match=r"used up: 0\.720000 spent"):
        asyncio.run(run())
    assert notes == [
        "0.480000 USD of the budget cap were held back for replies that never arrived;"
        " from now on these count as estimated"
    ]


def test_replies_that_had_no_price_when_they_came_count_once_by_model():
    budget = Budget(Decimal(1))
    for _ in range(2):
        budget.count_earlier("m", PICO // 4)
    budget.count_earlier("n", PICO // 4)
    assert budget.spent == Decimal("0.5")


def test_a_request_waits_for_others_to_settle_for_less():
    async def run():
        budget = Budget(Decimal(1))
        await budget.set_aside_for(PICO)
        second = asyncio.create_task(budget.set_aside_for(PICO // 2))
        await asyncio.sleep(0.01)
        assert not second.done()
        budget.settle(PICO, PICO // 4)
        await second
        assert budget.set_aside == Decimal("0.5")
        assert budget.spent == Decimal("0.25")

    asyncio.run(run())


def test_those_who_wait_are_told_when_nothing_can_come_free():
    async def run():
        budget = Budget(Decimal(1))
        await budget.set_aside_for(PICO)
        waiting = [asyncio.create_task(budget.set_aside_for(PICO // 2)) for _ in range(3)]
        await asyncio.sleep(0.01)
        budget.settle(PICO, PICO)
        return await asyncio.gather(*waiting, return_exceptions=True)

    assert [type(each) for each in asyncio.run(run())] == [RunError] * 3


def test_a_cancelled_wait_keeps_nothing_aside():
    async def run():
        budget = Budget(Decimal(1))
        await budget.set_aside_for(PICO)
        waiting = asyncio.create_task(budget.set_aside_for(PICO))
        await asyncio.sleep(0.01)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        budget.settle(PICO, 0)
        assert budget.set_aside == 0

    asyncio.run(run())


@given(
    st.integers(0, 50),
    st.lists(st.tuples(st.integers(1, 20), st.floats(0, 1)), max_size=30),
    st.integers(0, 2**32),
)
def test_the_cap_is_never_passed(cap, requests, seed):
    """Whatever is asked at once and however it settles: spent + set aside stays within it."""
    shuffle = random.Random(seed)

    async def run():
        budget = Budget(Decimal(cap))

        async def one(worst, share):
            worst *= PICO
            await budget.set_aside_for(worst)
            assert budget.spent + budget.set_aside <= cap
            for _ in range(shuffle.randrange(4)):
                await asyncio.sleep(0)
            budget.settle(worst, int(worst * share))
            assert budget.spent + budget.set_aside <= cap

        outcomes = await asyncio.gather(*(one(*each) for each in requests), return_exceptions=True)
        assert {type(each) for each in outcomes} <= {type(None), RunError}
        assert budget.set_aside == 0

    asyncio.run(run())
