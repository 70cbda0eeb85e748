"""What real endpoints do on the wire, and what a key may look like."""

from __future__ import annotations

import asyncio
import json
from collections import Counter

import pytest
from aiohttp import web

from pipeline.llm.http import HttpTransport, require_keys
from pipeline.llm.streaming import put_together
from schemas.errors import ServiceError, UsageError
from testing.asking import http_model
from testing.mock_server import Failure, MockServer, Plan

GOOD = '{"gloss": "dụng cụ để tạo lỗ"}'
COMPLETION = {
    "choices": [{"message": {"role": "assistant", "content": GOOD}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 9, "completion_tokens": 9},
}


async def serve(handler):
    """A server of one handler; its base_url and its runner."""
    server = web.ServerRunner(web.Server(handler, access_log=None))
    await server.setup()
    await web.TCPSite(server, "127.0.0.1", 0).start()
    return f"http://127.0.0.1:{server.addresses[0][1]}/v1", server


def asked(run, settings, question, ledger, handler, **more):
    """One question, asked of a server with this handler."""

    async def work():
        base_url, server = await serve(handler)
        try:
            async with http_model(settings(base_url, **more), ledger=ledger) as model:
                return await model.ask(question())
        finally:
            await server.cleanup()

    return run(work)


def test_a_redirect_is_not_followed_with_the_prompt(run, settings, question, ledger):
    seen = []

    async def elsewhere(request):
        seen.append(await request.read())
        return web.json_response(COMPLETION)

    async def work():
        other, server = await serve(elsewhere)

        async def redirect(request):
            raise web.HTTPTemporaryRedirect(f"{other}/chat/completions")

        base_url, first = await serve(redirect)
        try:
            async with http_model(settings(base_url), ledger=ledger) as model:
                await model.ask(question())
        finally:
            await first.cleanup()
            await server.cleanup()

    with pytest.raises(ServiceError, match=r"it redirects to http://127\.0\.0\.1.*set base_url"):
        run(work)
    assert seen == []


def test_extra_headers_and_query_are_sent(run, settings, question, ledger, monkeypatch):
    monkeypatch.setenv("VICONWSD_TEST_KEY", "azure-key-0123456789")
    seen = []

    async def answer(request):
        seen.append((dict(request.query), request.headers.copy()))
        return web.json_response(COMPLETION)

    asked(
        run,
        settings,
        question,
        ledger,
        answer,
        query={"api-version": "2024-10-21"},
        headers={"X-Title": "viconwsd"},
        api_key_env="VICONWSD_TEST_KEY",
        api_key_header="api-key",
    )
    [(query, headers)] = seen
    assert query == {"api-version": "2024-10-21"}
    assert headers["X-Title"] == "viconwsd"
    assert headers["api-key"] == "azure-key-0123456789"
    assert "Authorization" not in headers


def test_a_byte_order_mark_costs_no_second_payment(run, settings, question, ledger):
    async def answer(request):
        return web.Response(body=b"\xef\xbb\xbf" + json.dumps(COMPLETION).encode())

    assert asked(run, settings, question, ledger, answer).value.gloss == "dụng cụ để tạo lỗ"
    assert len(ledger) == 1


EVENTS = (
    b': hello\n\ndata: {"id": "x", "choices": [{"delta": {"role": "assistant"}}]}\n\n'
    b'data: {"choices": [{"delta": {"content": "{\\"gloss\\": "}}]}\n\n'
    b'data: {"choices": [{"delta": {"content": "\\"lo\\"}"}, "finish_reason": "stop"}]}\n\n'
    b'data: {"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 3}}\n\n'
    b"data: [DONE]\n\n"
)


@pytest.mark.parametrize("announced", [True, False])
def test_an_endpoint_that_demands_a_stream_is_given_one(run, settings, question, ledger, announced):
    bodies = []

    async def answer(request):
        bodies.append(await request.json())
        if not bodies[-1].get("stream"):
            error = {"error": {"message": "This model only supports stream = true"}}
            return web.json_response(error, status=400)
        return web.Response(body=EVENTS, content_type="text/event-stream")

    answer_ = asked(run, settings, question, ledger, answer, stream=announced)
    assert answer_.value.gloss == "lo"
    assert (answer_.usage.prompt_tokens, answer_.usage.completion_tokens) == (7, 3)
    assert [bool(body.get("stream")) for body in bodies] == ([True] if announced else [False, True])
    assert bodies[-1]["stream_options"] == {"include_usage": True}


def test_whether_a_reply_is_streamed_changes_no_key(settings, question, ledger):
    keys = {
        http_model(settings(stream=stream), ledger=ledger).key(question())
        for stream in (True, False)
    }
    assert len(keys) == 1


def test_a_stream_that_was_cut_off_is_no_completion():
    assert put_together(EVENTS[:120]) == b""
    assert json.loads(put_together(b'data: {"error": {"message": "busy", "code": 503}}\n')) == {
        "error": {"message": "busy", "code": 503},
        "choices": [],
    }


def test_keys_are_used_in_turn_and_one_that_is_used_up_is_left_out(
    run, settings, question, ledger, monkeypatch
):
    for name in ("ONE", "TWO", "THREE"):
        monkeypatch.setenv(f"VICONWSD_KEY_{name}", f"key-number-{name}")
    seen = Counter()

    def answer(body, headers):
        key = headers["Authorization"].removeprefix("Bearer key-number-")
        seen[key] += 1
        if key == "TWO":
            raise Failure(429, "You have used it up (insufficient_quota)")
        return GOOD

    async def work():
        async with MockServer(Plan(latency=0.01), responder=answer) as server:
            names = tuple(f"VICONWSD_KEY_{name}" for name in ("ONE", "TWO", "THREE"))
            asked = settings(server.base_url, api_key_env=names, max_in_flight=2)
            async with http_model(asked, ledger=ledger) as model:
                asks = (model.ask(question(str(i))) for i in range(40))
                return await asyncio.gather(*asks)

    assert len(run(work)) == 40
    assert seen["TWO"] <= 2
    assert seen["ONE"] + seen["THREE"] == 40
    assert min(seen["ONE"], seen["THREE"]) >= 10


def test_where_every_key_is_used_up_the_run_stops(run, settings, question, ledger, monkeypatch):
    monkeypatch.setenv("VICONWSD_KEY_ONE", "key-number-ONE")
    monkeypatch.setenv("VICONWSD_KEY_TWO", "key-number-TWO")

    def used_up(*_):
        raise Failure(402, "Insufficient Balance")

    async def work():
        async with MockServer(responder=used_up) as server:
            asked = settings(server.base_url, api_key_env=("VICONWSD_KEY_ONE", "VICONWSD_KEY_TWO"))
            async with http_model(asked, ledger=ledger) as model:
                await model.ask(question())

    with pytest.raises(ServiceError, match="top up the account"):
        run(work)


@pytest.mark.parametrize("key", ["a\nb", "chìa-khoá", "two words", "\x00"])
def test_what_cannot_be_a_key_is_named_by_its_variable(settings, monkeypatch, key):
    monkeypatch.setattr("os.environ", {"VICONWSD_TEST_KEY": f"x{key}y"})
    with pytest.raises(UsageError, match="variable VICONWSD_TEST_KEY holds no key") as caught:
        require_keys(settings(api_key_env="VICONWSD_TEST_KEY"))
    assert key not in str(caught.value)


def test_a_short_key_leaves_replies_as_they_are(run, settings, question, ledger, monkeypatch):
    monkeypatch.setenv("VICONWSD_TEST_KEY", "o")

    async def answer(request):
        return web.json_response(COMPLETION)

    found = asked(
        run, settings, question, ledger, answer, api_key_env="VICONWSD_TEST_KEY"
    ).value.gloss
    assert found == "dụng cụ để tạo lỗ"


def test_a_key_that_is_escaped_in_an_error_is_not_shown(
    run, settings, question, ledger, monkeypatch
):
    key = 'sk/0123456789"abc'
    monkeypatch.setenv("VICONWSD_TEST_KEY", key)

    async def echo(request):
        text = json.dumps({"sent": request.headers["Authorization"]}).replace("/", "\\/")
        return web.Response(text=text, status=401)

    with pytest.raises(ServiceError) as caught:
        asked(run, settings, question, ledger, echo, api_key_env="VICONWSD_TEST_KEY")
    assert "0123456789" not in str(caught.value)


def test_an_error_in_a_list_is_read(run, settings, question, ledger):
    async def refuse(request):
        error = [{"error": {"code": 400, "message": "API key not valid. Please pass a valid one."}}]
        return web.json_response(error, status=400)

    with pytest.raises(ServiceError, match=r"v1: API key not valid\. Please pass a valid one"):
        asked(run, settings, question, ledger, refuse)


def test_an_error_code_in_digits_counts_as_the_status(run, settings, question, ledger):
    async def refuse(request):
        return web.json_response({"error": {"code": "401", "message": "No auth"}})

    with pytest.raises(ServiceError, match="http 401"):
        asked(run, settings, question, ledger, refuse)


async def checked(settings, answer):
    """Checks an endpoint that answers so."""
    base_url, server = await serve(answer)
    transport = HttpTransport(settings(base_url), None)
    try:
        await transport.check()
    finally:
        await transport.close()
        await server.cleanup()


@pytest.mark.parametrize(("status", "passes"), [(200, True), (404, True), (405, True)])
def test_a_check_asks_for_the_models_only(run, settings, status, passes):
    paths = []

    async def answer(request):
        paths.append((request.method, request.path))
        return web.json_response({"data": []}, status=status)

    run(lambda: checked(settings, answer))
    assert paths == [("GET", "/v1/models")]


def test_a_check_tells_a_wrong_key(run, settings):
    async def answer(request):
        return web.json_response({"error": {"message": "bad key"}}, status=401)

    with pytest.raises(ServiceError, match="it wants a key"):
        run(lambda: checked(settings, answer))
