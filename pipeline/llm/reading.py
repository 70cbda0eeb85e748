"""From a raw reply to its value, or to the turn that asks for it once more."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson
from pydantic import ValidationError

from languages.replies import Replies
from pipeline.llm.request import Message, R

MAX_FAULTS = 5
"""Faults that a model is told of at once; more would drown the first ones."""
SHOWN = 8000
"""Characters of a bad reply that its model is shown; no sound one is as long."""
SHOWN_WHEN_CUT_OFF = 400
"""A reply that ran into max_tokens is mostly a loop; showing all of it invites the next one."""
MAX_STARTS = 64
"""Places at which an object is looked for; a loop of openings has thousands."""

# Literal line breaks inside strings are the commonest fault of small models, and harmless.
_DECODER = json.JSONDecoder(strict=False)
_THOUGHTS = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)
_THOUGHTS_ONLY = re.compile(r"\A\s*(<think>((?!</think>).)*)?\Z", re.DOTALL)
_OBJECT_START = re.compile(r'\{\s*["}]')


class EnvelopeError(ValueError):
    """The body is no chat completion: cut off, not JSON, or without a choice."""


@dataclass(frozen=True, slots=True)
class Completion:
    """What a chat completion says; token counts are None where the endpoint gave none."""

    content: str
    refusal: str | None
    finish_reason: str
    prompt_tokens: int | None
    completion_tokens: int | None
    """Thoughts included, wherever the endpoint counts them."""
    cached_tokens: int = 0
    """Of the prompt's, those that the endpoint had kept from an earlier request."""

    @property
    def cut_off(self) -> bool:
        """Whether the reply ran into its limit of tokens."""
        return self.finish_reason in ("length", "model_length", "max_tokens")

    @property
    def lacked_room(self) -> bool:
        """Whether the model's thoughts took all of the limit, and nothing is left of the reply."""
        return self.cut_off and _THOUGHTS_ONLY.match(self.content) is not None


@dataclass(frozen=True, slots=True)
class Invalid:
    """Why a text is no valid reply, in the language of the prompts, for the model."""

    faults: str


def read_envelope(body: bytes) -> Completion:
    """The completion in a raw reply; EnvelopeError where there is none."""
    try:
        envelope = orjson.loads(body)
    except orjson.JSONDecodeError as err:
        raise EnvelopeError(f"the body is no JSON ({len(body)} bytes)") from err
    try:
        choice = envelope["choices"][0]
        message = choice["message"]
        content = message.get("content")
        usage = envelope.get("usage") or {}
    except (KeyError, IndexError, TypeError, AttributeError) as err:
        raise EnvelopeError(f"the body holds no choice: {body[:120]!r}") from err
    refusal = message.get("refusal")
    return Completion(
        content=_text(content),
        refusal=refusal if isinstance(refusal, str) and refusal else None,
        finish_reason=str(choice.get("finish_reason") or ""),
        prompt_tokens=_count(usage, "prompt_tokens"),
        completion_tokens=_completion_tokens(usage),
        cached_tokens=_cached_tokens(usage),
    )


def error_in(body: bytes) -> tuple[int, str] | None:
    """Status and message of an error that came with HTTP 200, as some gateways send it.

    In the place of a completion, within its choice, or as a ``finish_reason`` alone.
    """
    if b'"error"' not in body:
        return None
    try:
        envelope = orjson.loads(body)
        choices = envelope.get("choices") or [{}]
        error = envelope.get("error") or choices[0].get("error")
        broken = choices[0].get("finish_reason") == "error"
    except (orjson.JSONDecodeError, AttributeError, LookupError, TypeError):
        return None
    if isinstance(error, dict):
        code = str(error.get("code"))
        status = int(code) if code.isdecimal() and len(code) == 3 else 500
        return (status if status >= 400 else 500), str(error.get("message", ""))
    return (500, "the reply ended with an error") if broken else None


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    if isinstance(content, list):  # some endpoints send the text in typed parts
        return "".join(part.get("text") or "" for part in content if isinstance(part, dict))
    return ""


def _completion_tokens(usage: Any) -> int | None:
    """Some count thoughts in the total only."""
    written, prompt = _count(usage, "completion_tokens"), _count(usage, "prompt_tokens")
    total = _count(usage, "total_tokens")
    if prompt is None or total is None:
        return written
    return max(written or 0, total - prompt)


def _cached_tokens(usage: Any) -> int:
    details = usage.get("prompt_tokens_details") if isinstance(usage, dict) else None
    return _count(details, "cached_tokens") or _count(usage, "prompt_cache_hit_tokens") or 0


def _count(usage: Any, name: str) -> int | None:
    value = usage.get(name) if isinstance(usage, dict) else None
    return value if isinstance(value, int) and value >= 0 else None


# -- the text --------------------------------------------------------------------------------


def read_reply(reply: type[R], text: str, replies: Replies) -> R | Invalid:
    """The first object in ``text`` that validates as ``reply``, or what is wrong with it."""
    try:
        return reply.model_validate_json(text)
    except ValidationError as err:
        first = err
    closest: ValidationError | None = None
    for candidate in json_objects(text):
        try:
            return reply.model_validate_json(candidate)
        except ValidationError as err:
            if closest is None or err.error_count() < closest.error_count():
                closest = err
    if closest is None and first.errors()[0]["type"] == "json_invalid":
        return Invalid(replies.no_object)
    return Invalid(_faults(closest or first, replies))


def json_objects(text: str) -> Iterator[bytes]:
    """The balanced JSON objects of ``text`` that lie in no other, in order, as clean JSON.

    Fences, chatter and a thinking model's thoughts around them are left out.
    """
    text = _THOUGHTS.sub("", text, count=1)
    end = starts = 0
    for start in _OBJECT_START.finditer(text):
        if start.start() < end:
            continue
        starts += 1
        if starts > MAX_STARTS:
            return
        try:
            value, end = _DECODER.raw_decode(text, start.start())
            clean = orjson.dumps(value)
        except (ValueError, RecursionError, orjson.JSONEncodeError):  # the last: a huge number
            continue
        yield clean


def _faults(error: ValidationError, replies: Replies) -> str:
    """The first faults of ``error``, one a line: the field's path and what it must be."""
    lines: list[str] = []
    errors = error.errors(include_url=False)
    for each in errors[:MAX_FAULTS]:
        path = ".".join(str(part) for part in each["loc"])
        line = replies.fault_of_field if path else replies.fault
        fault = _said(each["type"], each["msg"], each.get("ctx", {}), replies)
        lines.append(line.format(path=path, fault=fault))
    if len(errors) > MAX_FAULTS:
        lines.append(replies.more_faults.format(n=len(errors) - MAX_FAULTS))
    return "\n".join(lines)


def _said(kind: str, message: str, context: dict[str, object], replies: Replies) -> str:
    if kind in ("value_error", "assertion_error"):  # the reply model's own words
        return str(context.get("error", message))
    try:
        return replies.faults[kind].format_map(context)
    except KeyError:
        return message


def repair_turns(completion: Completion, wrong: Invalid, replies: Replies) -> tuple[Message, ...]:
    """The bad reply, and the request to send it again as it should be."""
    if completion.cut_off:
        shown, ask = completion.content[:SHOWN_WHEN_CUT_OFF], replies.too_long
    else:
        shown, ask = completion.content[:SHOWN], replies.invalid.format(faults=wrong.faults)
    return Message("assistant", shown or replies.empty), Message("user", ask)
