"""What may pass is tried again; nothing is lost, nothing waits for ever."""

from __future__ import annotations

import asyncio
import time

import pytest

from pipeline.llm import breaker
from pipeline.llm.desk import LedgerDesk
from pipeline.llm.faults import TransientError
from pipeline.llm.meter import Meter
from pipeline.llm.model import LanguageModel
from schemas.errors import ItemError, ServiceError
from testing.asking import VI, http_model, outcomes
from testing.mock_server import Failure, MockServer, Plan
from testing.scripted import ScriptedTransport

GOOD = '{"gloss": "dụng cụ để tạo lỗ"}'


@pytest.mark.parametrize(
    ("fault", "cause"),
    [
        ("p_429", "rate_limited"),
        ("p_500", "server_error"),
        ("p_reset", "connection"),
        ("p_truncated", "connection"),
        ("p_malformed", "bad_body"),
    ],
)
def test_each_passing_fault_is_tried_again_and_nothing_is_lost(
    run, settings, question, ledger, fault, cause
):
    meter = Meter()

    async def work():
        plan = Plan(**{fault: 0.3}, retry_after="0.01")
        async with MockServer(plan, responder=lambda *_: GOOD) as server:
            asked = settings(server.base_url, max_in_flight=8)
            async with http_model(asked, ledger=ledger, meter=meter) as model:
                answers = await outcomes(model, (question(str(i)) for i in range(60)))
            return answers, sum(server.stats.faults.values())

    answers, faults = run(work)
    assert [answer.value.gloss for answer in answers] == ["dụng cụ để tạo lỗ"] * 60
    assert faults > 5
    assert meter.snapshot().retries == {cause: faults}
    assert len(ledger) == 60


def test_a_timeout_is_tried_again(run, settings, question, ledger):
    calls = []

    async def work():
        async with MockServer(responder=lambda *_: GOOD) as server:
            wait = server._wait

            async def slow_at_first():
                calls.append(1)
                await (asyncio.sleep(30) if len(calls) == 1 else wait())

            server._wait = slow_at_first
            asked = settings(server.base_url, timeout_s=0.5)
            async with http_model(asked, ledger=ledger) as model:
                return await model.ask(question())

    assert run(work).value.gloss
    assert len(calls) >= 2


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_retry_after_is_honoured(run, settings, question, ledger, form):
    import email.utils

    arrivals = []

    def limited(*_):
        arrivals.append(time.monotonic())
        if len(arrivals) == 1:
            date = email.utils.formatdate(time.time() + 2, usegmt=True)
            raise Failure(429, "slow down", Retry_After="0.6" if form == "seconds" else date)
        return GOOD

    async def work():
        async with MockServer(responder=limited) as server:
            asked = settings(server.base_url)
            async with http_model(asked, ledger=ledger) as model:
                await model.ask(question())

    run(work)
    waited = arrivals[1] - arrivals[0]
    assert waited >= (0.6 if form == "seconds" else 0.9)  # dates are whole seconds
    assert waited < 60


def test_an_error_that_came_with_200_is_tried_again(run, settings, question, ledger):
    async def work():
        async with MockServer(responder=lambda *_: GOOD) as server:
            whole = server._envelope

            def busy_at_first(*parts):
                server._envelope = whole
                return b'{"error": {"message": "upstream busy", "code": 503}}'

            server._envelope = busy_at_first
            asked = settings(server.base_url)
            async with http_model(asked, ledger=ledger) as model:
                return await model.ask(question())

    assert run(work).value.gloss


def test_an_item_that_alone_always_fails_is_given_up(run, settings, question, ledger):
    def poison(body, headers):
        if "độc" in body["messages"][-1]["content"]:
            raise Failure(500, "internal error")
        return GOOD

    async def work():
        async with MockServer(responder=poison) as server:
            asked = settings(server.base_url, max_attempts=3)
            async with http_model(asked, ledger=ledger) as model:
                await model.ask(question("lành"))
                with pytest.raises(ItemError) as caught:
                    await model.ask(question("độc"))
                await model.ask(question("lành nữa"))
            return caught.value, server.stats.arrived

    error, arrived = run(work)
    assert error.code == "http_500"
    assert "given up after 3 attempts" in error.detail
    assert arrived == 5


def test_an_outage_costs_no_item(run, settings, question, ledger):
    """Longer than max_attempts would bear; the server is back before the deadline."""
    state = {"down_until": 0.0}

    def answer(*_):
        now = time.monotonic()
        state["down_until"] = state["down_until"] or now + 1.0
        if now < state["down_until"]:
            raise Failure(503, "restarting")
        return GOOD

    async def work():
        async with MockServer(responder=answer) as server:
            asked = settings(server.base_url, max_attempts=2, max_in_flight=32)
            async with http_model(asked, ledger=ledger) as model:
                requests = (question(f"từ {i}") for i in range(100))
                answers = await outcomes(model, requests)
            return answers, server.stats.faults["http_503"]

    answers, refused = run(work)
    assert not [answer for answer in answers if isinstance(answer, ItemError)]
    assert refused < 150  # the circuit was open: one probe at a time


def test_a_server_that_goes_away_and_comes_back_costs_no_item(run, settings, question, ledger):
    async def work():
        first = MockServer(Plan(latency=0.05), responder=lambda *_: GOOD)
        await first.__aenter__()
        port = int(first.base_url.rsplit(":", 1)[1].split("/")[0])
        asked = settings(first.base_url, max_attempts=2, max_in_flight=8)
        async with http_model(asked, ledger=ledger) as model:

            async def all_of_them():
                requests = (question(f"từ {i}") for i in range(60))
                return await outcomes(model, requests)

            asking = asyncio.create_task(all_of_them())
            while first.stats.answered < 8:
                await asyncio.sleep(0.01)
            await first.__aexit__(None, None, None)
            await asyncio.sleep(0.4)
            async with MockServer(responder=lambda *_: GOOD, port=port):
                return await asking

    answers = run(work)
    assert len(answers) == 60
    assert not [answer for answer in answers if isinstance(answer, ItemError)]


def test_an_endpoint_that_cannot_be_reached_stops_the_run_with_advice(
    run, settings, question, ledger, monkeypatch, unused_tcp_port
):
    monkeypatch.setattr(breaker, "FIRST_CONTACT_S", 0.3)

    async def work():
        asked = settings(f"http://127.0.0.1:{unused_tcp_port}/v1")
        async with http_model(asked, ledger=ledger) as model:
            await model.ask(question())

    with pytest.raises(ServiceError) as caught:
        run(work)
    said = str(caught.value)
    assert f"127.0.0.1:{unused_tcp_port}" in said
    assert "check that it is up and that base_url is right" in said
    assert "\n" not in said


def test_an_endpoint_that_only_fails_stops_the_run_at_the_deadline(run, settings, question, ledger):
    def broken(*_):
        raise Failure(500, "out of memory")

    async def work():
        async with MockServer(responder=broken) as server:
            asked = settings(server.base_url, give_up_after_s=0.5, max_attempts=2)
            async with http_model(asked, ledger=ledger) as model:
                await outcomes(model, (question(f"từ {i}") for i in range(100)))

    with pytest.raises(ServiceError, match=r"answered no request for .*out of memory"):
        run(work)


def test_a_request_that_never_reached_an_endpoint_is_not_to_blame_whatever_others_get(
    run, settings, question, ledger
):
    """Its first three tries find no connection, while the others are answered."""
    unlucky, tries = "glosses/từ 0", []

    def script(label: str, _: str) -> str | Exception:
        tries.append(label)
        if label.startswith(unlucky) and tries.count(label) <= 3:
            return TransientError("unreachable", "no connection", retry_after_s=0.01)
        return GOOD

    async def work():
        wire = (ScriptedTransport(script),)
        asked = settings(max_attempts=2, max_in_flight=2)
        async with LanguageModel(LedgerDesk(asked, wire, ledger=ledger), VI) as model:
            return await outcomes(model, (question(f"từ {i}") for i in range(20)))

    answers = run(work)
    assert not [answer for answer in answers if isinstance(answer, ItemError)]
    assert sum(label.startswith(unlucky) for label in tries) == 4


def test_a_late_answer_to_what_was_sent_before_blames_no_request_that_fails_since(
    run, settings, question, ledger
):
    """The failing one has used up its attempts when the answer comes; its next try succeeds."""
    failing, tries = "glosses/sau", []

    async def work():
        failed_twice, late = asyncio.Event(), asyncio.Event()

        def script(label: str, _: str) -> str | Exception:
            if not label.startswith(failing):
                return GOOD
            tries.append(label)
            return (
                GOOD
                if len(tries) > 2
                else TransientError("connection", "reset", retry_after_s=0.01)
            )

        class Slow(ScriptedTransport):
            async def send(self, body: bytes, label: str) -> bytes:
                if not label.startswith(failing):
                    await failed_twice.wait()
                elif len(tries) == 1:
                    failed_twice.set()
                    await late.wait()
                return await super().send(body, label)

        asked = settings(max_attempts=2, max_in_flight=2)
        async with LanguageModel(LedgerDesk(asked, (Slow(script),), ledger=ledger), VI) as model:

            async def first() -> None:
                await model.ask(question("trước"))
                late.set()

            before = asyncio.create_task(first())
            await asyncio.sleep(0.01)
            answer = await model.ask(question("sau"))
            await before
            return answer

    assert run(work).value.gloss
    assert len(tries) == 3
