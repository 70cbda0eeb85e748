"""What a run would do: stage by stage, why, and what the language model would cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from languages.replies import Replies
from pipeline.engine.decide import MustRun, decide
from pipeline.engine.folder import RunFolder
from pipeline.engine.stage import Stage, Upstream
from pipeline.llm.budget import cost_pico
from pipeline.llm.http import HttpTransport
from pipeline.llm.ledger import PICO, Ledger
from pipeline.llm.model import LanguageModel
from pipeline.llm.settings import Price
from pipeline.stages.requests import AskingStage, Requests

CHARACTERS_PER_TOKEN = 3
"""Vietnamese in today's tokenisers: 2.5 to 3.5; only a forecast rests on it."""


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

    @property
    def to_send(self) -> int:
        """Requests that the ledger has no reply to."""
        return self.total - self.paid


@dataclass(frozen=True, slots=True)
class StagePlan:
    """One line of the plan; without reasons the stage is up to date."""

    name: str
    reasons: tuple[str, ...]
    counts: Mapping[str, int]
    requests: RequestPlan | None

    @property
    def up_to_date(self) -> bool:
        """Whether the stage would be skipped."""
        return not self.reasons


def make_plan(
    stages: Sequence[Stage], folder: RunFolder, replies: Replies
) -> tuple[StagePlan, ...]:
    """The plan of all stages, from what the run folder and the ledger hold."""
    done: dict[str, Upstream] = {}
    counts: dict[str, int] = {}
    plans = []
    with Ledger(folder.ledger) as ledger:
        for stage in stages:
            plan = _plan(stage, done, counts, folder, ledger, replies)
            counts.update(plan.counts)
            plans.append(plan)
    return tuple(plans)


def _plan(
    stage: Stage,
    done: dict[str, Upstream],
    counts: Mapping[str, int],
    folder: RunFolder,
    ledger: Ledger,
    replies: Replies,
) -> StagePlan:
    waiting = [name for name in stage.inputs if name not in done]
    if waiting:
        last = folder.latest(stage.name)
        known = dict(last.counts) if last else _foreseen(stage, counts)
        requests = _estimated(stage.requests, counts) if isinstance(stage, AskingStage) else None
        return StagePlan(stage.name, (f"waits for {', '.join(waiting)}",), known, requests)
    decision = decide(stage, {name: done[name] for name in stage.inputs}, folder)
    if isinstance(decision, MustRun):
        requests = None
        if isinstance(stage, AskingStage):
            requests = _listed(stage.requests, done, ledger, replies)
        return StagePlan(stage.name, decision.reasons, _foreseen(stage, counts), requests)
    done[stage.name] = decision.upstream
    return StagePlan(stage.name, (), decision.upstream.manifest.counts, None)


def _foreseen(stage: Stage, counts: Mapping[str, int]) -> dict[str, int]:
    """What later estimates may count on."""
    return dict(stage.requests.foreseen(counts)) if isinstance(stage, AskingStage) else {}


def _listed(
    requests: Requests, inputs: Mapping[str, Upstream], ledger: Ledger, replies: Replies
) -> RequestPlan:
    transport = HttpTransport(requests.endpoint)  # never opened: nothing is sent
    model = LanguageModel(requests.endpoint, transport, replies, ledger=ledger)
    total = paid = characters = 0
    for request in requests.listed(inputs):
        total += 1
        if model.is_paid(request):
            paid += 1
        else:
            characters += sum(len(message.content) for message in request.messages)
    tokens = characters // CHARACTERS_PER_TOKEN, (total - paid) * requests.reply_tokens
    price = requests.endpoint.price
    return RequestPlan(total, paid, _cost(price, *tokens), _currency(price), exact=True)


def _estimated(requests: Requests, counts: Mapping[str, int]) -> RequestPlan:
    guess = requests.estimated(counts)
    price = requests.endpoint.price
    tokens = guess.requests * guess.prompt_tokens, guess.requests * requests.reply_tokens
    return RequestPlan(guess.requests, 0, _cost(price, *tokens), _currency(price), exact=False)


def _cost(price: Price | None, prompt_tokens: int, completion_tokens: int) -> Decimal | None:
    if price is None:
        return None
    return Decimal(cost_pico(price, prompt_tokens, completion_tokens)) / PICO


def _currency(price: Price | None) -> str:
    return price.currency if price else ""
