"""kill -9 at any point of a batch: nothing is submitted twice, nothing paid is lost."""

import asyncio
import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.llm.ledger import Ledger
from pipeline.llm.settings import BatchSettings, EndpointSettings, Price
from testing.batch_server import BatchPlan
from testing.killing import account, live_and_die, spawned_server
from testing.wave_asking import ask_in_waves, word_request

PRICE = Price(input=Decimal(1), output=Decimal(2), date=datetime.date(2026, 1, 1))
ALL_FAULTS = BatchPlan(
    p_lost_create=0.2,
    p_lost_upload=0.2,
    p_expired=0.15,
    p_error_only=0.05,
    p_rejected=0.15,
    p_cancelled=0.1,
    p_poll_429=0.1,
    p_cut=0.2,
    p_line_500=0.03,
    p_doubled=0.1,
    finalizing=1,
)


def settings(base_url: str, mode: str = "batch", **batch: object) -> EndpointSettings:
    """A provider whose looks, waits and graces are short."""
    own = {"tail": 0, "poll_s": 0.01, "grace_s": 0.2, "max_requests": 30, **batch}
    return EndpointSettings(
        base_url=base_url,
        identity="mock",
        model="mock",
        mode=mode,
        price=PRICE,
        batch=BatchSettings.model_validate(own),
    )


@pytest.mark.parametrize("seed", [1, 2])
def test_killed_again_and_again_all_is_answered_once(tmp_path: Path, seed: int) -> None:
    n = 70
    plan = BatchPlan(**{**{f: getattr(ALL_FAULTS, f) for f in ALL_FAULTS.__slots__}, "seed": seed})
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
