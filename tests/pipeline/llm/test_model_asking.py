"""What is sent, what is kept and what comes back, against a real server."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from decimal import Decimal

from pipeline.llm.ledger_rows import PICO
from pipeline.llm.meter import Meter
from testing.asking import http_model
from testing.mock_server import Failure, MockServer, Plan

GOOD = '{"gloss": "dụng cụ để tạo lỗ"}'


def test_an_answer_is_validated_paid_once_and_replayed(
    run, settings, question, ledger, price, script
):
    replies = script(GOOD)

    async def work():
        async with MockServer(responder=replies) as server:
            asked = settings(server.base_url, price=price, identity="here")
            answers = []
            for _ in range(2):
                meter = Meter()
                async with http_model(asked, ledger=ledger, meter=meter) as model:
                    assert model.is_paid(question()) == bool(answers)
                    answers.append(await model.ask(question()))
                    assert model.is_paid(question())
                    assert model.key(question()) == answers[-1].key
                answers.append(meter.snapshot())
            return answers

    first, before, second, after = run(work)
    assert first.value.gloss == "dụng cụ để tạo lỗ"
    assert (first.value, first.key, first.usage) == (second.value, second.key, second.usage)
    assert (first.replayed, second.replayed, first.repaired) == (False, True, False)
    assert (before.sent, before.received, before.replayed) == (1, 1, 0)
    assert (after.sent, after.received, after.replayed) == (0, 0, 1)
    assert len(replies.bodies) == 1
    tokens = first.usage.prompt_tokens, first.usage.completion_tokens
    assert first.usage.cost == Decimal(tokens[0] + 4 * tokens[1]) / 10**6 == before.cost
    assert Decimal(ledger.spending("USD").paid) / PICO == first.usage.cost


def test_the_request_carries_the_settings_the_schema_and_the_item(
    run, settings, question, ledger, script
):
    replies = script(GOOD)

    async def work():
        async with MockServer(responder=replies) as server:
            asked = settings(server.base_url, top_p=0.9, extra_body={"top_k": 20})
            async with http_model(asked, ledger=ledger) as model:
                await model.ask(question())

    run(work)
    (body,), (headers,) = replies.bodies, replies.headers
    assert body["model"] == "mock"
    assert (body["temperature"], body["top_p"], body["top_k"]) == (0.7, 0.9, 20)
    assert body["max_tokens"] == 200
    assert body["response_format"]["json_schema"]["schema"]["required"] == ["gloss"]
    assert [turn["role"] for turn in body["messages"]] == ["system", "user"]
    assert (
        headers["x-viconwsd-item"]
        == "glosses/Gi%E1%BA%A3i ngh%C4%A9a t%E1%BB%AB %C2%ABkhoan%C2%BB."
    )


def test_an_ascii_item_stands_in_the_header_as_it_is(run, settings, question, ledger, script):
    replies = script(GOOD)

    async def work():
        async with MockServer(responder=replies) as server:
            asked = settings(server.base_url)
            async with http_model(asked, ledger=ledger) as model:
                await model.ask(question("demo-12#khoan/1"))

    run(work)
    assert replies.headers[0]["x-viconwsd-item"] == "glosses/demo-12#khoan/1"


def test_another_sample_is_another_request(run, settings, question, ledger):
    async def work():
        async with MockServer(responder=lambda *_: GOOD) as server:
            asked = settings(server.base_url)
            async with http_model(asked, ledger=ledger) as model:
                await asyncio.gather(*(model.ask(question(sample=i)) for i in range(3)))
            return server.stats.arrived

    assert run(work) == 3


def test_equal_requests_in_flight_are_sent_once(run, settings, question, ledger):
    meter = Meter()

    async def work():
        async with MockServer(Plan(latency=0.1), responder=lambda *_: GOOD) as server:
            asked = settings(server.base_url)
            async with http_model(asked, ledger=ledger, meter=meter) as model:
                answers = await asyncio.gather(*(model.ask(question()) for _ in range(10)))
            return server.stats.arrived, {answer.key for answer in answers}

    arrived, keys = run(work)
    assert arrived == 1
    assert len(keys) == 1
    assert meter.snapshot().shared == 9


def test_when_the_one_who_sent_is_cancelled_another_sends(run, settings, question, ledger):
    async def work():
        async with MockServer(Plan(latency=0.2), responder=lambda *_: GOOD) as server:
            asked = settings(server.base_url)
            async with http_model(asked, ledger=ledger) as model:
                first = asyncio.create_task(model.ask(question()))
                await asyncio.sleep(0.1)
                second = asyncio.create_task(model.ask(question()))
                await asyncio.sleep(0.02)
                first.cancel()
                return (await second).value.gloss

    assert run(work) == "dụng cụ để tạo lỗ"


def test_equal_requests_share_a_failure_too(run, settings, question, ledger):
    def refuse(body, headers):
        if "xấu" in body["messages"][-1]["content"]:
            raise Failure(400, "bad value")
        return GOOD

    async def work():
        async with MockServer(Plan(latency=0.05), responder=refuse) as server:
            asked = settings(server.base_url)
            async with http_model(asked, ledger=ledger) as model:
                await model.ask(question())
                asks = (model.ask(question("xấu")) for _ in range(5))
                outcomes = await asyncio.gather(*asks, return_exceptions=True)
            return server.stats.arrived, {outcome.code for outcome in outcomes}

    assert run(work) == (2, {"http_400"})


def test_importing_the_model_imports_no_http_client():
    """The command line asks for keys and prices long before it sends anything."""
    code = (
        "import sys, pipeline.llm.model, pipeline.llm.http;"
        "print([name for name in ('openai', 'aiohttp') if name in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout == "[]\n"
