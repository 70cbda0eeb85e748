"""What a run would do: stage by stage, why, and what the language model would cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce

from languages.language import Language
from pipeline.engine.decide import MustRun, UpToDate, lineage
from pipeline.engine.folder import RunFolder
from pipeline.engine.stage import Stage, Upstream
from pipeline.llm.batches.book import Book
from pipeline.llm.budget import cost_pico
from pipeline.llm.desk import LedgerDesk
from pipeline.llm.ledger import Ledger
from pipeline.llm.ledger_rows import PICO
from pipeline.llm.model import LanguageModel
from pipeline.llm.settings import EndpointSettings, Price
from pipeline.llm.transports import open_transports
from pipeline.stages.requests import AskingStage, Requests


@dataclass(frozen=True, slots=True)
class RequestPlan:
    """First-round requests of a stage. ``exact`` is False where its inputs are not there yet.

    Requests for what the checks reject come on top, and are not foreseen here.
    """

    total: int
    paid: int
    cost: Decimal | None
    currency: str
    exact: bool
    in_batches: Decimal | None = None
    """The cost if all went out in batches; None where the model has no price."""
    batches: int = 0
    """Of the first wave; 0 where so few requests are asked online in any case."""
    on_their_way: int = 0
    """Handed out in batches that are still to be read."""

    @property
    def to_send(self) -> int:
        """Requests that the ledger has no reply to."""
        return self.total - self.paid - self.on_their_way


@dataclass(frozen=True, slots=True)
class StagePlan:
    """One line of the plan; without reasons the stage is up to date."""

    name: str
    reasons: tuple[str, ...]
    counts: Mapping[str, int]
    requests: RequestPlan | None = None
    remarks: tuple[str, ...] = ()

    @property
    def up_to_date(self) -> bool:
        """Whether the stage would be skipped."""
        return not self.reasons


def free_stages(stages: Sequence[Stage]) -> tuple[Stage, ...]:
    """The stages that must be up to date before a plan can be told, and that cost nothing.

    Those that a stage which asks a model reads, as far as no model is asked before them.
    """
    by_name = {stage.name: stage for stage in stages}

    def behind(stage: Stage) -> set[str]:
        return set(stage.inputs).union(*(behind(by_name[name]) for name in stage.inputs))

    asking = {s.name for s in stages if isinstance(s, AskingStage) and s.requests.asks}
    needed = set().union(*(behind(by_name[name]) for name in asking))
    return tuple(
        stage for stage in stages if stage.name in needed - asking and not behind(stage) & asking
    )


def make_plan(
    stages: Sequence[Stage], folder: RunFolder, language: Language, *, read_only: bool = False
) -> tuple[StagePlan, ...]:
    """The plan of all stages, from what the run folder and the ledger hold.

    Its figures are those of a whole run once :func:`free_stages` are up to date. ``read_only``:
    no ledger is made where there is none.
    """
    decisions = lineage(stages, folder)
    counts: dict[str, int] = {}
    plans = []
    with (
        Ledger(folder.ledger, read_only=read_only) as ledger,
        Book(folder.ledger, read_only=read_only) as book,
    ):
        for stage in stages:
            decision = decisions[stage.name]
            if isinstance(decision, UpToDate):
                plan = StagePlan(stage.name, (), decision.upstream.manifest.counts)
            else:
                inputs = {
                    name: found.upstream
                    for name in stage.inputs
                    if isinstance(found := decisions[name], UpToDate)
                }
                requests, foreseen, remarks = None, dict[str, int](), tuple[str, ...]()
                if isinstance(stage, AskingStage):
                    asked = (stage.requests, *stage.requests.others)
                    foreseen = dict(asked[0].foreseen(counts))
                    remarks = (*asked[0].remarks, *asked[0].told(inputs))
                    if isinstance(decision, MustRun):
                        parts = [_listed(each, inputs, ledger, book, language) for each in asked]
                    else:
                        parts = [_estimated(each, counts, inputs) for each in asked]
                    requests = reduce(_added, parts)
                plan = StagePlan(stage.name, decision.reasons, foreseen, requests, remarks)
            counts.update(plan.counts)
            plans.append(plan)
    return tuple(plans)


def _listed(
    requests: Requests,
    inputs: Mapping[str, Upstream],
    ledger: Ledger,
    book: Book,
    language: Language,
) -> RequestPlan:
    for read in inputs.values():
        read.check()
    transports = open_transports(requests.endpoint)  # never opened: nothing is sent
    desk = LedgerDesk(requests.endpoint, transports, ledger=ledger)
    model = LanguageModel(desk, language.replies)
    waits = bool(book.batches(open_only=True))
    total = paid = on_their_way = characters = 0
    for request in requests.listed(inputs):
        total += 1
        if model.is_paid(request):
            paid += 1
        elif waits and book.is_on_its_way(model.key(request)):
            on_their_way += 1
        else:
            characters += sum(len(message.content) for message in request.messages)
    tokens = (
        characters // language.bounds.characters_per_token,
        (total - paid - on_their_way) * requests.reply_tokens,
    )
    return _plan(requests.endpoint, (total, paid, on_their_way), tokens, exact=True)


def _estimated(
    requests: Requests, counts: Mapping[str, int], inputs: Mapping[str, Upstream]
) -> RequestPlan:
    guess = requests.estimated(counts, inputs)
    tokens = guess.requests * guess.prompt_tokens, guess.requests * requests.reply_tokens
    return _plan(requests.endpoint, (guess.requests, 0, 0), tokens, exact=False)


def _plan(
    endpoint: EndpointSettings,
    counts: tuple[int, int, int],
    tokens: tuple[int, int],
    *,
    exact: bool,
) -> RequestPlan:
    """``counts``: in all, paid and on their way; ``tokens`` of prompts and replies to be sent."""
    total, paid, on_their_way = counts
    price, batch, to_send = endpoint.price, endpoint.batch, total - paid - on_their_way
    lower = price and price.discounted(batch.discount)
    return RequestPlan(
        total,
        paid,
        _cost(price, *tokens),
        _currency(price),
        exact,
        _cost(lower, *tokens),
        -(-to_send // batch.max_requests) if to_send >= max(1, batch.tail) else 0,
        on_their_way,
    )


def _added(one: RequestPlan, other: RequestPlan) -> RequestPlan:
    """The plan of what two endpoints are asked; a price that is not known counts as nothing."""
    return RequestPlan(
        one.total + other.total,
        one.paid + other.paid,
        _sum(one.cost, other.cost),
        one.currency or other.currency,
        exact=one.exact and other.exact,
        in_batches=_sum(one.in_batches, other.in_batches),
        batches=one.batches + other.batches,
        on_their_way=one.on_their_way + other.on_their_way,
    )


def _sum(*costs: Decimal | None) -> Decimal | None:
    known = [cost for cost in costs if cost is not None]
    return sum(known, Decimal(0)) if known else None


def _cost(price: Price | None, prompt_tokens: int, completion_tokens: int) -> Decimal | None:
    if price is None:
        return None
    return Decimal(cost_pico(price, prompt_tokens, completion_tokens)) / PICO


def _currency(price: Price | None) -> str:
    return price.currency if price else ""
