"""Replies that do not validate: one repair turn, then the item fails."""

from __future__ import annotations

import json

import pytest

from pipeline.llm.meter import Meter
from schemas.errors import ItemError
from testing.asking import http_model
from testing.ledgers import recorded
from testing.mock_server import MockServer

GOOD = '{"gloss": "dụng cụ để tạo lỗ"}'


def test_a_bad_reply_is_asked_once_more_with_what_is_wrong(run, settings, question, ledger, script):
    replies = script('{"gloss": ""}', GOOD)
    meter = Meter()

    async def work():
        async with MockServer(responder=replies) as server:
            asked = settings(server.base_url)
            async with http_model(asked, ledger=ledger, meter=meter) as model:
                first_key = model.key(question("demo"))
                return (
                    first_key,
                    await model.ask(question("demo")),
                    await model.ask(question("demo")),
                )

    first_key, answer, again = run(work)
    assert answer.repaired
    assert answer.key != first_key
    assert (again.value, again.key, again.usage) == (answer.value, answer.key, answer.usage)
    assert again.replayed
    assert len(replies.bodies) == 2
    *before, bad, complaint = replies.bodies[1]["messages"]
    assert before == replies.bodies[0]["messages"]
    assert bad == {"role": "assistant", "content": '{"gloss": ""}'}
    assert 'trường "gloss": quá ngắn, cần ít nhất 1 ký tự' in complaint["content"]
    assert replies.headers[1]["x-viconwsd-item"] == "glosses/demo/repair"
    rows = recorded(ledger)
    assert [row.key for row in rows] == [first_key, answer.key]
    assert answer.usage.completion_tokens == sum(row.completion_tokens for row in rows)
    assert meter.snapshot().repairs == 2


def test_a_reply_that_stays_bad_costs_the_item_and_is_kept(run, settings, question, ledger, script):
    async def work():
        async with MockServer(responder=script("Tôi chịu.")) as server:
            asked = settings(server.base_url)
            async with http_model(asked, ledger=ledger) as model:
                with pytest.raises(ItemError) as caught:
                    await model.ask(question())
                return caught.value, server.stats.arrived

    error, arrived = run(work)
    assert error.code == "bad_reply"
    assert "Không tìm thấy đối tượng JSON" in error.detail
    assert arrived == len(ledger) == 2
    assert [
        json.loads(row.body)["choices"][0]["message"]["content"] for row in recorded(ledger)
    ] == ["Tôi chịu."] * 2


def test_a_reply_that_was_cut_off_is_asked_for_shorter(run, settings, question, ledger, script):
    loop = '{"gloss": "' + "lỗ và " * 500
    replies = script(loop, GOOD)

    async def work():
        async with MockServer(responder=replies) as server:
            asked = settings(server.base_url)
            async with http_model(asked, ledger=ledger) as model:
                return await model.ask(question())

    assert run(work).repaired
    _, _, shown, ask = replies.bodies[1]["messages"]
    assert len(shown["content"]) == 400
    assert "bị cắt vì quá dài" in ask["content"]


def test_a_reply_cut_off_twice_is_truncated(run, settings, question, ledger, script):
    async def work():
        async with MockServer(responder=script('{"gloss": "' + "lỗ " * 900)) as server:
            asked = settings(server.base_url)
            async with http_model(asked, ledger=ledger) as model:
                with pytest.raises(ItemError, match="truncated: the reply ran into 200 tokens"):
                    await model.ask(question())

    run(work)


def test_a_whole_object_before_the_cut_is_valid(run, settings, question, ledger, script):
    async def work():
        async with MockServer(responder=script(GOOD + " Ngoài ra" * 400)) as server:
            asked = settings(server.base_url)
            async with http_model(asked, ledger=ledger) as model:
                return await model.ask(question())

    assert not run(work).repaired
