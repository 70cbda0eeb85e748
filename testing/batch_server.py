"""A batch interface on loopback, as providers document theirs, with the faults that were seen.

``async with BatchServer(BatchPlan(...)) as server`` serves ``server.base_url``: files, batches and
chat completions. A batch moves on each time it is looked at, so that nothing depends on a clock.
Faults are drawn from one seeded generator.
"""

from __future__ import annotations

import asyncio
import email
import email.policy
import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any

import orjson
from aiohttp import web

from testing.mock_server import (
    Failure,
    MockServer,
    Plan,
    Responder,
    answer,
    failure,
    fill_schema,
)


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """How the server treats batches; shares are of batches or of their lines."""

    seed: int = 0
    looks: int = 2
    """Looks at a batch until it has ended."""
    finalizing: int = 0
    """Looks more that it stands at "finalizing"."""
    enqueued: int = 0
    """Requests that may be under way in all; above that a batch is rejected. 0: any number."""
    p_lost_create: float = 0.0
    """A batch is made, and the client sees its connection break."""
    p_lost_upload: float = 0.0
    p_expired: float = 0.0
    """Half of the lines done, the others in the error file."""
    p_error_only: float = 0.0
    """Completed without an output file: every line failed with a 500."""
    p_rejected: float = 0.0
    """Rejected whole for the quota, once."""
    p_cancelled: float = 0.0
    """Cancelled from outside, with what was done."""
    p_poll_429: float = 0.0
    p_cut: float = 0.0
    """A results file that ends in the middle of a line, this once."""
    p_line_400: float = 0.0
    p_line_500: float = 0.0
    p_missing: float = 0.0
    """Lines that are done, billed, and in no file."""
    p_doubled: float = 0.0
    shuffled: bool = True
    files_gone: bool = False
    """Results are gone before they are read."""
    reject: str = ""
    """Every batch is rejected with this code."""
    refuse_model: str = ""


@dataclass(slots=True)
class ServedBatch:
    """A batch at the server."""

    id: str
    file: str
    metadata: dict[str, str]
    lines: list[dict[str, Any]]
    order: int
    state: str = "validating"
    fate: str = "completed"
    looks: int = 0
    output: bytes = b""
    errors: bytes = b""
    done: int = 0
    failed: int = 0
    files: dict[str, bytes] = field(default_factory=dict)


class BatchServer(MockServer):
    """The server in this process; ``label_of`` tells a responder what a line's key stands for."""

    def __init__(
        self,
        batches: BatchPlan | None = None,
        responder: Responder = fill_schema,
        *,
        plan: Plan | None = None,
        label_of: Callable[[str], str] = lambda _: "",
        port: int = 0,
    ) -> None:
        super().__init__(plan, responder, port=port, count_items=True)
        self.batch_plan = batches or BatchPlan()
        self.label_of = label_of
        self.batches: dict[str, ServedBatch] = {}
        self.uploads: dict[str, tuple[str, bytes]] = {}
        self.submitted: Counter[str] = Counter()
        """How often each key came in a batch that was made."""
        self.doubled: list[str] = []
        """Keys that came again while their reply was under way, or could be read."""
        self.readable: set[str] = set()
        """Keys whose reply stands in a file of results."""
        self._draws = random.Random(self.batch_plan.seed)
        self._cuts: set[str] = set()

    def account(self) -> dict[str, Any]:
        """What was asked of it, and what it has done."""
        return {
            "batches": len(self.batches),
            "under_way": sum(each.state not in ENDED for each in self.batches.values()),
            "submitted": sum(self.submitted.values()),
            "doubled": self.doubled,
            "readable": sorted(self.readable),
            "online": self.stats.answered,
            "prompt_tokens": self.stats.prompt_tokens,
            "completion_tokens": self.stats.completion_tokens,
        }

    # -- routes --------------------------------------------------------------------------------

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        path, method = request.path.removeprefix("/v1"), request.method
        if path == "/stats":
            return answer(self.account())
        if path.startswith(("/files", "/batches")):
            if self.plan.api_key:
                wanted = f"Bearer {self.plan.api_key}"
                if request.headers.get("Authorization") != wanted:
                    return failure(401, "Incorrect API key provided", "invalid_api_key")
            parts = path.strip("/").split("/")
            if parts[0] == "files":
                return await self._files(request, method, parts[1:])
            return await self._batches(request, method, parts[1:])
        return await super()._handle(request)

    async def _files(
        self, request: web.BaseRequest, method: str, parts: list[str]
    ) -> web.StreamResponse:
        if method == "POST" and parts in ([], ["upload"]):
            name, content = await uploaded(request)
            id_ = f"file-{len(self.uploads) + 1}"
            self.uploads[id_] = (name, content)
            if self._falls(self.batch_plan.p_lost_upload):
                return await self._reset(request)
            return answer({"id": id_, "object": "file", "filename": name, "bytes": len(content)})
        if not parts:
            rows = [
                {"id": id_, "filename": name, "purpose": "batch"}
                for id_, (name, _) in reversed(self.uploads.items())
            ]
            return answer({"object": "list", "data": rows, "has_more": False})
        content = self._results(parts[0])
        if parts[1:] == ["content"] and content is not None:
            return await self._sent(request, parts[0], content)
        return failure(404, f"No such File object: {parts[0]}", "not_found")

    def _results(self, file: str) -> bytes | None:
        if self.batch_plan.files_gone:
            return None
        found = (batch.files.get(file) for batch in self.batches.values())
        return next((content for content in found if content is not None), None)

    async def _sent(
        self, request: web.BaseRequest, file: str, content: bytes
    ) -> web.StreamResponse:
        """A file of results, perhaps cut in the middle of a line the first time."""
        if file not in self._cuts and self._falls(self.batch_plan.p_cut):
            self._cuts.add(file)
            return web.Response(body=content[: len(content) * 2 // 3])
        return web.Response(body=content)

    async def _batches(
        self, request: web.BaseRequest, method: str, parts: list[str]
    ) -> web.StreamResponse:
        if not parts and method == "POST":
            return await self._create(request, orjson.loads(await request.read()))
        if not parts:
            return answer(self._page(request))
        batch = self.batches.get(parts[0])
        if batch is None:
            return failure(404, f"No such batch: {parts[0]}", "not_found")
        if parts[1:] == ["cancel"]:
            batch.fate, batch.state = "cancelled", "cancelling"
            return answer(self.shown(batch))
        if self._falls(self.batch_plan.p_poll_429):
            return failure(429, "Rate limit reached", "rate_limit_exceeded", {"Retry-After": "0"})
        self.look(batch)
        return answer(self.shown(batch))

    def _page(self, request: web.BaseRequest) -> dict[str, Any]:
        limit, after = int(request.query.get("limit", "20")), request.query.get("after")
        rows = [self.shown(batch) for batch in reversed(self.batches.values())]
        if after:
            ids = [row["id"] for row in rows]
            rows = rows[ids.index(after) + 1 :]
        page = rows[:limit]
        return {"object": "list", "data": page, "has_more": len(rows) > limit}

    # -- batches -------------------------------------------------------------------------------

    async def _create(self, request: web.BaseRequest, asked: dict[str, Any]) -> web.StreamResponse:
        file = asked.get("input_file_id", "")
        if file not in self.uploads:
            return failure(404, f"No such File object: {file}", "not_found")
        lines = [orjson.loads(line) for line in self.uploads[file][1].splitlines()]
        batch = self.make(file, dict(asked.get("metadata") or {}), lines)
        if self._falls(self.batch_plan.p_lost_create):
            return await self._reset(request)
        return answer(self.shown(batch))

    def make(self, file: str, metadata: dict[str, str], lines: list[dict[str, Any]]) -> ServedBatch:
        """A new batch, and what will become of it."""
        plan = self.batch_plan
        number = len(self.batches) + 1
        batch = ServedBatch(f"batch_{number}", file, metadata, lines, number)
        under_way = sum(
            len(each.lines) for each in self.batches.values() if each.state not in ENDED
        )
        self.batches[batch.id] = batch
        if plan.reject:
            batch.fate = f"rejected {plan.reject}"
        elif plan.refuse_model and any(
            each["body"]["model"] == plan.refuse_model for each in lines
        ):
            batch.fate = "rejected model_not_found"
        elif self._falls(plan.p_rejected) or 0 < plan.enqueued < under_way + len(lines):
            batch.fate = "rejected token_limit_exceeded"
        else:
            drawn = self._draws.random()
            for fate, share in (
                ("expired", plan.p_expired),
                ("error only", plan.p_error_only),
                ("cancelled", plan.p_cancelled),
            ):
                if drawn < share:
                    batch.fate = fate
                    break
                drawn -= share
        if not batch.fate.startswith("rejected"):
            for line in lines:
                self._count(line["custom_id"], batch)
        return batch

    def _count(self, key: str, batch: ServedBatch) -> None:
        self.submitted[key] += 1
        elsewhere = any(
            each is not batch
            and each.state not in ENDED
            and not each.fate.startswith("rejected")
            and any(line["custom_id"] == key for line in each.lines)
            for each in self.batches.values()
        )
        if key in self.readable or elsewhere:
            self.doubled.append(key)

    def look(self, batch: ServedBatch) -> None:
        """Move a batch on, as time would."""
        if batch.state in ENDED:
            return
        batch.looks += 1
        plan = self.batch_plan
        if batch.fate.startswith("rejected"):
            batch.state = "failed"
        elif batch.looks >= plan.looks + plan.finalizing:
            self._end(batch)
        elif batch.looks >= plan.looks:
            batch.state = "finalizing"
        elif batch.state != "cancelling":
            batch.state = "in_progress"

    def _end(self, batch: ServedBatch) -> None:
        plan, lines = self.batch_plan, list(batch.lines)
        if plan.shuffled:
            self._draws.shuffle(lines)
        n_done = len(lines) // 2 if batch.fate in ("expired", "cancelled") else len(lines)
        good: list[bytes] = []
        bad: list[bytes] = []
        for n, line in enumerate(lines):
            key = line["custom_id"]
            if n >= n_done:
                code = "batch_expired" if batch.fate == "expired" else "batch_cancelled"
                error = {"code": code, "message": "This request was not executed."}
                bad.append(self.result(key, 0, None, error))
                continue
            status, body = self._answered(line, batch.fate)
            batch.done += status == 200
            batch.failed += status != 200
            if status == 200 and self._falls(plan.p_missing):
                continue
            place = good if status == 200 else bad
            place.append(self.result(key, status, body, None))
            if status == 200:
                self.readable.add(key)
            if self._falls(plan.p_doubled):
                place.append(place[-1])
        batch.state = "completed" if batch.fate == "error only" else batch.fate
        for name, rows in (("output", good), ("errors", bad)):
            if rows:
                batch.files[f"{batch.id}-{name}"] = b"\n".join(rows) + b"\n"

    def _answered(self, line: dict[str, Any], fate: str) -> tuple[int, dict[str, Any]]:
        plan, body = self.batch_plan, line["body"]
        if fate == "error only" or self._falls(plan.p_line_500):
            return 500, {"error": {"message": "The server had an error", "code": "server_error"}}
        if self._falls(plan.p_line_400):
            return 400, {"error": {"message": "Invalid value: 'x'", "code": "invalid_value"}}
        headers = {"x-viconwsd-item": self.label_of(line["custom_id"])}
        try:
            text = self._responder(body, headers)
        except Failure as refused:
            return refused.status, {"error": {"message": refused.message, "code": "failure"}}
        raw = orjson.dumps(body)
        return 200, orjson.loads(self._envelope(body, raw, text))

    def result(
        self, key: str, status: int, body: dict[str, Any] | None, error: dict[str, Any] | None
    ) -> bytes:
        """A line of a file of results."""
        response = {"status_code": status, "request_id": "r", "body": body} if body else None
        return orjson.dumps(
            {"id": f"batch_req_{key}", "custom_id": key, "response": response, "error": error}
        )

    def shown(self, batch: ServedBatch) -> dict[str, Any]:
        """A batch as the interface shows it."""
        errors = None
        if batch.state == "failed":
            code = batch.fate.removeprefix("rejected ")
            errors = {"object": "list", "data": [{"code": code, "message": f"rejected: {code}"}]}
        ended = batch.state in ENDED
        return {
            "id": batch.id,
            "object": "batch",
            "endpoint": "/v1/chat/completions",
            "errors": errors,
            "input_file_id": batch.file,
            "completion_window": "24h",
            "status": batch.state,
            "output_file_id": self._file(batch, "output") if ended else None,
            "error_file_id": self._file(batch, "errors") if ended else None,
            "created_at": 1_700_000_000 + batch.order,
            "request_counts": {
                "total": len(batch.lines),
                "completed": batch.done,
                "failed": batch.failed,
            },
            "metadata": batch.metadata,
        }

    def _file(self, batch: ServedBatch, name: str) -> str | None:
        id_ = f"{batch.id}-{name}"
        return id_ if id_ in batch.files else None

    def _falls(self, share: float) -> bool:
        return share > 0 and self._draws.random() < share


ENDED = frozenset({"completed", "failed", "expired", "cancelled"})


async def uploaded(request: web.BaseRequest) -> tuple[str, bytes]:
    """Name and content of the file in a form of several parts."""
    head = b"Content-Type: " + request.headers["Content-Type"].encode() + b"\r\n\r\n"
    form = email.message_from_bytes(head + await request.read(), policy=email.policy.HTTP)
    for part in form.iter_parts():  # type: ignore[attr-defined]
        if part.get_filename():
            return part.get_filename(), part.get_payload(decode=True)
    raise Failure(400, "no file in the form")


@contextmanager
def threaded(server: BatchServer) -> Iterator[BatchServer]:
    """Serves while the body runs, in a thread, so that the body may run a loop of its own."""
    loop, ready, stop = asyncio.new_event_loop(), Event(), asyncio.Event()

    async def serve() -> None:
        async with server:
            ready.set()
            await stop.wait()

    thread = Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    try:
        ready.wait(10)
        yield server
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()
