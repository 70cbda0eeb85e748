"""A stage that asks a model: with what ``plan`` needs to say how much it would ask."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.engine.stage import Counts, Stage, Upstream
from pipeline.llm.request import Request
from pipeline.llm.settings import EndpointSettings


@dataclass(frozen=True, slots=True)
class RequestEstimate:
    """About how many requests a stage would send, and of how many prompt tokens each."""

    requests: int
    prompt_tokens: int


@dataclass(frozen=True, slots=True)
class Requests:
    """The first-round requests of a stage: exact where its inputs are there, else estimated."""

    endpoint: EndpointSettings
    reply_tokens: int
    """About how many tokens a reply has."""
    listed: Callable[[Mapping[str, Upstream]], Iterator[Request[Any]]]
    estimated: Callable[[Counts, Mapping[str, Upstream]], RequestEstimate]
    """From the counts of the stages before it, as they are or as they are foreseen, and those
    of its inputs that are there."""
    foreseen: Callable[[Counts], Counts]
    """The counts that the stage will have when it is done, as far as later estimates need them."""
    asks: bool = True
    """Whether there are any: a judge that is switched off asks nobody."""
    others: tuple[Requests, ...] = ()
    """Those of the same stage to further endpoints."""
    remarks: tuple[str, ...] = ()
    """What ``plan`` says of them beside numbers, a line each."""
    told: Callable[[Mapping[str, Upstream]], Iterable[str]] = lambda _: ()
    """The same of those of its inputs that are there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskingStage(Stage):
    """A stage that asks a model."""

    requests: Requests


def endpoints_of(stages: Iterable[Stage]) -> tuple[EndpointSettings, ...]:
    """The endpoints that the stages ask, each once."""
    asking = [stage.requests for stage in stages if isinstance(stage, AskingStage)]
    found: list[EndpointSettings] = []
    for requests in [each for first in asking for each in (first, *first.others)]:
        if requests.asks and requests.endpoint not in found:
            found.append(requests.endpoint)
    return tuple(found)
