"""The cap on money holds for what is on its way in batches, and nothing waits for ever on it."""

import asyncio
from decimal import Decimal
from pathlib import Path

import pytest

from schemas.errors import RunError
from testing.batch_server import BatchPlan, BatchServer
from testing.wave_asking import ask_in_waves, word_reply, word_request
from tests.pipeline.llm.batches.world import asked, settings

CAP = Decimal("0.06")


def test_batches_at_an_endpoint_that_is_not_named_any_more_count_as_spent(tmp_path: Path) -> None:
    server = BatchServer(BatchPlan(looks=1), word_reply)
    with pytest.raises(RunError, match="run the same command again to read them and go on"):
        asked(tmp_path, server=server, detach=True, cap=CAP)
    notes: list[str] = []

    async def ask() -> None:
        async with server:
            other = settings(server.base_url).model_copy(update={"identity": "another"})
            requests = [word_request(i) for i in range(60)]
            async with asyncio.timeout(10):
                await ask_in_waves(tmp_path, other, requests, cap=CAP, note=notes.append)

    with pytest.raises(RunError, match=r"the budget cap of 0\.06 USD is used up: 0\.0[56]"):
        asyncio.run(ask())
    assert "waits at mock, which run.toml does not name any more" in notes[0]
