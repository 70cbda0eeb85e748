"""How every request stage asks: rendered prompt to request, answer to provenance and tally."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel

from pipeline.engine.tally import UsageTally
from pipeline.llm.request import Answer, Message, Request
from prompts.catalogue import Prompt
from schemas.records import Provenance

R = TypeVar("R", bound=BaseModel)


def request(rendered: tuple[str, str], reply: type[R], item: str, sample: int) -> Request[R]:
    """A request with a system and a user message."""
    system, user = rendered
    return Request((Message("system", system), Message("user", user)), reply, item, sample)


def provenance(answer: Answer[R], prompt: Prompt, *, sample: int, round_: int) -> Provenance:
    """Where a row comes from."""
    return Provenance(
        request_key=answer.key,
        prompt_id=prompt.id,
        prompt_version=prompt.version,
        model=answer.model,
        sample=sample,
        round=round_,
    )
