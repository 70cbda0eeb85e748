"""Replies that come in pieces (server-sent events), put together to one completion."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson


def is_stream(body: bytes) -> bool:
    """Whether a body is a stream of events and no completion."""
    return body.lstrip().startswith((b"data:", b"event:", b":"))


def streamed(body: bytes) -> bytes:
    """``body``, to be answered in pieces, with the usage in the last one."""
    fields = orjson.loads(body)
    return orjson.dumps(fields | {"stream": True, "stream_options": {"include_usage": True}})


def put_together(events: bytes) -> bytes:
    """The completion that the pieces make up; an error among them stays one.

    Without a ``finish_reason`` the stream was cut off: then what came is no completion.
    """
    completion: dict[str, Any] = {"object": "chat.completion"}
    message: dict[str, Any] = {"role": "assistant", "content": ""}
    finish_reason: str | None = None
    for piece in _pieces(events):
        if piece.get("error"):
            return orjson.dumps({"error": piece["error"], "choices": []})
        completion |= {name: piece[name] for name in ("id", "model") if piece.get(name)}
        if piece.get("usage"):
            completion["usage"] = piece["usage"]
        for choice in (piece.get("choices") or [])[:1]:
            delta = choice.get("delta") or {}
            message["content"] += delta.get("content") or ""
            if delta.get("refusal"):
                message["refusal"] = message.get("refusal", "") + delta["refusal"]
            finish_reason = choice.get("finish_reason") or finish_reason
    if finish_reason is None:
        return b""
    choice = {"index": 0, "message": message, "finish_reason": finish_reason}
    return orjson.dumps(completion | {"choices": [choice]})


def _pieces(events: bytes) -> Iterator[dict[str, Any]]:
    for line in events.splitlines():
        data = line.removeprefix(b"data:").strip()
        if line.startswith(b"data:") and data != b"[DONE]":
            try:
                piece = orjson.loads(data)
            except orjson.JSONDecodeError:
                continue  # cut off: the finish_reason will be missing
            if isinstance(piece, dict):
                yield piece
