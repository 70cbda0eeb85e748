"""The request body as it is sent, and the key that names its reply."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Literal

import orjson
from pydantic import BaseModel

from pipeline.llm.request import Message
from pipeline.llm.schema import response_format, schema_text
from pipeline.llm.settings import EndpointSettings

KEY_VERSION = 1
KEY_BYTES = 16

# A chat template wraps every message in a few control tokens.
TEMPLATE_TOKENS = 32

Mode = Literal["json_schema", "json_object", "text"]
TokensName = Literal["max_tokens", "max_completion_tokens"]


@dataclass(frozen=True, slots=True)
class Form:
    """What an endpoint accepts: how replies are structured, how their length is bounded."""

    mode: Mode
    tokens_name: TokensName


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request ready to be sent: ``body`` as JSON, ``key`` of the reply that it asks for."""

    key: str
    body: bytes
    form: Form
    input_bound: int
    """No tokeniser makes more tokens of it: at least a byte each, plus the chat template's."""


def prepare(
    settings: EndpointSettings,
    form: Form,
    messages: Sequence[Message],
    reply: type[BaseModel],
    sample: int,
) -> Prepared:
    """The body of a request under ``form``, and its key."""
    turns = [{"role": message.role, "content": message.content} for message in messages]
    if form.mode != "json_schema":
        turns[-1]["content"] += _instruction(reply)
    body: dict[str, Any] = {"model": settings.model, "messages": turns}
    if form.mode == "json_schema":
        body["response_format"] = response_format(reply)
    elif form.mode == "json_object":
        body["response_format"] = {"type": "json_object"}
    body[form.tokens_name] = settings.max_tokens
    if settings.temperature is not None:
        body["temperature"] = settings.temperature
    if settings.top_p is not None:
        body["top_p"] = settings.top_p
    if settings.seed is not None:
        body["seed"] = settings.seed + sample
    if settings.extra_body:
        body |= settings.extra_body
    sent = orjson.dumps(body)
    return Prepared(
        key=request_key(settings.endpoint, sample, body),
        body=sent,
        form=form,
        input_bound=len(sent) + TEMPLATE_TOKENS * (len(turns) + 1),
    )


def request_key(endpoint: str, sample: int, body: dict[str, Any]) -> str:
    """Digest over the canonical body, the endpoint, the sample index and the key version.

    Canonical: JSON with sorted names. A serialised schema stands as it is, for the order of
    its properties is the order in which a model fills them in.
    """
    question = {"version": KEY_VERSION, "endpoint": endpoint, "sample": sample, "body": body}
    canonical = orjson.dumps(question, option=orjson.OPT_SORT_KEYS)
    return blake2b(canonical, digest_size=KEY_BYTES).hexdigest()


def _instruction(reply: type[BaseModel]) -> str:
    return (
        "\n\nChỉ trả lời bằng đúng một đối tượng JSON, không thêm lời dẫn hay giải thích, "
        f"theo JSON Schema sau:\n{schema_text(reply)}"
    )
