"""Models that think: their thoughts have room of their own, and are paid for."""

from __future__ import annotations

import json

import pytest

from pipeline.llm.ledger_rows import PICO
from pipeline.llm.reading import read_envelope
from pipeline.llm.request import UnusableReplyError
from testing.asking import http_model
from testing.mock_server import MockServer

GOOD = '{"gloss": "dụng cụ để tạo lỗ"}'


def completion(text, finish="stop", usage=None):
    message = {"role": "assistant", "content": text, "reasoning_content": "Để xem nào..."}
    choice = {"index": 0, "message": message, "finish_reason": finish}
    return json.dumps({"choices": [choice], "usage": usage}).encode()


@pytest.fixture
def thinker():
    """A server whose thoughts take ``needed`` tokens, in or out of the text."""

    def make(server, needed, text=""):
        limits = []

        def answer(body, raw, reply):
            limits.append(body["max_tokens"])
            return completion(GOOD) if limits[-1] > needed else completion(text, "length")

        server._envelope = answer
        return limits

    return make


def test_the_room_for_thoughts_is_added_to_every_limit(run, settings, question, ledger, thinker):
    async def work():
        async with MockServer(responder=lambda *_: GOOD) as server:
            limits = thinker(server, 1000)
            asked = settings(server.base_url, max_tokens=200, reasoning_tokens=4000)
            async with http_model(asked, ledger=ledger) as model:
                await model.ask(question())
            return limits

    assert run(work) == [4200]


@pytest.mark.parametrize("text", ["", "\n", "<think>Để xem nào, từ «khoan» có"])
def test_where_thoughts_took_all_the_room_it_is_doubled_once(
    run, settings, question, ledger, thinker, text
):
    async def work():
        async with MockServer(responder=lambda *_: GOOD) as server:
            limits = thinker(server, 300, text)
            async with http_model(settings(server.base_url), ledger=ledger) as model:
                answer = await model.ask(question())
                again = await model.ask(question())
            return limits, answer, again

    limits, answer, again = run(work)
    assert limits == [200, 400]
    assert (answer.value.gloss, answer.repaired) == ("dụng cụ để tạo lỗ", True)
    assert (again.value, again.key, again.replayed) == (answer.value, answer.key, True)


def test_where_twice_the_room_is_not_enough_the_setting_is_named(
    run, settings, question, ledger, thinker
):
    async def work():
        async with MockServer(responder=lambda *_: GOOD) as server:
            limits = thinker(server, 4000)
            async with http_model(settings(server.base_url), ledger=ledger) as model:
                with pytest.raises(UnusableReplyError) as caught:
                    await model.ask(question())
            return limits, caught.value

    limits, error = run(work)
    assert limits == [200, 400]
    assert error.code == "truncated"
    assert error.detail == (
        "the reply ran into 400 tokens, all of them thoughts: raise [llm] reasoning_tokens"
    )


def test_thoughts_that_are_counted_in_the_total_alone_are_paid(
    run, settings, question, ledger, price
):
    usage = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 910}

    async def work():
        async with MockServer(responder=lambda *_: GOOD) as server:
            server._envelope = lambda *_: completion(GOOD, usage=usage)
            async with http_model(settings(server.base_url, price=price), ledger=ledger) as model:
                return await model.ask(question())

    answer = run(work)
    assert answer.usage.completion_tokens == 810
    assert answer.usage.cost == (100 + 4 * 810) / answer.usage.cost.__class__(10**6)
    assert ledger.spending("USD").paid == (100 + 4 * 810) * PICO // 10**6


@pytest.mark.parametrize(
    ("usage", "tokens"),
    [
        ({"prompt_tokens": 5, "completion_tokens": 3, "total_tokens": 8}, (5, 3, 0)),
        ({"prompt_tokens": 5, "completion_tokens": 9, "total_tokens": 8}, (5, 9, 0)),
        ({"prompt_tokens": 5, "total_tokens": 8}, (5, 3, 0)),
        ({"prompt_tokens": 5, "prompt_tokens_details": {"cached_tokens": 4}}, (5, None, 4)),
        ({"prompt_tokens": 5, "prompt_cache_hit_tokens": 2}, (5, None, 2)),
        ({"prompt_tokens": 5, "prompt_tokens_details": None}, (5, None, 0)),
    ],
)
def test_usage_is_read_in_each_of_its_dialects(usage, tokens):
    read = read_envelope(completion("", usage=usage))
    assert (read.prompt_tokens, read.completion_tokens, read.cached_tokens) == tokens


def test_a_reply_that_was_filtered_is_paid_and_its_usage_is_told(
    run, settings, question, ledger, price
):
    usage = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}

    async def work():
        async with MockServer(responder=lambda *_: GOOD) as server:
            server._envelope = lambda *_: completion("", "content_filter", usage)
            async with http_model(settings(server.base_url, price=price), ledger=ledger) as model:
                with pytest.raises(UnusableReplyError, match="refused") as caught:
                    await model.ask(question())
            return caught.value

    error = run(work)
    assert (error.code, error.repaired) == ("refused", False)
    assert (error.usage.prompt_tokens, error.usage.completion_tokens) == (100, 10)


@pytest.mark.parametrize(
    "broken",
    [
        {"finish_reason": "error", "message": {"content": "Bác thợ"}},
        {"finish_reason": None, "message": {"content": ""}, "error": {"message": "x", "code": 502}},
        {"finish_reason": "stop", "message": {"content": ""}, "error": {"message": "x"}},
    ],
)
def test_a_choice_that_ended_with_an_error_is_asked_again(
    run, settings, question, ledger, price, broken
):
    async def work():
        async with MockServer(responder=lambda *_: GOOD) as server:
            whole = server._envelope

            def broken_at_first(*parts):
                server._envelope = whole
                return json.dumps({"choices": [broken]}).encode()

            server._envelope = broken_at_first
            async with http_model(settings(server.base_url, price=price), ledger=ledger) as model:
                return await model.ask(question())

    assert run(work).value.gloss == "dụng cụ để tạo lỗ"
    assert len(ledger) == 1
    assert ledger.spending("USD").lost_at_most > 0
