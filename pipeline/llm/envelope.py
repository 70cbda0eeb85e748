"""Reading the outer layer of a reply: the completion object around the model's text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson


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


def read_envelope(body: bytes) -> Completion:
    """The completion in an HTTP body; EnvelopeError where there is none."""
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
        completion_tokens=_count(usage, "completion_tokens"),
    )


def error_in(body: bytes) -> tuple[int, str] | None:
    """Status and message of an error that came with HTTP 200, as some gateways send it."""
    if b'"error"' not in body:
        return None
    try:
        error = orjson.loads(body).get("error")
    except (orjson.JSONDecodeError, AttributeError):
        return None
    if not isinstance(error, dict):
        return None
    code = error.get("code")
    return (code if isinstance(code, int) else 500), str(error.get("message", ""))


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    if isinstance(content, list):  # some endpoints send the text in typed parts
        return "".join(part.get("text") or "" for part in content if isinstance(part, dict))
    return ""


def _count(usage: Any, name: str) -> int | None:
    value = usage.get(name) if isinstance(usage, dict) else None
    return value if isinstance(value, int) and value >= 0 else None
