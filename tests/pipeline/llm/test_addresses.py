"""Several addresses of one model: one endpoint to the ledger, whichever of them answers."""

import asyncio
from decimal import Decimal

import pytest
from pydantic import ValidationError

from pipeline.llm.budget import Budget
from pipeline.llm.ledger import Ledger
from pipeline.llm.ledger_rows import PICO
from pipeline.llm.meter import Meter
from pipeline.llm.settings import EndpointSettings
from schemas.errors import ServiceError
from testing.asking import http_model, outcomes
from testing.mock_server import MockServer, Plan

NOWHERE = "http://127.0.0.1:9/v1"


def spread(*urls, **changes):
    values = {"model": "mock", "identity": "nodes", "max_tokens": 200, "max_in_flight": 4}
    return EndpointSettings.model_validate({"base_urls": urls, **values, **changes})


async def asked(settings, ledger, questions, meter=None):
    async with http_model(settings, ledger=ledger, meter=meter) as model:
        return [answer.value.gloss for answer in await outcomes(model, questions)]


def questions_of(question, n):
    return [question(f"từ {i}") for i in range(n)]


def test_all_addresses_are_asked_and_their_replies_are_of_one_endpoint(
    run, script, question, ledger
):
    async def work():
        plan = Plan(latency=0.01)
        async with MockServer(plan, script()) as one, MockServer(plan, script()) as two:
            found = await asked(
                spread(one.base_url, two.base_url), ledger, questions_of(question, 40)
            )
            again = await asked(spread(two.base_url, NOWHERE), ledger, questions_of(question, 40))
            return found, again, one.stats.answered, two.stats.answered

    found, again, by_one, by_two = run(work)
    assert found == again
    assert len(found) == by_one + by_two == len(ledger) == 40
    assert min(by_one, by_two) >= 10
    assert ledger.has_replies("nodes", "mock")


def test_an_address_that_is_not_there_is_named_once_and_left_out(run, script, question, ledger):
    notes = []

    async def work():
        async with MockServer(Plan(), script()) as one:
            settings, meter = spread(NOWHERE, one.base_url), Meter(note=notes.append)
            for at in (30, 60):  # as stages do, one after the other
                await asked(settings, ledger, questions_of(question, at), meter)
            return one.stats.answered

    assert run(work) == 60
    assert len(notes) == 1
    assert notes[0].startswith(f"{NOWHERE} is left out while it answers nobody (no connection to")
    assert notes[0].endswith("; the other addresses go on")


def test_an_address_that_goes_away_loses_no_request_and_is_asked_again_when_it_is_back(
    run, script, question, ledger
):
    notes = []

    async def work():
        plan = Plan(latency=0.005)
        async with MockServer(plan, script()) as one:
            two = MockServer(plan, script())
            await two.__aenter__()
            port = int(two.base_url.rpartition(":")[2].removesuffix("/v1"))
            settings = spread(one.base_url, two.base_url)
            meter = Meter(note=notes.append)
            async with http_model(settings, ledger=ledger, meter=meter) as model:
                await outcomes(model, questions_of(question, 20))
                await two.__aexit__(None, None, None)
                gone = await outcomes(model, [question(f"giữa {i}") for i in range(40)])
                async with MockServer(plan, script(), port=port) as back:
                    await asyncio.sleep(0.5)  # the probes' pauses double from 0.02 s
                    after = await outcomes(model, [question(f"sau {i}") for i in range(60)])
                    return gone, after, back.stats.answered

    gone, after, by_two = run(work)
    assert all(each.value.gloss for each in (*gone, *after))
    assert by_two >= 5
    assert len(notes) == 1


def test_where_no_address_answers_the_run_stops_as_with_one(run, question, ledger, settings):
    async def work(of):
        async with http_model(of, ledger=ledger) as model:
            await model.ask(question())

    own = {"give_up_after_s": 0.3}
    with pytest.raises(ServiceError) as stopped:
        run(lambda: work(spread(NOWHERE, "http://127.0.0.1:10/v1", **own)))
    assert "has answered no request for" in str(stopped.value)
    assert "check that it is up and that base_url is right" in str(stopped.value)


def test_an_address_that_wants_another_key_is_named_once_and_left_out(
    run, script, question, ledger
):
    notes = []

    async def work():
        keyed = Plan(api_key="other")
        async with MockServer(keyed, script()) as one, MockServer(Plan(), script()) as two:
            settings, meter = spread(one.base_url, two.base_url), Meter(note=notes.append)
            await asked(settings, ledger, questions_of(question, 20), meter)
            return one.base_url, two.stats.answered

    address, by_two = run(work)
    assert by_two == 20
    assert [note.partition(" is left out from now on: http 401")[0] for note in notes] == [address]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"identity": None}, 'base_urls wants identity = "NAME"'),
        ({"base_url": NOWHERE}, "give base_url or base_urls, not both"),
        ({"base_urls": [NOWHERE, f"{NOWHERE}/"]}, "must name each address once"),
        ({"base_urls": ["ftp://x"]}, "must begin with http"),
    ],
)
def test_what_addresses_may_not_be(changes, said):
    with pytest.raises(ValidationError, match=said):
        spread(NOWHERE, **changes)


def test_each_request_is_set_aside_once_whoever_is_asked(
    run, script, question, ledger: Ledger, price
):
    async def work():
        async with MockServer(Plan(), script()) as one:
            settings = spread(NOWHERE, one.base_url, price=price)
            budget = Budget(None, ledger.spending("USD"), "USD")
            async with http_model(settings, ledger=ledger, budget=budget) as model:
                await outcomes(model, questions_of(question, 20))
            return budget

    budget = run(work)
    assert budget.set_aside == 0
    assert budget.spent == Decimal(ledger.spending("USD").paid) / PICO
