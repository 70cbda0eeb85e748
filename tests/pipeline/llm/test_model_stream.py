"""Many requests through one model."""

from __future__ import annotations

import pytest

from pipeline.llm.model import LanguageModel
from pipeline.llm.stream import ask_all
from testing.mock_server import MockServer

GOOD = '{"gloss": "dụng cụ để tạo lỗ"}'


def test_requests_are_drawn_as_places_fall_free(run, settings, question, ledger):
    drawn = 0

    def requests():
        nonlocal drawn
        for i in range(1000):
            drawn += 1
            yield question(str(i))

    async def work():
        async with MockServer(responder=lambda *_: GOOD) as server:
            asked = settings(server.base_url, max_in_flight=2)
            async with LanguageModel(asked, ledger=ledger) as model:
                answers = ask_all(model, requests())
                for _ in range(3):
                    await anext(answers)
                await answers.aclose()

    run(work)
    assert drawn < 30


def test_an_error_in_the_source_ends_the_stream(run, settings, question, ledger):
    def requests():
        yield question()
        raise ValueError("no more words")

    async def work():
        async with MockServer(responder=lambda *_: GOOD) as server:
            asked = settings(server.base_url)
            async with LanguageModel(asked, ledger=ledger) as model:
                return [outcome async for outcome in ask_all(model, requests())]

    with pytest.raises(ValueError, match="no more words"):
        run(work)
