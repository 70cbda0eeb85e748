"""Rates and concurrency against a real server."""

from __future__ import annotations

import asyncio
import time

from pipeline.llm import sending
from pipeline.llm.limits import TokenBucket
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


def test_tokens_are_taken_on_an_estimate_and_reconciled_with_what_was_used(
    run, settings, question, ledger, monkeypatch
):
    """A reply by its counts, a refusal by nothing; the bucket itself is tested by its clock."""
    taken, corrected = [], []

    class Recording(TokenBucket):
        async def take(self, amount):
            taken.append(amount)
            await super().take(amount)

        def correct(self, taken, used):
            corrected.append((taken, used))
            super().correct(taken, used)

    def busy_at_first(*_):
        if len(taken) == 1:
            raise Failure(429, "slow down", Retry_After="0.01")
        return GOOD

    async def work():
        async with MockServer(responder=busy_at_first) as server:
            asked = settings(server.base_url, tokens_per_minute=6_000_000)
            monkeypatch.setattr(sending, "TokenBucket", Recording)
            async with http_model(asked, ledger=ledger) as model:
                answer = await model.ask(question())
                return ledger.get(answer.key)

    reply = run(work)
    used = reply.prompt_tokens + reply.completion_tokens
    assert taken == [taken[0]] * 2
    assert taken[0] > 200 + reply.prompt_tokens  # max_tokens, and more than the prompt can have
    assert corrected == [(taken[0], 0), (taken[0], used)]


def test_many_429_bring_the_rate_down_to_what_is_allowed(run, settings, question, ledger):
    """Twenty at a time, however fast the machine is."""
    meter, servers, limits = Meter(), [], []

    def answer(*_):
        limits.append(meter.limit)
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
    assert min(limits) < 32
