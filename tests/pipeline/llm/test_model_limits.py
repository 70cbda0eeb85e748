"""Rates and concurrency against a real server."""

from __future__ import annotations

import asyncio
import time

from pipeline.llm.meter import Meter
from schemas.errors import ItemError
from testing.asking import http_model, outcomes
from testing.mock_server import Failure, MockServer, Plan

GOOD = '{"gloss": "dụng cụ để tạo lỗ"}'


def test_requests_per_minute_are_kept(run, settings, question, ledger):
    async def work():
        async with MockServer(responder=lambda *_: GOOD) as server:
            asked = settings(server.base_url, requests_per_minute=1200)  # 20 a second
            async with http_model(asked, ledger=ledger) as model:
                started = time.monotonic()
                await asyncio.gather(*(model.ask(question(str(i))) for i in range(35)))
                return time.monotonic() - started

    assert run(work) >= 0.7


def test_tokens_per_minute_are_reconciled_with_what_was_used(run, settings, question, ledger):
    """On its estimates of some 800 tokens each, this run would last for several seconds."""

    async def work():
        async with MockServer(responder=lambda *_: GOOD) as server:
            asked = settings(server.base_url, tokens_per_minute=60_000, max_in_flight=2)
            async with http_model(asked, ledger=ledger) as model:
                prepared = model._prepare(question().messages, question(), "")
                estimate = prepared.prompt_bound + 200
                started = time.monotonic()
                await outcomes(model, (question(str(i)) for i in range(12)), workers=2)
                return time.monotonic() - started, 12 * estimate / 1000 - 1

    took, by_estimate = run(work)
    assert took < by_estimate


def test_many_429_bring_the_rate_down_to_what_is_allowed(run, settings, question, ledger):
    """Twenty at a time, however fast the machine is."""
    meter, servers = Meter(), []

    def answer(*_):
        if servers[0].stats.under_way > 20:
            raise Failure(429, "slow down", Retry_After="0.1")
        return GOOD

    async def work():
        async with MockServer(Plan(latency=0.02), responder=answer) as server:
            servers.append(server)
            asked = settings(server.base_url, max_in_flight=64)
            async with http_model(asked, ledger=ledger, meter=meter) as model:
                requests = (question(str(i)) for i in range(200))
                return await outcomes(model, requests)

    answers = run(work)
    assert len(answers) == 200
    assert not [answer for answer in answers if isinstance(answer, ItemError)]
    assert meter.snapshot().limit < 32
