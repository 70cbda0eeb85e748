"""kill -9 at any point of a batch: nothing is submitted twice, nothing paid is lost."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.llm.ledger import Ledger
from testing.killing import ALL_FAULTS, account, live_and_die, spawned_server
from testing.wave_asking import ask_in_waves, word_request
from tests.pipeline.llm.batches.world import settings


@pytest.mark.parametrize("seed", [1, 2])
def test_killed_again_and_again_all_is_answered_once(tmp_path: Path, seed: int) -> None:
    n = 70
    plan = replace(ALL_FAULTS, seed=seed)
    with spawned_server(plan) as base_url:
        lives = live_and_die(tmp_path / "run", settings(base_url), n, seed, kills=12)
        seen = account(base_url)
        online = settings(base_url, "online")
        wanted = asyncio.run(
            ask_in_waves(tmp_path / "online", online, [word_request(i) for i in range(n)])
        )
    assert lives.kills == 12
    assert lives.outcomes == wanted
    assert seen["doubled"] == []
    with Ledger(tmp_path / "run" / "ledger.sqlite") as ledger:
        assert all(ledger.contains(key) for key in seen["readable"])
