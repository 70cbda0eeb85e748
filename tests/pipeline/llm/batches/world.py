"""A batch server in the tests' own loop, a provider's settings, and requests through waves."""

import asyncio
import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipeline.llm.settings import BatchSettings, EndpointSettings, Price
from testing.batch_server import BatchPlan, BatchServer
from testing.wave_asking import Outcome, ask_in_waves, word_reply, word_request

PRICE = Price(input=Decimal(1), output=Decimal(2), date=datetime.date(2026, 1, 1))


def settings(base_url: str, mode: str = "batch", **batch: object) -> EndpointSettings:
    """A provider whose looks, waits and graces are short."""
    own = {"tail": 0, "poll_s": 0.01, "grace_s": 0.1, "max_requests": 30, **batch}
    return EndpointSettings.model_validate(
        {
            "base_url": base_url,
            "identity": "mock",
            "model": "mock",
            "mode": mode,
            "price": PRICE,
            "batch": BatchSettings.model_validate(own),
        }
    )


def asked(
    folder: Path,
    plan: BatchPlan = BatchPlan(),  # noqa: B008
    *,
    n: int = 60,
    kind: type[BatchServer] = BatchServer,
    mode: str = "batch",
    server: BatchServer | None = None,
    own: dict[str, Any] | None = None,
    **how: Any,
) -> tuple[list[Outcome], BatchServer, list[str]]:
    """What became of ``n`` requests, the server that was asked, and what was noted meanwhile."""
    notes: list[str] = []
    folder.mkdir(parents=True, exist_ok=True)

    async def ask() -> tuple[list[Outcome], BatchServer]:
        async with server or kind(plan, word_reply) as there:
            endpoint = settings(there.base_url, mode, **(own or {}))
            requests = [word_request(i) for i in range(n)]
            return await ask_in_waves(folder, endpoint, requests, note=notes.append, **how), there

    found, there = asyncio.run(ask())
    return found, there, notes


def without_address(outcomes: list[Outcome]) -> list[Outcome]:
    """Outcomes of two servers, alike but for the port in the refusals."""
    return [(each[0], each[1].partition(": ")[2]) if len(each) == 2 else each for each in outcomes]
