"""Units a minute: what a bucket lets through, and when."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.llm import limits
from pipeline.llm.limits import TokenBucket
from testing.virtual_time import VirtualTime


@pytest.fixture
def clock(monkeypatch):
    virtual = VirtualTime()
    monkeypatch.setattr(limits, "time", virtual)
    return virtual


def waited(clock, bucket, *amounts):
    """The seconds until all of them, asked for at once, have been let through."""

    async def work():
        began = clock.now
        await asyncio.gather(*(bucket.take(amount) for amount in amounts))
        return clock.now - began

    return pytest.approx(clock.run(work), abs=1e-6)


def test_a_seconds_worth_passes_at_once_and_the_rest_at_the_rate(clock):
    bucket = TokenBucket(6000)  # 100 a second
    assert waited(clock, bucket, *[1] * 100) == 0
    assert waited(clock, bucket, *[1] * 50) == 0.5
    assert waited(clock, bucket, 30) == 0.3


def test_what_gathers_while_nobody_asks_is_a_seconds_worth_at_most(clock):
    bucket = TokenBucket(6000)
    clock.sleep(3600)
    assert waited(clock, bucket, *[1] * 150) == 0.5


def test_a_slow_rate_still_lets_one_through_at_once(clock):
    bucket = TokenBucket(6)  # one in ten seconds
    assert waited(clock, bucket, 1) == 0
    assert waited(clock, bucket, 1) == 10


def test_what_was_not_used_is_given_back(clock):
    bucket = TokenBucket(6000)
    assert waited(clock, bucket, 100) == 0
    bucket.correct(100, 20)
    assert waited(clock, bucket, 80) == 0


def test_what_was_used_beyond_the_estimate_is_owed(clock):
    bucket = TokenBucket(6000)
    assert waited(clock, bucket, 100) == 0
    bucket.correct(100, 130)
    assert waited(clock, bucket, 1) == 0.31


def test_more_than_the_bucket_holds_gets_through_and_is_paid_off(clock):
    bucket = TokenBucket(600)  # 10 a second
    assert waited(clock, bucket, 14) == 0
    assert waited(clock, bucket, 1) == 0.5


def test_a_correction_wakes_those_who_wait(clock):
    """Within a nap of a quarter of a second, not after the half minute that was owed."""

    async def work():
        bucket = TokenBucket(60)  # one a second
        await bucket.take(30)
        waiting = asyncio.create_task(bucket.take(1))
        await asyncio.sleep(0.05)
        bucket.correct(30, 0)
        began = clock.now
        await waiting
        return clock.now - began

    assert clock.run(work) == pytest.approx(0.2)


@given(st.floats(6, 60_000), st.lists(st.floats(0.1, 500), min_size=1, max_size=20))
def test_no_more_passes_than_the_rate_and_the_first_second_allow(per_minute, amounts):
    """Nor is anyone held back for longer than all of it takes at the rate."""
    with pytest.MonkeyPatch.context() as patch:
        clock = VirtualTime()
        patch.setattr(limits, "time", clock)
        bucket = TokenBucket(per_minute)
        per_second = per_minute / 60
        took = waited(clock, bucket, *amounts).expected
    largest = max(1.0, per_second, max(amounts))
    assert sum(amounts) <= per_second * took + largest + max(1.0, per_second) + 1e-3
    assert took <= sum(amounts) / per_second + 1e-3
