from __future__ import annotations

import asyncio
import random

import pytest

from pipeline.llm.limits import ConcurrencyLimit


def _pass(limiter: ConcurrencyLimit) -> None:
    asyncio.run(limiter.enter())
    limiter.succeeded()


def test_no_more_than_the_limit_are_under_way():
    async def run():
        limiter = ConcurrencyLimit(5)
        most = under_way = 0

        async def one():
            nonlocal most, under_way
            await limiter.enter()
            under_way += 1
            most = max(most, under_way)
            await asyncio.sleep(0.002)
            under_way -= 1
            limiter.succeeded()

        await asyncio.gather(*(one() for _ in range(50)))
        assert most == 5

    asyncio.run(run())


def test_overload_cuts_once_a_round():
    async def run():
        limiter = ConcurrencyLimit(64)
        tickets = [await limiter.enter() for _ in range(64)]
        for ticket in tickets:
            limiter.overloaded(ticket)
        return limiter

    limiter = asyncio.run(run())
    assert limiter.limit == 48


def test_overload_round_after_round_ends_at_one():
    limiter = ConcurrencyLimit(64)
    for _ in range(60):
        limiter.overloaded(asyncio.run(limiter.enter()))
    assert limiter.limit == 1


def test_success_brings_the_limit_back():
    limiter = ConcurrencyLimit(64)
    for _ in range(4):
        limiter.overloaded(asyncio.run(limiter.enter()))
    assert limiter.limit == 20
    for _ in range(450):
        _pass(limiter)
    assert limiter.limit == 64


def test_a_cancelled_wait_gives_its_place_on():
    async def run():
        limiter = ConcurrencyLimit(1)
        await limiter.enter()
        first = asyncio.create_task(limiter.enter())
        second = asyncio.create_task(limiter.enter())
        await asyncio.sleep(0)
        limiter.leave()
        first.cancel()
        await asyncio.wait((first, second), timeout=1)
        assert second.done()
        assert not second.cancelled()

    asyncio.run(run())


@pytest.mark.parametrize("ceiling", [1, 2, 300])
def test_the_limit_stays_between_one_and_the_ceiling(ceiling):
    draw = random.Random(ceiling)
    limiter = ConcurrencyLimit(ceiling)
    for _ in range(3000):
        ticket = asyncio.run(limiter.enter())
        if draw.random() < 0.2:
            limiter.overloaded(ticket)
        else:
            limiter.succeeded()
        assert 1 <= limiter.limit <= ceiling
