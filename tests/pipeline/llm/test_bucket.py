from __future__ import annotations

import asyncio
import time

from pipeline.llm.limits import TokenBucket


def test_a_rate_is_kept():
    async def run():
        bucket = TokenBucket(6000)  # 100 a second, 100 at once
        started = time.monotonic()
        await asyncio.gather(*(bucket.take(1) for _ in range(150)))
        return time.monotonic() - started

    assert asyncio.run(run()) >= 0.49


def test_what_was_not_used_is_given_back():
    async def run():
        bucket = TokenBucket(6000)
        await bucket.take(100)
        bucket.correct(100, 20)
        started = time.monotonic()
        await bucket.take(80)
        return time.monotonic() - started

    assert asyncio.run(run()) < 0.2


def test_what_was_used_beyond_the_estimate_is_owed():
    async def run():
        bucket = TokenBucket(6000)
        await bucket.take(100)
        bucket.correct(100, 130)
        started = time.monotonic()
        await bucket.take(1)
        return time.monotonic() - started

    assert asyncio.run(run()) >= 0.3


def test_more_than_the_bucket_holds_gets_through_and_is_paid_off():
    async def run():
        bucket = TokenBucket(600)  # 10 a second
        await bucket.take(14)
        started = time.monotonic()
        await bucket.take(1)
        return time.monotonic() - started

    assert asyncio.run(run()) >= 0.49


def test_a_correction_wakes_those_who_wait():
    async def run():
        bucket = TokenBucket(60)  # one a second
        await bucket.take(30)
        waiting = asyncio.create_task(bucket.take(1))
        await asyncio.sleep(0.05)
        bucket.correct(30, 0)
        async with asyncio.timeout(2):
            await waiting

    asyncio.run(run())
