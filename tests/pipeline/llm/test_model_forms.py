"""Endpoints that know less than others are found out and remembered."""

from __future__ import annotations

import asyncio
import json

import pytest

from pipeline.llm.ledger import Ledger
from schemas.errors import ItemError
from testing.asking import http_model
from testing.mock_server import Failure, MockServer, Plan

GOOD = '{"gloss": "dụng cụ để tạo lỗ"}'


@pytest.mark.parametrize(
    ("refuse", "form", "refusals"),
    [
        ("json_schema", {"type": "json_object"}, 1),
        ("response_format", None, 2),
        ("json_schema,json_object", None, 2),
    ],
)
def test_what_an_endpoint_lacks_is_learned_once_and_remembered(
    run, settings, question, tmp_path, script, refuse, form, refusals
):
    replies = script(f"Vâng ạ:\n```json\n{GOOD}\n```")

    async def work():
        keys = []
        async with MockServer(Plan(refuse=refuse), responder=replies) as server:
            asked = settings(server.base_url)
            for _ in range(2):
                with Ledger(tmp_path / "l.sqlite") as ledger:
                    async with http_model(asked, ledger=ledger) as model:
                        keys.append((await model.ask(question("một"))).key)
                        assert model.is_paid(question("một"))
                        await model.ask(question("hai"))
            return keys, server.stats.faults["http_400"], server.stats.arrived

    keys, refused, arrived = run(work)
    assert keys[0] == keys[1]
    assert refused == refusals
    assert arrived == refusals + 2
    assert {json.dumps(body.get("response_format")) for body in replies.bodies} == {
        json.dumps(form)
    }


def test_a_form_that_is_set_is_not_unlearned(run, settings, question, ledger):
    async def work():
        async with MockServer(Plan(refuse="json_schema")) as server:
            asked = settings(server.base_url, structured="json_schema")
            async with http_model(asked, ledger=ledger) as model:
                with pytest.raises(ItemError, match="http_400"):
                    await model.ask(question())

    run(work)


def test_the_other_name_of_max_tokens_is_learned(run, settings, question, ledger, script):
    replies = script(GOOD)

    async def work():
        async with MockServer(Plan(refuse="max_tokens"), responder=replies) as server:
            asked = settings(server.base_url)
            async with http_model(asked, ledger=ledger) as model:
                await model.ask(question())
                await model.ask(question("khác"))
            return server.stats.arrived

    assert run(work) == 3
    assert all(body["max_completion_tokens"] == 200 for body in replies.bodies)
    assert all("response_format" in body for body in replies.bodies)


def test_many_at_once_learn_together(run, settings, question, ledger):
    async def work():
        plan = Plan(refuse="json_schema", latency=0.02)
        async with MockServer(plan, responder=lambda *_: GOOD) as server:
            asked = settings(server.base_url)
            async with http_model(asked, ledger=ledger) as model:
                asks = (model.ask(question(f"từ {i}")) for i in range(40))
                return await asyncio.gather(*asks)

    assert len(run(work)) == 40


@pytest.mark.parametrize("message", ["Request contains an invalid argument.", "Unknown name"])
def test_lesser_forms_are_tried_where_a_refusal_names_none(
    run, settings, question, ledger, message
):
    def no_schema(body, headers):
        if body.get("response_format", {}).get("type") == "json_schema":
            raise Failure(400, message)
        return GOOD

    async def work():
        async with MockServer(responder=no_schema) as server:
            asked = settings(server.base_url)
            async with http_model(asked, ledger=ledger) as model:
                answers = [await model.ask(question(text)) for text in ("một", "hai")]
            return [answer.value.gloss for answer in answers], server.stats.arrived

    assert run(work) == (["dụng cụ để tạo lỗ"] * 2, 3)


def test_what_once_accepted_a_form_is_not_asked_in_a_lesser_one(run, settings, question, ledger):
    def refuse_one(body, headers):
        if "xấu" in body["messages"][-1]["content"]:
            raise Failure(400, "Request contains an invalid argument.")
        return GOOD

    async def work():
        async with MockServer(responder=refuse_one) as server:
            asked = settings(server.base_url)
            async with http_model(asked, ledger=ledger) as model:
                await model.ask(question("tốt"))
                with pytest.raises(ItemError, match="http_400"):
                    await model.ask(question("xấu"))
            return server.stats.arrived

    assert run(work) == 2


@pytest.mark.parametrize(
    ("message", "without"),
    [
        ("Unsupported value: 'temperature' does not support 0.7, only the default", "temperature"),
        ("Unknown parameter: seed", "seed"),
    ],
)
def test_settings_of_the_sampling_that_are_refused_are_left_out(
    run, settings, question, ledger, script, message, without
):
    replies = script(GOOD)

    def answer(body, headers):
        if without in body:
            raise Failure(400, message)
        return replies(body, headers)

    async def work():
        async with MockServer(responder=answer) as server:
            asked = settings(server.base_url, seed=1)
            for text in ("một", "hai"):
                async with http_model(asked, ledger=ledger) as model:
                    await model.ask(question(text))
            return server.stats.arrived

    assert run(work) == 3
    kept = {"temperature", "seed"} - {without}
    assert all(kept <= body.keys() and without not in body for body in replies.bodies)
    assert all("response_format" in body for body in replies.bodies)
