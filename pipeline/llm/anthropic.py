"""The Messages API of Anthropic behind the same seam: bodies and replies are translated."""

from __future__ import annotations

from typing import Any

import orjson

from pipeline.llm.http import HttpTransport
from pipeline.llm.settings import EndpointSettings

VERSION = "2023-06-01"
_FINISH = {"max_tokens": "length", "model_context_window_exceeded": "length"}
_TRANSLATED = frozenset(
    {"messages", "response_format", "max_tokens", "max_completion_tokens", "seed"}
)


class AnthropicTransport:
    """Carries chat completions to the Messages API, and its messages back as completions."""

    def __init__(self, settings: EndpointSettings, key_variable: str | None) -> None:
        self._settings = settings
        self._wire = anthropic_wire(settings, key_variable)

    async def send(self, body: bytes, label: str) -> bytes:
        """The message that answers ``body``, as a completion."""
        asked = orjson.dumps(message_request(orjson.loads(body)))
        headers = self._wire.labelled(label)
        timeout_s = self._settings.timeout_s
        response = await self._wire.request("POST", "/messages", timeout_s, headers, content=asked)
        return completion_of(self._wire.content(response))

    async def check(self) -> None:
        """Ask for the list of models, which is free."""
        await self._wire.check()

    async def close(self) -> None:
        """Close all connections."""
        await self._wire.close()


def anthropic_wire(settings: EndpointSettings, key_variable: str | None) -> HttpTransport:
    """HTTP with the headers that Anthropic wants."""
    headers = {"anthropic-version": VERSION, **settings.headers}
    key_header = settings.api_key_header or "x-api-key"
    own = settings.model_copy(update={"headers": headers, "api_key_header": key_header})
    return HttpTransport(own, key_variable)


def message_request(body: dict[str, Any]) -> dict[str, Any]:
    """A chat completion's body as that of a message.

    A schema becomes the input of a tool that has to be used: every model knows these. A seed is
    left out, for there is none.
    """
    limit = body.get("max_tokens") or body.get("max_completion_tokens")
    turns = [turn for turn in body["messages"] if turn["role"] != "system"]
    asked = {name: value for name, value in body.items() if name not in _TRANSLATED}
    asked |= {"max_tokens": limit, "messages": turns}
    system = "\n\n".join(turn["content"] for turn in body["messages"] if turn["role"] == "system")
    if system:
        asked["system"] = system
    wanted = body.get("response_format") or {}
    if wanted.get("type") == "json_schema":
        schema = wanted["json_schema"]
        asked["tools"] = [{"name": schema["name"], "input_schema": schema["schema"]}]
        asked["tool_choice"] = {"type": "tool", "name": schema["name"]}
    return asked


def completion_of(message: bytes) -> bytes:
    """A message as the chat completion that it amounts to; what is none stays as it is."""
    try:
        said = orjson.loads(message)
        parts, usage = said["content"], said.get("usage") or {}
        inputs = [part["input"] for part in parts if part.get("type") == "tool_use"]
        texts = [part.get("text") or "" for part in parts if part.get("type") == "text"]
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        return message
    reason = str(said.get("stop_reason") or "")
    content = orjson.dumps(inputs[0]).decode() if inputs else "".join(texts)
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": content},
        "finish_reason": "content_filter" if reason == "refusal" else _FINISH.get(reason, "stop"),
    }
    completion: dict[str, Any] = {"object": "chat.completion", "model": said.get("model")}
    completion |= {"choices": [choice]}
    if "input_tokens" in usage and "output_tokens" in usage:
        read = usage.get("cache_read_input_tokens") or 0
        prompt = usage["input_tokens"] + read + (usage.get("cache_creation_input_tokens") or 0)
        written = usage["output_tokens"]
        completion["usage"] = {
            "prompt_tokens": prompt,
            "completion_tokens": written,
            "total_tokens": prompt + written,
            "prompt_tokens_details": {"cached_tokens": read},
        }
    return orjson.dumps(completion)
