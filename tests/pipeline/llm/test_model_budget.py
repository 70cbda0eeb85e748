"""Money against a real server: the cap holds under faults, and what was lost is counted."""

from __future__ import annotations

from decimal import Decimal

import pytest

from pipeline.llm.budget import Budget
from pipeline.llm.ledger import Ledger
from pipeline.llm.ledger_rows import PICO, Spending
from schemas.errors import RunError, UsageError
from testing.asking import http_model, outcomes
from testing.mock_server import MockServer, Plan

GOOD = '{"gloss": "dụng cụ để tạo lỗ"}'


def test_an_unpriced_model_under_a_cap_is_refused(settings, ledger):
    with pytest.raises(UsageError, match="has no price"):
        http_model(settings(), ledger=ledger, budget=Budget(Decimal(1)))


def test_an_unpriced_model_without_a_cap_counts_tokens(run, settings, question, ledger):
    async def work():
        async with MockServer(responder=lambda *_: GOOD) as server:
            asked = settings(server.base_url)
            async with http_model(asked, ledger=ledger) as model:
                answer = await model.ask(question())
                return answer, model.meter.snapshot()

    answer, totals = run(work)
    assert answer.usage.cost is None
    assert totals.cost is None
    assert totals.prompt_tokens == answer.usage.prompt_tokens > 0


def test_the_cap_is_never_passed_by_what_the_server_did(run, settings, question, tmp_path, price):
    """Priced by the server's own counts, bodies it sent and cut off included."""
    cap = Decimal("0.02")

    def watched(i):
        assert budget.spent + budget.set_aside <= cap
        return question(str(i))

    async def work(ledger, budget):
        plan = Plan(latency=0.005, p_truncated=0.1, p_malformed=0.1, p_429=0.1, retry_after="0.01")
        async with MockServer(plan, responder=lambda *_: GOOD) as server:
            asked = settings(server.base_url, price=price, max_in_flight=16)
            async with http_model(asked, ledger=ledger, budget=budget) as model:
                with pytest.raises(RunError, match=r"the budget cap of .* USD is used up"):
                    await outcomes(model, (watched(i) for i in range(2000)))
            stats = server.stats
            return Decimal(stats.prompt_tokens + 4 * stats.completion_tokens) / 10**6

    budget = Budget(cap)
    with Ledger(tmp_path / "l.sqlite") as ledger:
        billed = run(lambda: work(ledger, budget))
    assert billed <= cap
    assert budget.spent <= cap
    assert budget.set_aside == 0
    with Ledger(tmp_path / "l.sqlite") as ledger:
        spending = ledger.spending("USD")
        estimated, at_most = (
            Decimal(spending.paid + lost) / PICO for lost in (spending.lost, spending.lost_at_most)
        )
        assert estimated <= budget.spent <= at_most


def test_what_earlier_runs_spent_counts(run, settings, question, ledger, price):
    async def work():
        async with MockServer(responder=lambda *_: GOOD) as server:
            asked = settings(server.base_url, price=price)
            budget = Budget(Decimal(1), Spending(paid=PICO * 9999 // 10000))
            async with http_model(asked, ledger=ledger, budget=budget) as model:
                with pytest.raises(RunError, match="raise the cap"):
                    await model.ask(question())
            return server.stats.arrived

    assert run(work) == 0


def test_a_paid_reply_costs_nothing_again(run, settings, question, ledger, price):
    async def work():
        async with MockServer(responder=lambda *_: GOOD) as server:
            asked = settings(server.base_url, price=price)
            async with http_model(asked, ledger=ledger) as model:
                await model.ask(question())
            budget = Budget(Decimal("0.000001"))
            async with http_model(asked, ledger=ledger, budget=budget) as model:
                return await model.ask(question()), budget.spent

    answer, spent = run(work)
    assert answer.replayed
    assert answer.usage.cost > 0
    assert spent == 0
