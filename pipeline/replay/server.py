"""A chat-completions endpoint on loopback that answers from recordings."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import unquote

from aiohttp import web

from pipeline.llm.http import ITEM_HEADER
from pipeline.replay.recordings import Recordings


@asynccontextmanager
async def serving(recordings: Recordings) -> AsyncIterator[str]:
    """Serves the recordings while the body runs; yields the base_url."""
    app = web.Application(client_max_size=16 * 2**20)
    app.router.add_post("/v1/chat/completions", _Handler(recordings).complete)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}/v1"
    finally:
        await runner.cleanup()


class _Handler:
    def __init__(self, recordings: Recordings) -> None:
        self._recordings = recordings

    async def complete(self, request: web.Request) -> web.Response:
        body: dict[str, Any] = await request.json()
        item = unquote(request.headers.get(ITEM_HEADER, ""))
        user = next(m["content"] for m in reversed(body["messages"]) if m["role"] == "user")
        text = self._recordings.reply(item, user)
        if text is None:
            error = {"message": f"no reply was recorded for {item}", "code": "not_recorded"}
            return web.json_response({"error": error}, status=400)
        return web.json_response(_completion(body, text))


def _completion(body: dict[str, Any], text: str) -> dict[str, Any]:
    asked = sum(len(message["content"]) for message in body["messages"])
    # Recordings carry no token counts; three characters count as one.
    usage = {"prompt_tokens": asked // 3, "completion_tokens": len(text) // 3}
    return {
        "object": "chat.completion",
        "model": body["model"],
        "choices": [
            {
                "index": 0,
                "finish_reason": "stop",
                "message": {"role": "assistant", "content": text},
            }
        ],
        "usage": usage | {"total_tokens": sum(usage.values())},
    }
