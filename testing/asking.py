"""A model over HTTP, and many requests through it, as the stages ask them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from languages.find import find_language
from pipeline.engine.ordered import each_in_order
from pipeline.llm.desk import LedgerDesk
from pipeline.llm.model import LanguageModel
from pipeline.llm.request import Answer, R, Request
from pipeline.llm.settings import EndpointSettings
from pipeline.llm.transports import open_transports
from schemas.errors import ItemError

VI = find_language("vi").replies


def http_model(settings: EndpointSettings, **parts: Any) -> LanguageModel:
    """A model that is asked in Vietnamese over HTTP; ``parts`` are its ledger and the like."""
    hand_out = parts.pop("hand_out", None)
    desk = LedgerDesk(settings, open_transports(settings), **parts)
    return LanguageModel(desk, VI, hand_out=hand_out)


async def outcomes(
    model: LanguageModel, requests: Iterable[Request[R]], workers: int | None = None
) -> list[Answer[R] | ItemError]:
    """Each request's answer, or the error that ended it, in the order of the requests."""

    async def ask(request: Request[R]) -> Answer[R] | ItemError:
        try:
            return await model.ask(request)
        except ItemError as error:
            return error

    found: list[Answer[R] | ItemError] = []
    at_once = workers or 2 * model.settings.max_in_flight
    await each_in_order(requests, ask, found.append, at_once=at_once)
    return found
