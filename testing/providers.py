"""Mocks that behave as providers do, where that differs from OpenAI's older models.

What each does, and from which source that is known, stands in docs/providers.md. Each is a
function from a request to status and JSON body; ``thoughts`` of a model take room and are billed.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

THOUGHTS, TEXT = 900, 40
"""Tokens that a thinking model spends before its reply, and those of a reply."""
PROMPT = 500
GLOSS = '{"gloss": "dụng cụ có mũi xoay để tạo lỗ"}'


@dataclass
class Asked:
    """A request as it arrived."""

    body: dict[str, Any]
    path: str
    query: dict[str, str]
    headers: Any
    number: int
    """Of its kind of arrival: 1 for the first."""


Answer = tuple[int, Any]
Provider = Callable[[Asked], Answer]


def completion(text: str, finish: str = "stop", tokens: int = TEXT, **usage: Any) -> Answer:
    """A plain chat completion."""
    message = {"role": "assistant", "content": text}
    counts = {
        "prompt_tokens": PROMPT,
        "completion_tokens": tokens,
        "total_tokens": PROMPT + tokens,
    }
    choice = {"index": 0, "message": message, "finish_reason": finish}
    return 200, {"choices": [choice], "usage": counts | usage}


def refused(status: int, message: Any, **more: Any) -> Answer:
    """An error in OpenAI's form."""
    return status, {"error": {"message": message} | more}


def thinking(asked: Asked, text: str = GLOSS, shown: str = "") -> Answer:
    """A reply after thoughts, which count against the limit; ``shown`` of them in the text."""
    limit = asked.body.get("max_tokens") or asked.body.get("max_completion_tokens")
    if limit < THOUGHTS + TEXT:
        return completion(shown, "length", limit)
    return completion(f"{shown}</think>\n{text}" if shown else text, tokens=THOUGHTS + TEXT)


def openai_reasoning(asked: Asked) -> Answer:
    """OpenAI's reasoning models: another name of the limit, no temperature of one's own."""
    if "max_tokens" in asked.body:
        return refused(400, "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens'.")
    if "temperature" in asked.body:
        return refused(400, "Unsupported value: 'temperature' does not support 0.3", param="x")
    return thinking(asked)


def azure(asked: Asked) -> Answer:
    """A deployment: version in the query, key in a header of its own, and a content filter."""
    if asked.headers.get("api-key") != "secret-key-of-azure" or "Authorization" in asked.headers:
        return 401, {"error": {"code": "401", "message": "Access denied"}}
    if asked.query != {"api-version": "2024-10-21"} or "/deployments/" not in asked.path:
        return 404, {"error": {"code": "404", "message": "Resource not found"}}
    if asked.number == 2:
        said = "The response was filtered: the prompt triggered the content management policy."
        return refused(400, said, code="content_filter")
    return completion(GLOSS)


def gemini(asked: Asked) -> Answer:
    """Errors in a list, waits in words, thoughts in the total alone."""
    if asked.number == 1:
        said = "Quota exceeded. Please retry in 0.05s."
        return 429, [{"error": {"code": 429, "message": said, "status": "RESOURCE_EXHAUSTED"}}]
    status, reply = thinking(asked)
    reply["usage"]["completion_tokens"] = TEXT
    return status, reply


def openrouter(asked: Asked) -> Answer:
    """Errors with HTTP 200, in the body or its choice; one flagged input is a 403."""
    if asked.number == 1:
        return 200, {"error": {"code": 502, "message": "Provider returned error"}}
    if asked.number == 2:
        choice = {"message": {"content": "Bác"}, "finish_reason": "error", "error": {"code": 502}}
        return 200, {"choices": [choice]}
    if "từ 2" in asked.body["messages"][-1]["content"]:
        return refused(403, "Your chosen model requires moderation and your input was flagged")
    return completion(GLOSS)


def deepseek(asked: Asked) -> Answer:
    """JSON mode only, which wants the word, and now and then writes nothing at all."""
    if asked.body.get("response_format", {}).get("type") == "json_schema":
        return refused(400, "This response_format type is unavailable now")
    if "JSON" not in asked.body["messages"][-1]["content"]:
        return refused(400, "Prompt must contain the word 'json'")
    if asked.number == 1:
        return completion("")
    return completion(GLOSS, prompt_cache_hit_tokens=400, prompt_cache_miss_tokens=100)


def groq(asked: Asked) -> Answer:
    """A draw that does not fit the schema is a 400; a wait is said in minutes and seconds."""
    if asked.number == 1:
        said = "Failed to generate JSON. Please adjust your prompt."
        return refused(400, said, code="json_validate_failed", failed_generation="{")
    if asked.number == 2:
        return refused(429, "Rate limit reached. Please try again in 0m0.05s.")
    return thinking(asked)


def mistral(asked: Asked) -> Answer:
    """Whatever it does not know is a 422, in a list of details; text comes in parts."""
    for name in ("seed", "max_completion_tokens"):
        if name in asked.body:
            fault = {"type": "extra_forbidden", "loc": ["body", name], "msg": "not permitted"}
            return 422, {"object": "error", "message": {"detail": [fault]}}
    status, reply = completion(GLOSS)
    reply["choices"][0]["message"]["content"] = [{"type": "text", "text": GLOSS}]
    return status, reply


def together(asked: Asked) -> Answer:
    """A request that is too long is a 422."""
    if "từ 1" in asked.body["messages"][-1]["content"]:
        return refused(422, "`inputs` tokens + `max_new_tokens` must be <= 8193")
    return completion(GLOSS)


def xai(asked: Asked) -> Answer:
    """Thoughts are no part of ``completion_tokens``, only of the total."""
    status, reply = thinking(asked)
    reply["usage"]["completion_tokens"] = TEXT
    return status, reply


def vllm(asked: Asked) -> Answer:
    """Without a reasoning parser the thoughts stand in the text."""
    return thinking(asked, shown="<think>Từ «khoan» là")


def ollama(asked: Asked) -> Answer:
    """Thoughts in a field of their own; no key, no error for a field that it does not know."""
    return thinking(asked)


def llama_cpp(asked: Asked) -> Answer:
    """While it loads its model it is not there for anybody."""
    if asked.number <= 2:
        return 503, {
            "error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}
        }
    return completion(GLOSS)


OF_PRESETS: dict[str, Provider] = {
    "openai": openai_reasoning,
    "azure": azure,
    "gemini": gemini,
    "openrouter": openrouter,
    "deepseek": deepseek,
    "groq": groq,
    "mistral": mistral,
    "together": together,
    "xai": xai,
    "vllm": vllm,
    "ollama": ollama,
    "llama-cpp": llama_cpp,
}


@dataclass
class Arrivals:
    """Where a mock is served, and what it was asked."""

    address: str
    asked: list[Asked] = field(default_factory=list)


@asynccontextmanager
async def served(provider: Provider) -> AsyncIterator[Arrivals]:
    """Serves a mock on loopback while the body runs."""

    async def handle(request: web.BaseRequest) -> web.Response:
        if request.method == "GET":
            return web.json_response({"data": []})
        asked = Asked(
            json.loads(await request.read()),
            request.path,
            dict(request.query),
            request.headers.copy(),
            len(arrivals.asked) + 1,
        )
        arrivals.asked.append(asked)
        status, body = provider(asked)
        return web.json_response(body, status=status)

    runner = web.ServerRunner(web.Server(handle, access_log=None))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    arrivals = Arrivals(f"http://127.0.0.1:{runner.addresses[0][1]}")
    try:
        yield arrivals
    finally:
        await runner.cleanup()
