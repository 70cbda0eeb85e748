"""When an endpoint answers nobody: who may ask it, when, and for how long."""

from __future__ import annotations

import asyncio

import pytest

from pipeline.llm import breaker as module
from pipeline.llm.breaker import OPENS_AFTER, CircuitBreaker
from testing.virtual_time import VirtualTime


@pytest.fixture
def clock(monkeypatch):
    virtual = VirtualTime()
    monkeypatch.setattr(module, "time", virtual)
    return virtual


def _fail(breaker: CircuitBreaker, times: int) -> None:
    for _ in range(times):
        breaker.failed("connection refused", no_contact=False)


def test_all_pass_while_all_is_well(clock):
    breaker = CircuitBreaker("http://h/v1", 60)
    _fail(breaker, OPENS_AFTER - 1)
    began = clock.now
    assert not clock.run(breaker.admit)
    assert clock.now == pytest.approx(began)


def test_an_open_circuit_lets_one_probe_through(clock, monkeypatch):
    monkeypatch.setattr(module, "FIRST_PROBE_S", 0.5)

    async def run():
        breaker = CircuitBreaker("http://h/v1", 60)
        _fail(breaker, OPENS_AFTER)
        waiting = [asyncio.create_task(breaker.admit()) for _ in range(10)]
        await asyncio.sleep(0.45)
        assert not any(task.done() for task in waiting)
        await asyncio.sleep(5)
        assert sum(task.done() for task in waiting) == 1
        breaker.succeeded(clock.now)
        assert sum(await asyncio.gather(*waiting)) == 1

    clock.run(run)


def test_probes_come_at_doubling_distances_until_a_quarter_of_a_minute(clock, monkeypatch):
    monkeypatch.setattr(module, "FIRST_PROBE_S", 0.5)

    async def run():
        breaker = CircuitBreaker("http://h/v1", 600)
        _fail(breaker, OPENS_AFTER)
        distances = []
        for _ in range(8):
            began = clock.now
            assert await breaker.admit()
            distances.append(clock.now - began)
            _fail(breaker, 1)
        return distances

    assert clock.run(run) == pytest.approx([0.5, 1, 2, 4, 8, 15, 15, 15], abs=0.06)


def test_a_probe_that_is_cancelled_makes_room_for_the_next(clock):
    async def run():
        breaker = CircuitBreaker("http://h/v1", 60)
        _fail(breaker, OPENS_AFTER)
        assert await breaker.admit()
        breaker.abandoned(probe=False)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(breaker.admit(), 20)
        breaker.abandoned(probe=True)
        assert await asyncio.wait_for(breaker.admit(), 1)

    clock.run(run)


def test_past_the_deadline_it_says_since_when_and_why(clock):
    breaker = CircuitBreaker("http://h/v1", 30)
    _fail(breaker, 1)
    clock.sleep(29.9)
    assert not breaker.is_overdue
    clock.sleep(0.2)
    assert breaker.is_overdue
    assert breaker.reason == (
        "http://h/v1 has answered no request for 30 s (connection refused): check that it is up"
        " and that base_url is right, then run the same command again; every reply so far is kept"
    )
    breaker.restart()
    assert not breaker.is_overdue
    _fail(breaker, 1)
    assert not breaker.is_overdue


def test_every_answer_starts_the_deadline_anew(clock):
    breaker = CircuitBreaker("http://h/v1", 30)
    for _ in range(4):
        _fail(breaker, 1)
        clock.sleep(20)
        assert not breaker.is_overdue
        breaker.succeeded(clock.now)
    _fail(breaker, 1)
    assert not breaker.is_overdue


def test_an_address_that_never_answered_gets_less_patience(clock, monkeypatch):
    monkeypatch.setattr(module, "FIRST_CONTACT_S", 20.0)
    breaker = CircuitBreaker("http://h/v1", 600)
    breaker.failed("connection refused", no_contact=True)
    met = CircuitBreaker("http://h/v1", 600)
    met.succeeded(clock.now)
    met.failed("connection refused", no_contact=True)
    clock.sleep(19.9)
    assert not breaker.is_overdue
    clock.sleep(0.2)
    assert breaker.is_overdue
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
