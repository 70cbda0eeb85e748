"""What a stage's replies cost, added up."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from pipeline.engine.manifest import StageUsage
from pipeline.engine.tally import UsageTally


@dataclass(frozen=True)
class Paid:
    prompt_tokens: int
    completion_tokens: int
    cost: Decimal | None


def add(
    tally: UsageTally, paid: Paid, model: str = "b", currency: str = "", day: str = "2026-01-02"
) -> None:
    tally.add(
        paid,
        model=model,
        prompt=f"prompt.v{tally.requests}",
        currency=currency,
        repaired=model == "a",
        date=day,
    )


def test_totals_name_every_model_and_prompt_once_in_order_and_the_first_and_last_day() -> None:
    tally = UsageTally()
    add(tally, Paid(100, 10, Decimal("0.5")), "c", "USD", "2026-03-01")
    add(tally, Paid(20, 3, Decimal("0.25")), "a", "", "2026-01-01")
    add(tally, Paid(0, 1, Decimal(0)), "b", "USD", "2026-02-01")
    add(tally, Paid(0, 0, Decimal(0)), "a", "USD", "2026-02-01")
    assert tally.usage() == StageUsage(
        requests=4,
        repairs=2,
        prompt_tokens=120,
        completion_tokens=14,
        cost=Decimal("0.75"),
        currency="USD",
        models=("a", "b", "c"),
        prompts=("prompt.v0", "prompt.v1", "prompt.v2", "prompt.v3"),
        first_date="2026-01-01",
        last_date="2026-03-01",
    )


def test_one_reply_without_a_price_leaves_the_cost_unknown() -> None:
    tally = UsageTally()
    add(tally, Paid(1, 1, Decimal(1)))
    add(tally, Paid(1, 1, None))
    add(tally, Paid(1, 1, Decimal(1)))
    assert tally.usage().cost is None


def test_a_stage_that_asks_nobody_has_no_cost() -> None:
    usage = UsageTally().usage()
    assert (usage.requests, usage.cost, usage.first_date, usage.last_date) == (0, None, "", "")
