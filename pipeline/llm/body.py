"""The request body as it is sent, the form its endpoint takes, and the key of its reply."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from hashlib import blake2b
from typing import Any, Literal

import orjson
from pydantic import BaseModel

from languages.replies import Replies
from pipeline.llm.request import Message
from pipeline.llm.settings import EndpointSettings

KEY_VERSION = 1
KEY_BYTES = 16

# A chat template wraps every message in a few control tokens.
TEMPLATE_TOKENS = 32

Mode = Literal["json_schema", "json_object", "text"]
TokensName = Literal["max_tokens", "max_completion_tokens"]

MODES: tuple[Mode, ...] = ("json_schema", "json_object", "text")
"""How replies are structured, the strictest first."""
SAMPLING = ("temperature", "top_p", "seed")
"""What reasoning models and some gateways refuse to be told."""
WARMEST = 1.0
"""How far a request's warmth raises the temperature; one that is higher stays."""

# How endpoints name what they do not know about structured replies.
_STRUCTURE_WORDS = (
    "response_format",
    "json_schema",
    "json_object",
    "json mode",
    "structured output",
    "guided",
    "grammar",
    "invalid schema",
)


@dataclass(frozen=True, slots=True)
class Form:
    """What an endpoint accepts: how replies are structured, how their length is bounded."""

    mode: Mode
    tokens_name: TokensName
    without: tuple[str, ...] = ()
    """Settings of the sampling that it refuses, and that are left out."""

    def __str__(self) -> str:
        return " ".join((self.mode, self.tokens_name, *self.without))


def first_form(settings: EndpointSettings, noted: str | None) -> Form:
    """The form to begin with: as ``settings`` demand, else as ``noted`` (a Form's text) before."""
    mode, tokens_name, *without = (noted or "json_schema max_tokens").split()
    return Form(
        next((known for known in MODES if known == mode), "json_schema")
        if settings.structured == "auto"
        else settings.structured,
        ("max_completion_tokens" if tokens_name == "max_completion_tokens" else "max_tokens")
        if settings.tokens_field == "auto"
        else settings.tokens_field,
        tuple(without),
    )


def lesser_form(settings: EndpointSettings, sent: Form, said: str) -> Form | None:
    """The form to ask in after the refusal ``said`` (lower case); None where it names no other."""
    if (
        settings.tokens_field == "auto"
        and sent.tokens_name == "max_tokens"
        and "max_completion_tokens" in said
    ):
        return replace(sent, tokens_name="max_completion_tokens")
    if (
        settings.structured == "auto"
        and sent.mode != "text"
        and any(word in said for word in _STRUCTURE_WORDS)
    ):
        return replace(sent, mode=MODES[MODES.index(sent.mode) + 1])
    refused = tuple(name for name in _sampling(settings, sent) if name in said)
    return replace(sent, without=(*sent.without, *refused)) if refused else None


def lesser_forms(settings: EndpointSettings, sent: Form) -> tuple[Form, ...]:
    """The forms that are worth a try where a refusal names none, the richest first."""
    modes = MODES[MODES.index(sent.mode) :] if settings.structured == "auto" else (sent.mode,)
    bare = (*sent.without, *_sampling(settings, sent))
    forms = (
        replace(sent, mode=mode, without=left) for left in (sent.without, bare) for mode in modes
    )
    return tuple(dict.fromkeys(form for form in forms if form != sent))


def _sampling(settings: EndpointSettings, form: Form) -> Iterator[str]:
    """The settings of the sampling that are sent in this form."""
    for name in SAMPLING:
        if getattr(settings, name) is not None and name not in form.without:
            yield name


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request ready to be sent: ``body`` as JSON, ``key`` of the reply that it asks for."""

    key: str
    body: bytes
    form: Form
    label: str
    sample: int
    prompt_bound: int
    """No tokeniser makes more tokens of it: at least a byte each, plus the chat template's."""
    completion_bound: int

    @property
    def stage(self) -> str:
        """What begins the label: requests of one stage are alike."""
        return self.label.partition("/")[0]


def prepare(
    settings: EndpointSettings,
    form: Form,
    replies: Replies,
    messages: Sequence[Message],
    reply: type[BaseModel],
    label: str = "",
    sample: int = 0,
    room: int = 1,
    warmth: float = 0.0,
) -> Prepared:
    """The body of a request under ``form``, and its key; ``room`` multiplies its limit."""
    turns = [{"role": message.role, "content": message.content} for message in messages]
    if form.mode != "json_schema":
        turns[-1]["content"] += replies.json_only.format(schema=schema_text(reply))
    body: dict[str, Any] = {"model": settings.model, "messages": turns}
    if form.mode == "json_schema":
        body["response_format"] = response_format(reply)
    elif form.mode == "json_object":
        body["response_format"] = {"type": "json_object"}
    body[form.tokens_name] = limit = room * (settings.max_tokens + settings.reasoning_tokens)
    for name in _sampling(settings, form):
        body[name] = getattr(settings, name) + (sample if name == "seed" else 0)
    if warmth and "temperature" in body:
        told = body["temperature"]
        body["temperature"] = max(told, min(round(told + warmth, 3), WARMEST))
    if settings.extra_body:
        body |= settings.extra_body
    sent = orjson.dumps(body)
    return Prepared(
        key=request_key(settings.endpoint, sample, body),
        body=sent,
        form=form,
        label=label,
        sample=sample,
        prompt_bound=len(sent) + TEMPLATE_TOKENS * (len(turns) + 1),
        completion_bound=limit,
    )


def request_key(endpoint: str, sample: int, body: dict[str, Any]) -> str:
    """Digest over the canonical body, the endpoint, the sample index and the key version.

    Canonical: JSON with sorted names. A serialised schema stands as it is, for the order of
    its properties is the order in which a model fills them in.
    """
    question = {"version": KEY_VERSION, "endpoint": endpoint, "sample": sample, "body": body}
    canonical = orjson.dumps(question, option=orjson.OPT_SORT_KEYS)
    return blake2b(canonical, digest_size=KEY_BYTES).hexdigest()


# -- strict JSON schemas: the part of JSON Schema that structured outputs accept everywhere ----

# Kept: the keywords that every strict implementation knows. Whatever else a reply model
# demands (lengths of strings, patterns, numeric bounds) its own validation still demands.
# minItems and maxItems stay: they keep small models out of endless lists.
KEPT = frozenset({"type", "description", "enum", "minItems", "maxItems"})


@cache
def response_format(reply: type[BaseModel]) -> orjson.Fragment:
    """The ``response_format`` value that demands exactly ``reply``, already serialised."""
    name = re.sub(r"[^a-zA-Z0-9_-]", "_", reply.__name__)[:64]
    schema = {"name": name, "strict": True, "schema": strict_schema(reply)}
    return orjson.Fragment(orjson.dumps({"type": "json_schema", "json_schema": schema}))


@cache
def schema_text(reply: type[BaseModel]) -> str:
    """The strict schema on one line, for prompts to endpoints that take no schema."""
    return orjson.dumps(strict_schema(reply)).decode()


@cache
def strict_schema(reply: type[BaseModel]) -> dict[str, Any]:
    """JSON schema of ``reply``: all properties required, no others, only kept keywords.

    The order of the properties is the model's own, for models write them in that order; it
    also stands in ``required``, a list, so that digests over sorted objects still see it.
    """
    schema = _strict(reply.model_json_schema())
    assert isinstance(schema, dict)
    return schema


def _strict(node: Any) -> Any:
    if isinstance(node, list):
        return [_strict(each) for each in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return {"$ref": node["$ref"]}
    strict = {keyword: value for keyword, value in node.items() if keyword in KEPT}
    if "const" in node:
        strict["enum"] = [node["const"]]
    for keyword in ("items", "prefixItems"):
        if keyword in node:
            strict[keyword] = _strict(node[keyword])
    alternatives = node.get("anyOf") or node.get("oneOf")
    if alternatives:
        strict["anyOf"] = _strict(alternatives)
    if len(node.get("allOf", ())) == 1:
        return strict | _strict(node["allOf"][0])
    if node.get("type") == "object":
        properties = node.get("properties", {})
        strict["properties"] = {name: _strict(value) for name, value in properties.items()}
        strict["required"] = list(properties)
        strict["additionalProperties"] = False
    if "$defs" in node:
        strict["$defs"] = {name: _strict(value) for name, value in node["$defs"].items()}
    return strict
