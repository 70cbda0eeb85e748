"""The cap on money holds for what is on its way in batches, and nothing waits for ever on it."""

import asyncio
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.engine.handed_out import HandedOut
from pipeline.llm.batches.book import Book
from pipeline.llm.batches.kinds import line_of
from pipeline.llm.batches.outbox import Outbox
from pipeline.llm.body import Form, prepare
from pipeline.llm.budget import Budget
from pipeline.llm.ledger_rows import PICO
from schemas.errors import RunError
from testing.asking import VI
from testing.batch_server import BatchPlan, BatchServer
from testing.wave_asking import Word, ask_in_waves, word_reply, word_request
from tests.pipeline.llm.batches.world import asked, settings

CAP = Decimal("0.06")
FORM = Form("json_schema", "max_tokens")


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


@pytest.mark.parametrize(("before", "requests"), [(True, 23), (False, 20)])
def test_what_is_paid_online_during_a_pass_leaves_its_wave_less(
    tmp_path: Path, before: bool, requests: int
) -> None:
    budget, endpoint = Budget(CAP), settings("http://127.0.0.1:9/v1", max_requests=10)
    with Book(tmp_path / "l.sqlite") as book:
        outbox = Outbox(tmp_path / "batches", book, budget, line_of)
        half = int(CAP * PICO) // 2
        if before:
            budget.settle(0, half)
        for number in range(100):
            words = word_request(number)
            prepared = prepare(endpoint, FORM, VI, words.messages, Word, words.item)
            with pytest.raises(HandedOut):
                outbox.hand_out(endpoint, prepared)
        if not before:
            budget.settle(0, half)
        made = outbox.close()
        assert sum(batch.requests for batch in made) == requests
        assert len(list((tmp_path / "batches").iterdir())) == len(made) == len(book.batches())
    assert budget.set_aside == Decimal(sum(batch.bound_pico for batch in made)) / PICO
    assert budget.spent + budget.set_aside <= CAP
    assert outbox.too_dear > 0
