"""Many requests in batches without stages: passes over them until all are answered."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict

from pipeline.engine.handed_out import HandedOut
from pipeline.engine.ordered import each_in_order
from pipeline.llm.batches.book import Book
from pipeline.llm.batches.carrier import Carrier, Stores
from pipeline.llm.batches.kinds import line_of, open_service
from pipeline.llm.batches.outbox import Outbox
from pipeline.llm.batches.waves import Waves
from pipeline.llm.budget import Budget
from pipeline.llm.ledger import Ledger
from pipeline.llm.meter import Meter
from pipeline.llm.request import Message, Request
from pipeline.llm.settings import EndpointSettings
from schemas.errors import ItemError
from testing.asking import http_model
from testing.mock_server import Failure


class Word(BaseModel):
    """The reply that is asked for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str


def word_request(number: int) -> Request[Word]:
    """One of as many different requests as one likes."""
    messages = (Message("system", "Trả lời ngắn."), Message("user", f"Từ số {number}?"))
    return Request(messages, Word, f"words/{number}/1")


def word_reply(body: dict[str, Any], headers: Mapping[str, str]) -> str:
    """Depends on the body alone: one in nine is invalid at first, one in thirteen refused."""
    del headers
    turns = body["messages"]
    asked = next(turn["content"] for turn in turns if turn["role"] == "user")
    drawn = zlib.crc32(asked.encode())
    if drawn % 13 == 5:
        raise Failure(400, "Invalid value: 'x' is not supported")
    if drawn % 9 == 0 and len(turns) == 2:
        return "Không phải JSON."
    return orjson.dumps({"text": f"Đáp {asked}"}).decode()


Outcome = tuple[str, ...]
"""Code and detail of a failure; key, text and turns of an answer."""


async def ask_in_waves(
    folder: Path,
    settings: EndpointSettings,
    requests: Sequence[Request[Word]],
    *,
    cap: Decimal | None = None,
    note: Callable[[str], None] = lambda _: None,
    detach: bool = False,
) -> list[Outcome]:
    """What became of each request, as a stage would learn it, after as many passes as it takes."""
    meter = Meter(note=note)
    ledger_path = folder / "ledger.sqlite"
    with Ledger(ledger_path) as ledger, Book(ledger_path) as book:
        currency = settings.price.currency if settings.price else ""
        budget = Budget(cap, ledger.spending(currency), currency)
        stores = Stores(folder / "batches", ledger, book, budget, meter)
        outbox = Outbox(folder / "batches", book, budget, line_of)
        carrier = Carrier(stores, (settings,), open_service)
        waves = Waves(stores, outbox, carrier, detach)
        try:
            await waves.resume()
            while True:
                found: list[Outcome] = []
                hand_out = None if settings.mode == "online" else outbox.hand_out
                parts: dict[str, Any] = {"ledger": ledger, "budget": budget, "meter": meter}
                async with http_model(settings, hand_out=hand_out, **parts) as model:

                    async def ask(request: Request[Word]) -> Outcome:
                        try:
                            answer = await model.ask(request)
                        except ItemError as error:
                            return error.code, error.detail
                        return answer.key, answer.value.text, str(answer.repaired)

                    try:
                        await each_in_order(requests, ask, found.append, at_once=16)
                    except HandedOut:
                        await waves.handed_out()
                    else:
                        return found
        finally:
            outbox.abandon()
            await carrier.close()
