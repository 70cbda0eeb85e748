"""Stopping: what is on its way is waited for and kept, what is not is not sent."""

from __future__ import annotations

import asyncio

import pytest

from pipeline.llm.ledger_rows import Spending
from pipeline.llm.meter import Meter
from schemas.errors import ServiceError
from testing.asking import http_model, outcomes
from testing.mock_server import Failure, MockServer, Plan

GOOD = '{"gloss": "dụng cụ để tạo lỗ"}'


def stopped(run, settings, question, ledger, price, plan, timeout_s=120.0):
    """Forty questions, four at a time, cancelled when the first four have arrived."""
    notes, meter = [], Meter()
    meter.note = notes.append

    async def work():
        async with MockServer(plan, responder=lambda *_: GOOD) as server:
            asked = settings(server.base_url, price=price, max_in_flight=4, timeout_s=timeout_s)

            async def ask_all():
                async with http_model(asked, ledger=ledger, meter=meter) as model:
                    await outcomes(model, (question(str(i)) for i in range(40)))

            asking = asyncio.create_task(ask_all())
            while server.stats.arrived < 4:
                await asyncio.sleep(0.005)
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking
            return server.stats.arrived

    return run(work), notes


def test_a_run_that_is_stopped_keeps_the_replies_that_were_on_their_way(
    run, settings, question, ledger, price
):
    arrived, notes = stopped(run, settings, question, ledger, price, Plan(latency=0.5))
    assert arrived == len(ledger) == 4
    spending = ledger.spending("USD")
    assert spending == Spending(paid=spending.paid)
    assert notes == [
        "waiting for 4 replies that are on their way, at most 120 s; interrupt again to stop"
        " at once"
    ]


def test_replies_that_do_not_come_in_time_count_as_lost(run, settings, question, ledger, price):
    arrived, _ = stopped(run, settings, question, ledger, price, Plan(latency=30), timeout_s=1)
    assert (arrived, len(ledger)) == (4, 0)
    assert ledger.spending("USD").lost_at_most > 0


def test_what_is_on_its_way_when_the_run_stops_for_another_reason_is_kept(
    run, settings, question, ledger
):
    def answer(body, headers):
        if "hỏng" in body["messages"][-1]["content"]:
            raise Failure(402, "Insufficient Balance")
        return GOOD

    async def work():
        async with MockServer(Plan(latency=0.0), responder=answer) as server:
            wait = server._wait
            server._wait = lambda: asyncio.sleep(0.3) if server.stats.arrived < 4 else wait()
            asked = settings(server.base_url)
            async with http_model(asked, ledger=ledger) as model:
                questions = [question(text) for text in ("một", "hai", "ba", "hỏng")]
                await outcomes(model, questions)

    with pytest.raises(ServiceError, match="top up"):
        run(work)
    assert len(ledger) == 3
