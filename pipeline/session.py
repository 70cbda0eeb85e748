"""What a run opens and closes: the ledger, the budget, the endpoint or its recordings."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from pipeline.config import RunConfig
from pipeline.engine.folder import RunFolder
from pipeline.engine.stage import OpenModel
from pipeline.llm.batches.book import Book
from pipeline.llm.batches.carrier import Carrier, Stores
from pipeline.llm.batches.kinds import line_of, open_service
from pipeline.llm.batches.outbox import Outbox
from pipeline.llm.batches.waves import Waves
from pipeline.llm.breaker import FIRST_CONTACT_S
from pipeline.llm.budget import Budget
from pipeline.llm.desk import LedgerDesk
from pipeline.llm.faults import RefusedError, TransientError
from pipeline.llm.http import require_keys
from pipeline.llm.ledger import Ledger
from pipeline.llm.meter import Meter
from pipeline.llm.model import LanguageModel
from pipeline.llm.settings import EndpointSettings
from pipeline.llm.transports import open_transports
from schemas.errors import ServiceError

PAUSE_S = 1.0
"""Between two looks for an endpoint that is not there yet."""


@dataclass(frozen=True, slots=True)
class Models:
    """What a run asks with."""

    open: OpenModel
    """Opens the model of an endpoint, all behind one ledger and one budget."""
    waves: Waves
    """The requests that go out in batches, and those of earlier runs."""


@asynccontextmanager
async def opened_models(
    config: RunConfig,
    meter: Meter,
    endpoints: Sequence[EndpointSettings] = (),
    *,
    known: Sequence[EndpointSettings] = (),
    detach: bool = False,
) -> AsyncIterator[Models]:
    """The models of a run, and the batches that it waits for, or leaves to themselves (``detach``).

    Before the first request that has to be paid, all ``endpoints`` that the run may come to
    are checked; ``known`` are all that run.toml names.

    With a section [replay], requests go to a loopback server with its recordings; the ledger
    keeps the replies under the configured base_url, which stays the same from run to run.
    """
    async with AsyncExitStack() as stack:
        folder = RunFolder(config.folder)
        ledger = stack.enter_context(Ledger(folder.ledger))
        book = stack.enter_context(Book(folder.ledger))
        currency = config.llm.price.currency if config.llm.price else ""
        spending = ledger.spending(currency)
        budget = Budget(config.budget.cap, spending, currency, lambda line: meter.note(line))
        replay_url: str | None = None
        checks = _Checks(endpoints, budget)
        if config.replay is not None:
            from pipeline.replay.recordings import Recordings
            from pipeline.replay.server import serving

            recordings = Recordings(config.resolve(config.replay.folder))
            replay_url = await stack.enter_async_context(serving(recordings))
            checks = _Checks((), budget)
        stores = Stores(folder.batches, ledger, book, budget, meter)
        carrier = Carrier(stores, known or endpoints, open_service)
        stack.push_async_callback(carrier.close)
        outbox = Outbox(folder.batches, book, budget, line_of)
        stack.callback(outbox.abandon)

        @asynccontextmanager
        async def open_model(endpoint: EndpointSettings) -> AsyncIterator[LanguageModel]:
            if replay_url is not None:
                endpoint = endpoint.model_copy(
                    update={
                        "base_url": replay_url,
                        "base_urls": (),
                        "identity": endpoint.endpoint,
                        "api_key_env": None,
                        "mode": "online",
                    }
                )
            desk = LedgerDesk(
                endpoint,
                open_transports(endpoint),
                ledger=ledger,
                budget=budget,
                meter=meter,
                check=checks.pass_once,
            )
            hand_out = None if endpoint.mode == "online" else outbox.hand_out
            async with LanguageModel(desk, config.language.replies, hand_out=hand_out) as model:
                yield model

        yield Models(open_model, Waves(stores, outbox, carrier, detach))


class _Checks:
    """Every endpoint of a run: its keys, its price, and whether it is there."""

    def __init__(self, endpoints: Sequence[EndpointSettings], budget: Budget) -> None:
        self._endpoints = endpoints
        self._budget = budget
        self._passed = not endpoints
        self._turn = asyncio.Lock()

    async def pass_once(self) -> None:
        """Check them all, at the first call; UsageError or ServiceError names what is wrong."""
        if self._passed:
            return
        async with self._turn:
            if self._passed:
                return
            for endpoint in self._endpoints:
                require_keys(endpoint)
                self._budget.admit(endpoint.model, endpoint.price)
            known = {
                (each.base_url, each.base_urls, each.key_variables): each
                for each in self._endpoints
            }
            await asyncio.gather(*(_look(endpoint) for endpoint in known.values()))
            self._passed = True


async def _look(endpoint: EndpointSettings) -> None:
    """Return once an endpoint is there, at one of its addresses at least; that costs nothing."""
    looks = [asyncio.create_task(_look_at(place)) for place in endpoint.places]
    failed: ServiceError | None = None
    try:
        for look in asyncio.as_completed(looks):
            try:
                return await look
            except ServiceError as error:
                failed = failed or error
        assert failed is not None
        raise failed
    finally:
        for look in looks:
            look.cancel()
        await asyncio.gather(*looks, return_exceptions=True)


async def _look_at(endpoint: EndpointSettings) -> None:
    """Return once an address is there and takes its keys."""
    until = time.monotonic() + min(FIRST_CONTACT_S, endpoint.give_up_after_s)
    for transport in open_transports(endpoint):
        try:
            while True:
                try:
                    await transport.check()
                    break
                except RefusedError as refused:
                    raise ServiceError(refused.detail) from refused
                except TransientError as fault:
                    if fault.status is not None:  # it is there, and busy
                        break
                    if time.monotonic() >= until:
                        raise ServiceError(
                            f"{fault.detail}: check that it is up and that base_url is right,"
                            " then run the same command again; nothing has been asked yet"
                        ) from fault
                    await asyncio.sleep(PAUSE_S)
        finally:
            await transport.close()
