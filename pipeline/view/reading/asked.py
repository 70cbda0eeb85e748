"""The prompt of a reply: a ledger keeps replies, and their prompts are made again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from languages.language import Language
from pipeline.binding import all_stages
from pipeline.config import RunConfig
from pipeline.engine.decide import UpToDate, lineage
from pipeline.engine.folder import RunFolder
from pipeline.llm.body import MODES, Form, TokensName, prepare
from pipeline.llm.request import Message, Request
from pipeline.stages.requests import AskingStage, Requests

PATIENCE_S = 4.0
"""How long a prompt is looked for among those of a large run."""
_NAMES: tuple[TokensName, ...] = ("max_tokens", "max_completion_tokens")


@dataclass(frozen=True, slots=True)
class AskedWords:
    """What a model was asked; ``exact``: these very words gave this reply."""

    messages: tuple[Message, ...]
    exact: bool


def find_prompt(config: RunConfig, item: str, key: str) -> AskedWords | None:
    """The prompt of the first round under a label such as ``contexts/viwn-1#khoan/1``.

    Later rounds show what was rejected before, which is not kept: for these, that of the first
    round is given. None where today's run.toml asks nothing of that label, or it takes too long.
    """
    until = time.monotonic() + PATIENCE_S
    first = f"{item.rpartition('/')[0]}/1"
    for asked, request in _listed(config, item.partition("/")[0]):
        if request.item in (item, first):
            exact = key in _keys(asked, request, config.language)
            return AskedWords(request.messages, exact)
        if time.monotonic() > until:
            return None
    return None


def _listed(config: RunConfig, stage: str) -> Iterator[tuple[Requests, Request]]:  # type: ignore[type-arg]
    folder = RunFolder(config.folder)
    stages = all_stages(config, folder.last_run().limit)
    decisions = lineage(stages, folder)
    for each in stages:
        if not isinstance(each, AskingStage) or each.name.partition(".")[0] != stage:
            continue
        inputs = {
            name: found.upstream
            for name in each.inputs
            if isinstance(found := decisions[name], UpToDate)
        }
        if len(inputs) < len(each.inputs):
            continue
        for asked in (each.requests, *each.requests.others):
            if asked.asks:
                yield from ((asked, request) for request in asked.listed(inputs))


def _keys(asked: Requests, request: Request, language: Language) -> set[str]:  # type: ignore[type-arg]
    """The keys of a request's reply, whatever form the endpoint turned out to take."""
    return {
        prepare(
            asked.endpoint,
            Form(mode, name),
            language.replies,
            request.messages,
            request.reply,
            sample=request.sample,
            warmth=request.warmth,
        ).key
        for mode in MODES
        for name in _NAMES
    }
