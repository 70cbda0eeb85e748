"""What fails for good: one item, or the run."""

from __future__ import annotations

import json

import pytest

from schemas.errors import ItemError, ServiceError, UsageError
from testing.asking import http_model, outcomes
from testing.mock_server import Failure, MockServer, Plan

GOOD = '{"gloss": "dụng cụ để tạo lỗ"}'


@pytest.mark.parametrize(
    ("status", "message", "code"),
    [
        (400, "bad value", "http_400"),
        (422, "bad value", "http_422"),
        (400, "maximum context length is 4096 tokens", "context_length"),
        (413, "too large", "context_length"),
    ],
)
def test_a_refused_request_is_sent_once_and_costs_one_item(
    run, settings, question, ledger, status, message, code
):
    def refuse_one(body, headers):
        if "xấu" in body["messages"][-1]["content"]:
            raise Failure(status, message)
        return GOOD

    async def work():
        async with MockServer(responder=refuse_one) as server:
            asked = settings(server.base_url)
            async with http_model(asked, ledger=ledger) as model:
                await model.ask(question("tốt"))
                with pytest.raises(ItemError) as caught:
                    await model.ask(question("xấu"))
                await model.ask(question("tốt nữa"))
            return caught.value.code, server.stats.arrived

    assert run(work) == (code, 3)


def test_when_everything_is_refused_the_run_stops(run, settings, question, ledger):
    def refuse(*_):
        raise Failure(400, "temperature must be 1")

    async def work():
        async with MockServer(responder=refuse) as server:
            asked = settings(server.base_url)
            async with http_model(asked, ledger=ledger) as model:
                requests = (question(f"từ {i}") for i in range(500))
                await outcomes(model, requests, workers=2)
            return server

    with pytest.raises(ServiceError, match=r"first 2 requests were all refused.*temperature must"):
        run(work)


def test_a_refusal_by_the_model_is_named(run, settings, question, ledger):
    async def work():
        async with MockServer(responder=lambda *_: GOOD) as server:
            server._envelope = lambda *_: json.dumps(
                {
                    "choices": [
                        {"message": {"content": None, "refusal": "Không."}, "finish_reason": "stop"}
                    ]
                }
            ).encode()
            asked = settings(server.base_url)
            async with http_model(asked, ledger=ledger) as model:
                with pytest.raises(ItemError, match=r"refused: Không\."):
                    await model.ask(question())
            return server.stats.arrived

    assert run(work) == 1


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (Plan(api_key="right"), "environment variable VICONWSD_TEST_KEY is wrong or expired"),
        (Plan(model="other"), "check model = 'mock' and base_url"),
    ],
)
def test_a_wrong_key_or_model_stops_the_run_at_the_first_request(
    run, settings, question, ledger, monkeypatch, plan, said
):
    monkeypatch.setenv("VICONWSD_TEST_KEY", "right" if plan.model else "wrong")

    async def work():
        async with MockServer(plan) as server:
            asked = settings(server.base_url, api_key_env="VICONWSD_TEST_KEY")
            async with http_model(asked, ledger=ledger) as model:
                for _ in range(2):
                    with pytest.raises(ServiceError) as caught:
                        await model.ask(question())
            return str(caught.value), server.stats.arrived

    message, arrived = run(work)
    assert said in message
    assert "\n" not in message
    assert arrived == 1


def test_a_path_that_is_not_there_stops_the_run(run, settings, question, ledger):
    async def work():
        async with MockServer() as server:
            asked = settings(server.base_url + "/extra")
            async with http_model(asked, ledger=ledger) as model:
                await model.ask(question())

    with pytest.raises(ServiceError, match=r"check model = .* and base_url"):
        run(work)


def test_a_missing_environment_variable_is_named_before_anything_is_sent(
    run, settings, question, ledger, monkeypatch
):
    monkeypatch.delenv("VICONWSD_TEST_KEY", raising=False)

    async def work():
        asked = settings(api_key_env="VICONWSD_TEST_KEY")
        async with http_model(asked, ledger=ledger) as model:
            await model.ask(question())

    with pytest.raises(UsageError, match="variable VICONWSD_TEST_KEY is not set: export it"):
        run(work)


def test_paid_replies_need_neither_key_nor_server(run, settings, question, ledger, monkeypatch):
    monkeypatch.setenv("VICONWSD_TEST_KEY", "right")

    async def work():
        async with MockServer(Plan(api_key="right"), responder=lambda *_: GOOD) as server:
            asked = settings(server.base_url, api_key_env="VICONWSD_TEST_KEY")
            async with http_model(asked, ledger=ledger) as model:
                await model.ask(question())
        monkeypatch.delenv("VICONWSD_TEST_KEY")
        async with http_model(asked, ledger=ledger) as model:
            return await model.ask(question())

    assert run(work).replayed
