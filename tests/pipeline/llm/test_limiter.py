from __future__ import annotations

import asyncio
import random
from collections import Counter

import pytest

from pipeline.llm.limiter import BUNCH, Limiter


def _pass(limiter: Limiter, latency_s: float) -> None:
    limiter.succeeded(asyncio.run(limiter.enter()), latency_s)


def test_no_more_than_the_limit_are_under_way():
    async def run():
        limiter = Limiter(5)
        most = 0

        async def one():
            nonlocal most
            ticket = await limiter.enter()
            most = max(most, limiter.under_way)
            await asyncio.sleep(0.002)
            limiter.succeeded(ticket, 0.1)

        await asyncio.gather(*(one() for _ in range(50)))
        assert most == 5
        assert limiter.under_way == 0

    asyncio.run(run())


def test_places_that_fall_free_at_once_are_given_a_few_at_a_time():
    """Others get their turn of the event loop between them."""

    async def run():
        limiter = Limiter(64)
        turns = Counter()
        turn = 0

        async def count_turns():
            nonlocal turn
            while True:
                await asyncio.sleep(0)
                turn += 1

        async def one():
            ticket = await limiter.enter()
            turns[turn] += 1
            return ticket

        counting = asyncio.create_task(count_turns())
        tickets = await asyncio.gather(*(one() for _ in range(64)))
        waiting = [asyncio.create_task(one()) for _ in range(64)]
        await asyncio.sleep(0)
        assert limiter.under_way == 64
        for ticket in tickets:
            limiter.succeeded(ticket, 0.1)
        await asyncio.gather(*waiting)
        counting.cancel()
        return turns

    turns = asyncio.run(run())
    assert turns.total() == 128
    assert max(turns.values()) <= BUNCH


def test_overload_cuts_once_a_round():
    async def run():
        limiter = Limiter(64)
        tickets = [await limiter.enter() for _ in range(64)]
        for ticket in tickets:
            limiter.overrun(ticket)
        return limiter

    limiter = asyncio.run(run())
    assert limiter.limit == 48


def test_overload_round_after_round_ends_at_one():
    limiter = Limiter(64)
    for _ in range(60):
        limiter.overrun(asyncio.run(limiter.enter()))
    assert limiter.limit == 1


def test_success_brings_the_limit_back():
    limiter = Limiter(64)
    for _ in range(4):
        limiter.overrun(asyncio.run(limiter.enter()))
    assert limiter.limit == 20
    for _ in range(450):
        _pass(limiter, 0.1)
    assert limiter.limit == 64


def test_a_slow_tail_does_not_cut():
    draw = random.Random(1)
    limiter = Limiter(64)
    for _ in range(2000):
        _pass(limiter, 2.0 if draw.random() < 0.1 else 0.2)
        assert limiter.limit == 64


def test_a_queue_at_the_endpoint_cuts_to_a_few_times_what_it_serves_at_once():
    """Two are served at a time, five seconds each; the rest of the limit waits in line."""
    limiter = Limiter(64)
    for place in range(64):
        _pass(limiter, 5.0 * (place // 2 + 1))
    seen = set()
    for i in range(4000):
        _pass(limiter, 5.0 * max(1.0, limiter.limit / 2))
        if i > 1000:
            seen.add(limiter.limit)
    assert min(seen) >= 2
    assert max(seen) <= 24


def test_longer_replies_without_a_queue_bring_the_limit_back():
    limiter = Limiter(64)
    for _ in range(200):
        _pass(limiter, 0.5)
    lowest = 64
    for _ in range(400):
        _pass(limiter, 5.0)
        lowest = min(lowest, limiter.limit)
    assert lowest >= 20
    assert limiter.limit == 64


def test_a_cancelled_wait_gives_its_place_on():
    async def run():
        limiter = Limiter(1)
        await limiter.enter()
        first = asyncio.create_task(limiter.enter())
        second = asyncio.create_task(limiter.enter())
        await asyncio.sleep(0)
        limiter.left()
        first.cancel()
        await asyncio.wait((first, second), timeout=1)
        assert second.done()
        assert not second.cancelled()
        assert limiter.under_way == 1

    asyncio.run(run())


@pytest.mark.parametrize("ceiling", [1, 2, 300])
def test_the_limit_stays_between_one_and_the_ceiling(ceiling):
    draw = random.Random(ceiling)
    limiter = Limiter(ceiling)
    for _ in range(3000):
        ticket = asyncio.run(limiter.enter())
        if draw.random() < 0.2:
            limiter.overrun(ticket)
        else:
            limiter.succeeded(ticket, draw.expovariate(1))
        assert 1 <= limiter.limit <= ceiling
