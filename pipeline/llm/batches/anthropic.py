"""Batches of messages: requests go along with the making, results come as one stream."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from pipeline.llm.anthropic import completion_of, message_request
from pipeline.llm.batches.answers import PAGES, UPLOAD_S, get, id_in, rows_of
from pipeline.llm.batches.book import Batch
from pipeline.llm.batches.service import GONE, BatchFiles, BatchState, Holds, Line, Lookup
from pipeline.llm.faults import RefusedError
from pipeline.llm.http import HttpTransport

SKEW_S = 300.0
"""What the provider's clock may be behind ours."""
PIECE = 2**18
_STATUS = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "overloaded_error": 529,
}


class AnthropicFiles:
    """No files go up; results lie at an address that the batch names."""

    def __init__(self, wire: HttpTransport) -> None:
        self._wire = wire

    async def upload(self, name: str, path: Path) -> str:
        """Nothing goes up before the batch."""
        del name, path
        return ""

    async def find(self, name: str) -> str | None:
        """There is never a file."""
        del name
        return None

    def lines(self, file: str) -> AsyncIterator[bytes]:
        """Read results while they come in."""
        return self._wire.lines(file)

    async def close(self) -> None:
        """Close all connections."""
        await self._wire.close()


class AnthropicBatches:
    """Lines {custom_id, params}, sent as one body; a batch bears nothing of ours but these."""

    def __init__(self, wire: HttpTransport) -> None:
        self._wire = wire
        self.files: BatchFiles = AnthropicFiles(wire)

    async def create(self, batch: Batch, path: Path) -> str:
        """Make a batch of all lines."""
        del batch
        size = path.stat().st_size + len(b'{"requests":[') + len(b"]}") - 1
        headers = {"Content-Length": str(size)}
        response = await self._wire.request(
            "POST", "/messages/batches", UPLOAD_S, headers, content=_body(path)
        )
        return id_in(self._wire.content(response))

    async def find(self, batch: Batch, known: frozenset[str], holds: Holds) -> str | Lookup:
        """Look for a batch made since then, of as many requests, whose results are ours.

        While one is being worked on that may be ours, nobody can tell.
        """
        after = ""
        for _ in range(PAGES):
            page = await get(self._wire, f"/messages/batches?limit=100{after}")
            for each in rows_of(page):
                if _made(each) < (batch.tried or 0) - SKEW_S:
                    return "absent"
                counts = each.get("request_counts") or {}
                n = sum(int(count or 0) for count in counts.values())
                if each["id"] in known or n not in (0, batch.requests):
                    continue
                if each.get("processing_status") != "ended":
                    return "undecided"
                if await self._answers(str(each.get("results_url")), holds):
                    return str(each["id"])
            if not page.get("has_more"):
                return "absent"
            after = f"&after_id={page.get('last_id')}"
        return "absent"

    async def _answers(self, results: str, holds: Holds) -> bool:
        """Whether the first line of results is ours; no, where they are kept no longer."""
        try:
            async for row in self.files.lines(results):
                line = self.read(row)
                return line is not None and holds(line.key)
        except RefusedError as refused:
            if refused.status not in GONE:
                raise
        return False

    async def look(self, batch_id: str) -> BatchState:
        """Ask how far a batch is; its counts stay as they are until it has ended."""
        found = await get(self._wire, f"/messages/batches/{batch_id}")
        counts = found.get("request_counts") or {}
        ended = found.get("processing_status") == "ended"
        results = found.get("results_url")
        return BatchState(
            str(found.get("processing_status")),
            ended=ended,
            done=int(counts.get("succeeded") or 0),
            failed=int(counts.get("errored") or 0),
            files=(str(results),) if ended and results else (),
        )

    def read(self, line: bytes) -> Line | None:
        """What a line says: succeeded, errored, canceled or expired."""
        try:
            fields = orjson.loads(line)
            key, result = fields["custom_id"], fields["result"]
            if result["type"] == "succeeded":
                return Line(key, 200, completion_of(orjson.dumps(result["message"])))
            if result["type"] != "errored":
                return Line(key, 0)
            error = result["error"].get("error") or result["error"]
            return Line(key, _STATUS.get(error["type"], 500), str(error.get("message")).encode())
        except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
            return None

    async def cancel(self, batch_id: str) -> None:
        """Ask to stop a batch."""
        await self._wire.request("POST", f"/messages/batches/{batch_id}/cancel", content=b"")

    async def close(self) -> None:
        """Close all connections."""
        await self._wire.close()


def anthropic_line(key: str, body: bytes) -> bytes:
    """One request of a batch."""
    return orjson.dumps({"custom_id": key, "params": message_request(orjson.loads(body))})


async def _body(path: Path) -> AsyncIterator[bytes]:
    """The lines of a file as {"requests": [...]}, in pieces."""
    piece = b'{"requests":['
    with path.open("rb") as file:
        for n, line in enumerate(file):
            piece += (b"," if n else b"") + line.rstrip(b"\n")
            if len(piece) >= PIECE:
                yield piece
                piece = b""
    yield piece + b"]}"


def _made(found: dict[str, Any]) -> float:
    return datetime.fromisoformat(str(found["created_at"]).replace("Z", "+00:00")).timestamp()
