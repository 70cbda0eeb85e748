"""A seeded OpenAI-compatible server on loopback, with the faults of real ones.

    python -m testing.mock_server --port 0 --latency 0.05 --p-429 0.02

prints ``base_url http://127.0.0.1:PORT/v1`` and serves until it is stopped. A responder
(``--responder MODULE:NAME``, called with the request's body and headers) writes the replies;
the default fills in the JSON schema that it is given. ``GET /stats`` returns the counts.

Faults are drawn per arrival, in the order of arrival, from one seeded generator: a request
that is sent again has a new chance.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import random
import subprocess
import sys
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from types import TracebackType
from typing import Any, Self

import orjson
from aiohttp import web

Responder = Callable[[dict[str, Any], Mapping[str, str]], str]


class Failure(Exception):  # noqa: N818 - it is an answer, not an error of this program
    """Raised by a responder to answer one request with an error of its choice."""

    def __init__(self, status: int, message: str, **headers: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


@dataclass(frozen=True, slots=True)
class Plan:
    """How the server behaves. Times in seconds; probabilities per arriving request."""

    seed: int = 0
    latency: float = 0.0
    p_slow: float = 0.0
    """Share of replies that take ``slow_factor`` times the latency."""
    slow_factor: float = 10.0
    p_429: float = 0.0
    retry_after: str = "1"
    """Header of a 429, as it is sent; empty for none."""
    p_500: float = 0.0
    p_reset: float = 0.0
    p_truncated: float = 0.0
    """Share of bodies cut off in the middle, shorter than their Content-Length."""
    p_malformed: float = 0.0
    """Share of bodies that are complete and no JSON."""
    p_bad_reply: float = 0.0
    """Share of replies whose text is cut off: a valid body with invalid content."""
    slots: int = 0
    """Requests served at a time, others queue; 0 for no bound."""
    per_second: float = 0.0
    """Rate above which requests get a 429; 0 for none."""
    refuse: str = ""
    """Comma-separated names of body fields that get a 400 naming them; ``json_schema`` too."""
    api_key: str = ""
    model: str = ""
    """The only model there is; empty: any."""


@dataclass(slots=True)
class Stats:
    """What arrived and what was answered."""

    arrived: int = 0
    answered: int = 0
    under_way: int = 0
    most_under_way: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    items: Counter[str] = field(default_factory=Counter)
    """Arrivals by ``x-viconwsd-item``, where ``count_items`` is on."""

    def as_json(self) -> bytes:
        """All counts, as ``GET /stats`` returns them."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return orjson.dumps(
            {name: dict(v) if isinstance(v, Counter) else v for name, v in values.items()}
        )


def fill_schema(body: dict[str, Any], headers: Mapping[str, str]) -> str:
    """A reply that fits the request's JSON schema: strings numbered, lists of three."""
    del headers
    response_format = body.get("response_format") or {}
    schema = response_format.get("json_schema", {}).get("schema")
    if schema is None:
        return '{"text": "Xin chào."}'
    return orjson.dumps(_filled(schema, schema, 1)).decode()


def _filled(node: dict[str, Any], root: dict[str, Any], number: int) -> Any:
    if "$ref" in node:
        return _filled(root["$defs"][node["$ref"].rsplit("/", 1)[1]], root, number)
    if "anyOf" in node:
        return _filled(node["anyOf"][0], root, number)
    if "enum" in node:
        return node["enum"][0]
    kind = node.get("type")
    if kind == "object":
        return {name: _filled(value, root, number) for name, value in node["properties"].items()}
    if kind == "array":
        n = max(node.get("minItems", 0), min(3, node.get("maxItems", 3)))
        return [_filled(node["items"], root, i) for i in range(1, n + 1)]
    plain = {"integer": number, "number": float(number), "boolean": True, "null": None}
    return plain.get(str(kind), f"Câu văn mẫu số {number}.")


class MockServer:
    """The server in this process: ``async with MockServer(plan) as server: server.base_url``."""

    def __init__(
        self,
        plan: Plan | None = None,
        responder: Responder = fill_schema,
        *,
        port: int = 0,
        count_items: bool = False,
    ) -> None:
        self.plan = plan or Plan()
        self.stats = Stats()
        self._responder = responder
        self._port = port
        self._count_items = count_items
        self._random = random.Random(self.plan.seed)
        self._slots = asyncio.Semaphore(self.plan.slots) if self.plan.slots else None
        self._allowed = 1.0
        self._allowed_at = 0.0
        self._refused = tuple(name for name in self.plan.refuse.split(",") if name)
        self._runner: web.ServerRunner | None = None
        self.base_url = ""

    async def __aenter__(self) -> Self:
        # web.Server is the handler without an application: no routing, no middleware.
        server = web.Server(self._handle, access_log=None)
        self._runner = web.ServerRunner(server, shutdown_timeout=0.5)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port, backlog=4096)
        await site.start()
        self.base_url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/v1"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._runner is not None:
            await self._runner.shutdown()
            await self._runner.cleanup()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.path == "/stats":
            return answer(self.stats.as_json())
        if request.path == "/v1/models":
            models = [{"id": self.plan.model or "mock", "object": "model"}]
            return answer({"object": "list", "data": models})
        if request.path != "/v1/chat/completions":
            return failure(404, f"no such path: {request.path}", "not_found")
        stats = self.stats
        stats.arrived += 1
        stats.under_way += 1
        stats.most_under_way = max(stats.most_under_way, stats.under_way)
        try:
            return await self._complete(request)
        finally:
            stats.under_way -= 1

    async def _complete(self, request: web.BaseRequest) -> web.StreamResponse:
        raw = await request.read()
        if self._count_items:
            self.stats.items[request.headers.get("x-viconwsd-item", "")] += 1
        body: dict[str, Any] = orjson.loads(raw)
        refusal = self._refusal(body, request.headers)
        if refusal is not None:
            self.stats.faults[f"http_{refusal.status}"] += 1
            return refusal
        fault = self._draw()
        if fault is not None:
            self.stats.faults[fault] += 1
        if fault == "http_429" or self._too_fast():
            headers = {"Retry-After": self.plan.retry_after} if self.plan.retry_after else {}
            return failure(429, "rate limit reached", "rate_limit_exceeded", headers)
        if fault == "http_500":
            return failure(500, "the server had an error", "server_error")
        if self._slots is None:
            await self._wait()
        else:
            async with self._slots:
                await self._wait()
        if fault == "reset":
            return await self._reset(request)
        try:
            text = self._responder(body, request.headers)
        except Failure as refused:
            self.stats.faults[f"http_{refused.status}"] += 1
            return failure(refused.status, refused.message, "failure", refused.headers)
        if fault == "bad_reply":
            text = text[: len(text) // 2]
        reply = self._envelope(body, raw, text)
        if fault == "malformed":
            reply = b"<html>bad gateway</html>"
        if fault == "truncated":
            return await self._cut_off(request, reply)
        self.stats.answered += 1
        return answer(reply)

    def _refusal(self, body: dict[str, Any], headers: Mapping[str, str]) -> web.Response | None:
        plan = self.plan
        if plan.api_key and headers.get("Authorization") != f"Bearer {plan.api_key}":
            sent = headers.get("Authorization", "")
            return failure(401, f"Incorrect API key provided: {sent}", "invalid_api_key")
        if plan.model and body.get("model") != plan.model:
            return failure(
                404, f"The model {body.get('model')!r} does not exist", "model_not_found"
            )
        for name in self._refused:
            form = (body.get("response_format") or {}).get("type")
            if name == form or name in body:
                hint = "; use 'max_completion_tokens'" if name == "max_tokens" else ""
                named = "response_format" if name == form else name
                return failure(400, f"Unsupported parameter: '{named}' {name}{hint}", "unsupported")
        return None

    def _draw(self) -> str | None:
        plan, drawn = self.plan, self._random.random()
        for name, share in (
            ("http_429", plan.p_429),
            ("http_500", plan.p_500),
            ("reset", plan.p_reset),
            ("truncated", plan.p_truncated),
            ("malformed", plan.p_malformed),
            ("bad_reply", plan.p_bad_reply),
        ):
            if drawn < share:
                return name
            drawn -= share
        return None

    def _too_fast(self) -> bool:
        if not self.plan.per_second:
            return False
        now = asyncio.get_running_loop().time()
        gained = (now - self._allowed_at) * self.plan.per_second
        self._allowed = min(self.plan.per_second, self._allowed + gained)
        self._allowed_at = now
        if self._allowed < 1:
            self.stats.faults["too_fast"] += 1
            return True
        self._allowed -= 1
        return False

    async def _wait(self) -> None:
        plan = self.plan
        slow = plan.p_slow and self._random.random() < plan.p_slow
        seconds = plan.latency * (plan.slow_factor if slow else 1.0)
        if seconds:
            await asyncio.sleep(seconds)

    def _envelope(self, body: dict[str, Any], raw: bytes, text: str) -> bytes:
        prompt_tokens, completion_tokens = len(raw) // 3, len(text.encode()) // 3 + 1
        limit = body.get("max_tokens") or body.get("max_completion_tokens") or 1 << 30
        finish = "stop"
        if completion_tokens > limit:
            text, completion_tokens, finish = text[: limit * 2], limit, "length"
        self.stats.prompt_tokens += prompt_tokens
        self.stats.completion_tokens += completion_tokens
        return orjson.dumps(
            {
                "id": f"chatcmpl-{self.stats.arrived}",
                "object": "chat.completion",
                "created": 1_700_000_000,
                "model": body.get("model", ""),
                "choices": [
                    {
                        "index": 0,
                        "message": {"role": "assistant", "content": text, "refusal": None},
                        "finish_reason": finish,
                    }
                ],
                "usage": {
                    "prompt_tokens": prompt_tokens,
                    "completion_tokens": completion_tokens,
                    "total_tokens": prompt_tokens + completion_tokens,
                },
            }
        )

    async def _reset(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.transport is not None:
            request.transport.abort()
        return web.Response()

    async def _cut_off(self, request: web.BaseRequest, reply: bytes) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        response.content_length = len(reply)
        await response.prepare(request)
        await response.write(reply[: len(reply) // 2])
        if request.transport is not None:
            request.transport.abort()
        return response


def answer(content: object) -> web.Response:
    """A body of JSON: bytes as they are, anything else made into it."""
    body = content if isinstance(content, bytes) else orjson.dumps(content)
    return web.Response(body=body, content_type="application/json")


def failure(
    status: int, message: str, code: str, headers: dict[str, str] | None = None
) -> web.Response:
    """An error as OpenAI shows it."""
    error = {"error": {"message": message, "type": code, "code": code, "param": None}}
    return web.Response(
        status=status,
        body=orjson.dumps(error),
        content_type="application/json",
        headers=headers,
    )


def seeded_choice(text: str, n: int) -> int:
    """A number below ``n`` that depends on ``text`` only; for responders."""
    return zlib.crc32(text.encode()) % n


@contextmanager
def spawned(*arguments: str) -> Iterator[str]:
    """The base_url of a server in a process of its own, run with these command-line options."""
    command = [sys.executable, "-m", "testing.mock_server", "--port", "0", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().split()[1]
        finally:
            process.terminate()


async def serve(plan: Plan, responder: Responder, port: int, *, count_items: bool) -> None:
    """Serve until cancelled, having printed the address."""
    async with MockServer(plan, responder, port=port, count_items=count_items) as server:
        print(f"base_url {server.base_url}", flush=True)
        await asyncio.Event().wait()


def main(arguments: list[str] | None = None) -> None:
    """The command line; each field of Plan is an option."""
    parser = argparse.ArgumentParser(description="a mock of an OpenAI-compatible endpoint")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--responder", default="testing.mock_server:fill_schema")
    parser.add_argument("--count-items", action="store_true")
    for each in fields(Plan):
        option = "--" + each.name.replace("_", "-")
        parser.add_argument(option, type=type(each.default), default=each.default)
    given = vars(parser.parse_args(arguments))
    module, _, name = given.pop("responder").partition(":")
    responder: Responder = getattr(importlib.import_module(module), name)
    port, count_items = given.pop("port"), given.pop("count_items")
    try:
        asyncio.run(serve(Plan(**given), responder, port, count_items=count_items))
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
