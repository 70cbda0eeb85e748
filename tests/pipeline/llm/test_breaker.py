from __future__ import annotations

import asyncio
import time

import pytest

from pipeline.llm import breaker as module
from pipeline.llm.breaker import OPENS_AFTER, CircuitBreaker


def _fail(breaker: CircuitBreaker, times: int) -> None:
    for _ in range(times):
        breaker.failed("connection refused", no_contact=False)


def test_all_pass_while_all_is_well():
    breaker = CircuitBreaker("http://h/v1", 60)
    _fail(breaker, OPENS_AFTER - 1)
    asyncio.run(asyncio.wait_for(breaker.admit(), 0.1))


def test_an_open_circuit_lets_one_probe_through(monkeypatch):
    monkeypatch.setattr(module, "FIRST_PROBE_S", 0.05)

    async def run():
        breaker = CircuitBreaker("http://h/v1", 60)
        _fail(breaker, OPENS_AFTER)
        waiting = [asyncio.create_task(breaker.admit()) for _ in range(10)]
        await asyncio.sleep(0.3)
        assert sum(task.done() for task in waiting) == 1
        breaker.succeeded(time.monotonic())
        async with asyncio.timeout(1):
            await asyncio.gather(*waiting)

    asyncio.run(run())


def test_a_probe_that_is_cancelled_makes_room_for_the_next(monkeypatch):
    monkeypatch.setattr(module, "FIRST_PROBE_S", 0.05)

    async def run():
        breaker = CircuitBreaker("http://h/v1", 60)
        _fail(breaker, OPENS_AFTER)
        assert await breaker.admit()
        breaker.abandoned(probe=False)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(breaker.admit(), 0.2)
        breaker.abandoned(probe=True)
        async with asyncio.timeout(1):
            await breaker.admit()

    asyncio.run(run())


def test_past_the_deadline_it_says_since_when_and_why():
    breaker = CircuitBreaker("http://h/v1", 0.1)
    _fail(breaker, 1)
    assert not breaker.is_overdue
    time.sleep(0.12)
    assert breaker.is_overdue
    assert breaker.reason == (
        "http://h/v1 has answered no request for 0 s (connection refused): check that it is up and"
        " that base_url is right, then run the same command again; every reply so far is kept"
    )
    breaker.restart()
    assert not breaker.is_overdue
    _fail(breaker, 1)
    assert not breaker.is_overdue


def test_every_answer_starts_the_deadline_anew():
    breaker = CircuitBreaker("http://h/v1", 0.2)
    for _ in range(4):
        _fail(breaker, 1)
        time.sleep(0.1)
        breaker.succeeded(time.monotonic())
    _fail(breaker, 1)
    assert not breaker.is_overdue


def test_an_address_that_never_answered_gets_less_patience(monkeypatch):
    monkeypatch.setattr(module, "FIRST_CONTACT_S", 0.0)
    breaker = CircuitBreaker("http://h/v1", 600)
    breaker.failed("connection refused", no_contact=True)
    assert breaker.is_overdue
    met = CircuitBreaker("http://h/v1", 600)
    met.succeeded(time.monotonic())
    met.failed("connection refused", no_contact=True)
    assert not met.is_overdue


def test_an_answer_to_what_was_sent_before_says_nothing_of_the_time_after() -> None:
    """Answers may come in any order."""
    breaker = CircuitBreaker("http://h/v1", 60.0)
    breaker.succeeded(sent=10.0)
    assert breaker.answered_since(9.0)
    assert not breaker.answered_since(10.0)
    breaker.succeeded(sent=7.0)
    assert breaker.answered_since(9.0)
    breaker.succeeded(sent=11.0)
    assert breaker.answered_since(10.0)
