"""What a run opens and closes: the ledger, the budget, the endpoint or its recordings."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from pipeline.config import RunConfig
from pipeline.engine.folder import RunFolder
from pipeline.engine.stage import OpenModel
from pipeline.llm.budget import Budget
from pipeline.llm.http import HttpTransport
from pipeline.llm.ledger import Ledger
from pipeline.llm.meter import Meter
from pipeline.llm.model import LanguageModel
from pipeline.llm.settings import EndpointSettings


@asynccontextmanager
async def opened_models(config: RunConfig, meter: Meter) -> AsyncIterator[OpenModel]:
    """A function that opens the model of an endpoint, all behind one ledger and one budget.

    With a section [replay], requests go to a loopback server with its recordings; the ledger
    keeps the replies under the configured base_url, which stays the same from run to run.
    """
    async with AsyncExitStack() as stack:
        ledger = stack.enter_context(Ledger(RunFolder(config.folder).ledger))
        budget = Budget(config.budget.cap, ledger.spent())
        replay_url: str | None = None
        if config.replay is not None:
            from pipeline.replay.recordings import Recordings
            from pipeline.replay.server import serving

            recordings = Recordings(config.resolve(config.replay.folder))
            replay_url = await stack.enter_async_context(serving(recordings))

        @asynccontextmanager
        async def open_model(endpoint: EndpointSettings) -> AsyncIterator[LanguageModel]:
            if replay_url is not None:
                endpoint = endpoint.model_copy(
                    update={
                        "base_url": replay_url,
                        "identity": endpoint.endpoint,
                        "api_key_env": None,
                    }
                )
            async with LanguageModel(
                endpoint,
                HttpTransport(endpoint),
                config.language.replies,
                ledger=ledger,
                budget=budget,
                meter=meter,
            ) as model:
                yield model

        yield open_model
