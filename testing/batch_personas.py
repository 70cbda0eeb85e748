"""The batch server as Mistral, Together, Gemini and Anthropic speak: paths, fields and states."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
from aiohttp import web

from testing.batch_server import ENDED, BatchServer, ServedBatch
from testing.mock_server import Failure, answer, failure

_JOB_STATES = {
    "validating": "QUEUED",
    "in_progress": "RUNNING",
    "finalizing": "RUNNING",
    "completed": "SUCCESS",
    "failed": "FAILED",
    "expired": "TIMEOUT_EXCEEDED",
    "cancelling": "CANCELLATION_REQUESTED",
    "cancelled": "CANCELLED",
}


class MistralServer(BatchServer):
    """Jobs of files whose lines are {custom_id, body}."""

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.path.removeprefix("/v1")
        if path.startswith("/batch/jobs"):
            return await self._batches(request, request.method, path.split("/")[3:])
        return await super()._handle(request)

    async def _create(self, request: web.BaseRequest, asked: dict[str, Any]) -> web.StreamResponse:
        if set(asked) != {"input_files", "endpoint", "model", "timeout_hours", "metadata"}:
            return failure(422, f"unexpected fields: {sorted(asked)}", "invalid_request")
        (file,) = asked["input_files"]
        if file not in self.uploads:
            return failure(404, f"No such file: {file}", "not_found")
        lines = [orjson.loads(line) for line in self.uploads[file][1].splitlines()]
        if any(set(line) != {"custom_id", "body"} or "model" in line["body"] for line in lines):
            return failure(422, "unexpected fields in a line", "invalid_request")
        for line in lines:
            line["body"]["model"] = asked["model"]
        batch = self.make(file, asked["metadata"], lines)
        if self._falls(self.batch_plan.p_lost_create):
            return await self._reset(request)
        return answer(self.shown(batch))

    def shown(self, batch: ServedBatch) -> dict[str, Any]:
        """A job."""
        plain = super().shown(batch)
        said = [{"message": each["message"]} for each in (plain["errors"] or {}).get("data", [])]
        return {
            "id": batch.id,
            "object": "batch",
            "input_files": [batch.file],
            "status": _JOB_STATES[batch.state],
            "output_file": plain["output_file_id"],
            "error_file": plain["error_file_id"],
            "errors": said,
            "metadata": batch.metadata,
            "total_requests": len(batch.lines),
            "succeeded_requests": batch.done,
            "failed_requests": batch.failed,
        }


class TogetherServer(BatchServer):
    """Files by a path and purpose of their own; batches without metadata, counts or pages."""

    async def _files(
        self, request: web.BaseRequest, method: str, parts: list[str]
    ) -> web.StreamResponse:
        if method == "POST":
            form = await request.read()
            wanted = (b'name="file_name"', b'name="purpose"', b"batch-api")
            if parts != ["upload"] or not all(each in form for each in wanted):
                return failure(400, "a file goes to /files/upload, as batch-api", "invalid")
        return await super()._files(request, method, parts)

    async def _batches(
        self, request: web.BaseRequest, method: str, parts: list[str]
    ) -> web.StreamResponse:
        if not parts and method == "GET":
            rows = [self.shown(batch) for batch in self.batches.values()]
            return answer(rows)
        return await super()._batches(request, method, parts)

    async def _create(self, request: web.BaseRequest, asked: dict[str, Any]) -> web.StreamResponse:
        made = await super()._create(request, asked)
        if isinstance(made, web.Response) and made.status == 200:
            assert isinstance(made.body, bytes)
            return answer({"job": orjson.loads(made.body), "warning": ""})
        return made

    def shown(self, batch: ServedBatch) -> dict[str, Any]:
        """A job, its state in capitals, and why it failed as one text."""
        plain = super().shown(batch)
        said = [each["message"] for each in (plain["errors"] or {}).get("data", [])]
        kept = ("id", "endpoint", "input_file_id", "output_file_id", "error_file_id")
        own = {"status": batch.state.upper(), "progress": 0.0, "error": said[0] if said else None}
        return {**{name: plain[name] for name in kept}, **own}


class GeminiServer(BatchServer):
    """Batches in OpenAI's shape, files by the native interface, its key in a header of its own."""

    async def __aenter__(self) -> GeminiServer:
        await super().__aenter__()
        self.base_url = self.base_url.removesuffix("/v1") + "/v1beta/openai"
        return self

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        path, host = request.path, self.base_url.removesuffix("/v1beta/openai")
        if path.startswith("/v1beta/openai/"):
            own = request.rel_url.with_path("/v1/" + path.removeprefix("/v1beta/openai/"))
            own = own.with_query(request.rel_url.query)
            return await super()._handle(request.clone(rel_url=own))
        wanted = self.plan.api_key
        if wanted and request.headers.get("x-goog-api-key") != wanted:
            return failure(400, "API key not valid. Please pass a valid API key.", "invalid")
        if path == "/upload/v1beta/files" and "upload_id" not in request.query:
            name = orjson.loads(await request.read())["file"]["display_name"]
            id_ = f"files/{len(self.uploads) + 1}"
            self.uploads[id_] = (name, b"")
            target = f"{host}/upload/v1beta/files?upload_id={id_}"
            return web.Response(headers={"X-Goog-Upload-URL": target})
        if path == "/upload/v1beta/files":
            id_ = request.query["upload_id"]
            self.uploads[id_] = (self.uploads[id_][0], await request.read())
            return answer({"file": {"name": id_, "displayName": self.uploads[id_][0]}})
        if path == "/v1beta/files":
            rows = [{"name": id_, "displayName": name} for id_, (name, _) in self.uploads.items()]
            return answer({"files": rows[::-1]})
        if path.startswith("/download/v1beta/files/"):
            file = path.removeprefix("/download/v1beta/files/").removesuffix(":download")
            content = self._results(file)
            if content is not None:
                return await self._sent(request, file, content)
        return failure(404, f"no such path: {path}", "not_found")

    async def _create(self, request: web.BaseRequest, asked: dict[str, Any]) -> web.StreamResponse:
        if "metadata" in asked:
            return failure(400, "Unknown name 'metadata'", "invalid")
        return await super()._create(request, asked)

    def shown(self, batch: ServedBatch) -> dict[str, Any]:
        """A batch whose id names its list, and whose files are native ones."""
        plain = super().shown(batch) | {"id": f"batches/{batch.id}", "metadata": None}
        for name in ("output_file_id", "error_file_id"):
            plain[name] = plain[name] and f"files/{plain[name]}"
        if batch.fate == "expired" and batch.state == "expired":
            plain["status"] = "JOB_STATE_PARTIALLY_SUCCEEDED"
        return plain


class AnthropicServer(BatchServer):
    """Messages, and batches of them whose requests come along."""

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.path.removeprefix("/v1")
        if path == "/stats":
            return await super()._handle(request)
        wanted = self.plan.api_key
        if (wanted and request.headers.get("x-api-key") != wanted) or (
            request.headers.get("anthropic-version") != "2023-06-01"
        ):
            return self._error(401, "authentication_error", "invalid x-api-key")
        if path == "/models":
            return answer({"data": []})
        if path == "/messages":
            self.stats.items[request.headers.get("x-viconwsd-item", "")] += 1
            asked = orjson.loads(await request.read())
            try:
                message = self.message(asked, request.headers.get("x-viconwsd-item", ""))
            except Failure as refused:
                return self._error(refused.status, "invalid_request_error", refused.message)
            self.stats.answered += 1
            return answer(message)
        if path.startswith("/messages/batches"):
            parts = path.split("/")[3:]
            if parts[1:] == ["results"]:
                content = self._results(f"{parts[0]}-output")
                if content is None:
                    return self._error(404, "not_found_error", "no such batch")
                return await self._sent(request, parts[0], content)
            return await self._batches(request, request.method, parts)
        return self._error(404, "not_found_error", f"no such path: {path}")

    @staticmethod
    def _error(status: int, kind: str, message: str) -> web.Response:
        body = {"type": "error", "error": {"type": kind, "message": message}}
        return web.Response(status=status, body=orjson.dumps(body), content_type="application/json")

    def message(self, asked: dict[str, Any], label: str) -> dict[str, Any]:
        """The message that answers a request, by the responder of chat completions."""
        if "response_format" in asked or any(m["role"] == "system" for m in asked["messages"]):
            raise Failure(400, "messages: Unexpected role or field")
        turns = list(asked["messages"])
        if asked.get("system"):
            turns = [{"role": "system", "content": asked["system"]}, *turns]
        text = self._responder({**asked, "messages": turns}, {"x-viconwsd-item": label})
        content: list[dict[str, Any]] = [{"type": "text", "text": text}]
        if asked.get("tools"):
            try:
                used = {"type": "tool_use", "id": "toolu_1", "name": asked["tools"][0]["name"]}
                content = [{**used, "input": orjson.loads(text)}]
            except orjson.JSONDecodeError:
                pass
        usage = {"input_tokens": len(orjson.dumps(asked)) // 3, "output_tokens": len(text) // 3}
        self.stats.prompt_tokens += usage["input_tokens"]
        self.stats.completion_tokens += usage["output_tokens"]
        return {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": asked["model"],
            "content": content,
            "stop_reason": "end_turn",
            "usage": usage,
        }

    async def _create(self, request: web.BaseRequest, asked: dict[str, Any]) -> web.StreamResponse:
        lines = [
            {"custom_id": each["custom_id"], "body": each["params"]} for each in asked["requests"]
        ]
        batch = self.make("", {}, lines)
        if self._falls(self.batch_plan.p_lost_create):
            return await self._reset(request)
        return answer(self.shown(batch))

    def _page(self, request: web.BaseRequest) -> dict[str, Any]:
        del request
        for batch in self.batches.values():  # a batch whose id got lost moves on all the same
            self.look(batch)
        rows = [self.shown(batch) for batch in reversed(self.batches.values())]
        return {"data": rows, "has_more": False, "last_id": None}

    def _answered(self, line: dict[str, Any], fate: str) -> tuple[int, dict[str, Any]]:
        if fate == "error only" or self._falls(self.batch_plan.p_line_500):
            return 500, {"type": "error", "error": {"type": "api_error", "message": "broken"}}
        try:
            return 200, self.message(line["body"], self.label_of(line["custom_id"]))
        except Failure as refused:
            kind = {"type": "invalid_request_error", "message": refused.message}
            return refused.status, {"type": "error", "error": kind}

    def result(
        self, key: str, status: int, body: dict[str, Any] | None, error: dict[str, Any] | None
    ) -> bytes:
        """A line of results."""
        if status == 200:
            result: dict[str, Any] = {"type": "succeeded", "message": body}
        elif body is not None:
            result = {"type": "errored", "error": body}
        else:
            expired = error is not None and error["code"] == "batch_expired"
            result = {"type": "expired" if expired else "canceled"}
        return orjson.dumps({"custom_id": key, "result": result})

    def _end(self, batch: ServedBatch) -> None:
        super()._end(batch)
        batch.files = {f"{batch.id}-output": b"".join(batch.files.values())}

    def shown(self, batch: ServedBatch) -> dict[str, Any]:
        """A batch, whose counts stay as they are until it has ended."""
        ended = batch.state in ENDED
        n = len(batch.lines)
        unasked = n - batch.done - batch.failed
        counts = {
            "processing": 0 if ended else n,
            "succeeded": batch.done if ended else 0,
            "errored": batch.failed if ended else 0,
            "canceled": unasked if ended and batch.fate == "cancelled" else 0,
            "expired": unasked if ended and batch.fate == "expired" else 0,
        }
        results = f"{self.base_url}/messages/batches/{batch.id}/results"
        return {
            "id": batch.id,
            "type": "message_batch",
            "processing_status": "ended" if ended else "in_progress",
            "request_counts": counts,
            "created_at": datetime.now(UTC).isoformat(),
            "results_url": results if ended else None,
        }
