"""Batches as OpenAI makes them, and as many others do: Azure, Groq, DashScope, Together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import orjson

from pipeline.llm.batches.book import Batch
from pipeline.llm.batches.service import (
    CHAT,
    MARK,
    BatchFiles,
    BatchState,
    Holds,
    Line,
    Lookup,
    read_chat_line,
)
from pipeline.llm.http import HttpTransport
from pipeline.llm.settings import BatchSettings
from schemas.errors import ServiceError

UPLOAD_S = 3600.0
"""For a file of some hundred megabytes on a slow line."""
PAGES = 20
"""Of a list of batches, looked through for one of ours; a page has 100."""

_ENDED = frozenset(
    {"completed", "succeeded", "failed", "expired", "cancelled", "partially_succeeded"}
)
_QUOTA = ("token_limit", "enqueued", "quota", "rate_limit", "too_many")


class OpenAIFiles:
    """Files up and down as OpenAI does it, and others after it."""

    def __init__(self, wire: HttpTransport, settings: BatchSettings) -> None:
        self._wire = wire
        self._settings = settings

    async def upload(self, name: str, path: Path) -> str:
        """Send a file up, for batches only."""
        settings = self._settings
        form = {"purpose": settings.purpose}
        if settings.upload_to != "/files":
            form["file_name"] = name
        with path.open("rb") as file:
            response = await self._wire.request(
                "POST", settings.upload_to, UPLOAD_S, form=form, file=(name, file)
            )
        return id_in(self._wire.content(response))

    async def find(self, name: str) -> str | None:
        """Look for a file by its name among the latest."""
        found = fields_of(self._wire.content(await self._wire.request("GET", "/files")))
        named = (each for each in rows_of(found) if each.get("filename") == name)
        return next((str(each["id"]) for each in named), None)

    def lines(self, file: str) -> AsyncIterator[bytes]:
        """Read a file of results while it comes in."""
        return self._wire.lines(f"/files/{file}/content")

    async def close(self) -> None:
        """Close all connections."""
        await self._wire.close()


class OpenAIBatches:
    """A file of lines {custom_id, method, url, body}, a batch with our token as metadata."""

    def __init__(
        self,
        wire: HttpTransport,
        settings: BatchSettings,
        files: BatchFiles,
        *,
        metadata: bool = True,
    ) -> None:
        self._wire = wire
        self._settings = settings
        self._metadata = metadata
        self.files = files

    async def create(self, batch: Batch, path: Path) -> str:
        """Make a batch of a file that is up."""
        del path
        asked = {
            "input_file_id": batch.file_id,
            "endpoint": CHAT,
            "completion_window": self._settings.window,
            **({"metadata": {MARK: batch.token}} if self._metadata else {}),
        }
        response = await self._wire.request("POST", "/batches", content=orjson.dumps(asked))
        return id_in(self._wire.content(response))

    async def find(self, batch: Batch, known: frozenset[str], holds: Holds) -> str | Lookup:
        """Look for a batch by its token, or by its file where providers keep no token."""
        del holds
        async for each in self._listed():
            if state_of(each) == "failed":  # perhaps of ours, of a file that was there before
                continue
            ours = (each.get("metadata") or {}).get(MARK) == batch.token
            same_file = batch.file_id is not None and each.get("input_file_id") == batch.file_id
            if ours and not same_file:
                raise ServiceError(
                    f"batch {each.get('id')} bears the token {batch.token} of one of ours, but it"
                    " asks something else: cancel it there, or forget ours with `viconwsd batches"
                    f" cancel --forget {batch.token}`"
                )
            if same_file and str(each["id"]) not in known:
                return str(each["id"])
        return "absent"

    async def _listed(self) -> AsyncIterator[dict[str, Any]]:
        after = ""
        for _ in range(PAGES):
            page = await self._get(f"/batches?limit=100{after}")
            rows = rows_of(page)
            for each in rows:
                yield each
            if not rows or not page.get("has_more"):
                return
            after = f"&after={rows[-1]['id']}"

    async def look(self, batch_id: str) -> BatchState:
        """Ask how far a batch is."""
        found = await self._get(_path(batch_id))
        state, counts = state_of(found), found.get("request_counts") or {}
        files = (found.get("output_file_id"), found.get("error_file_id"))
        wrong = [each for each in _errors(found) if each]
        rejected = state == "failed" and not any(files)
        said = "; ".join(f"{each.get('message')} ({each.get('code')})" for each in wrong)
        codes = " ".join(str(each.get("code")).lower() for each in wrong)
        return BatchState(
            state,
            ended=state in _ENDED,
            done=int(counts.get("completed") or 0),
            failed=int(counts.get("failed") or 0),
            files=tuple(str(file) for file in files if file),
            rejected=(said or "no reason is given") if rejected else "",
            must_wait=rejected and any(word in codes for word in _QUOTA),
        )

    def read(self, line: bytes) -> Line | None:
        """What a line says."""
        return read_chat_line(line)

    async def cancel(self, batch_id: str) -> None:
        """Ask to stop a batch."""
        await self._wire.request("POST", f"{_path(batch_id)}/cancel", content=b"")

    async def close(self) -> None:
        """Close all connections."""
        await self.files.close()
        await self._wire.close()

    async def _get(self, path: str) -> dict[str, Any]:
        return fields_of(self._wire.content(await self._wire.request("GET", path)))


def _path(batch_id: str) -> str:
    """Gemini's ids begin with the name of their list."""
    return f"/batches/{batch_id.removeprefix('batches/')}"


def fields_of(body: bytes) -> dict[str, Any]:
    """The object that an answer holds, or a bare list as {"data": ...}; else ServiceError."""
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        found = None
    if isinstance(found, list):  # Together's list of batches
        return {"data": found}
    if not isinstance(found, dict):
        raise ServiceError(
            f"the batch interface answered no JSON object ({body[:80]!r}): check base_url and"
            " [llm.batch] kind"
        )
    return found


def id_in(body: bytes, within: str = "job", name: str = "id") -> str:
    """The id of what an answer says was made; ServiceError where it names none.

    Together answers {"job": {"id": ...}}, Gemini {"file": {"name": ...}}.
    """
    made = fields_of(body)
    inner = made.get(within)
    found = (inner if isinstance(inner, dict) else made).get(name)
    if not found:
        raise ServiceError(
            f"the batch interface did not name what it made ({body[:80]!r}): check base_url and"
            " [llm.batch] kind, then run again; what was made is looked for first"
        )
    return str(found)


def rows_of(page: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of a list, under whatever name they come."""
    rows = page.get("data") or page.get("files") or []
    return [each for each in rows if isinstance(each, dict)]


def state_of(found: dict[str, Any]) -> str:
    """The state of a batch in lower case; Gemini's begins with JOB_STATE_ or BATCH_STATE_."""
    state = str(found.get("status") or "").lower()
    return state.removeprefix("job_state_").removeprefix("batch_state_")


def _errors(found: dict[str, Any]) -> Iterator[dict[str, Any]]:
    errors = found.get("errors") or found.get("error")
    rows = errors.get("data") if isinstance(errors, dict) else errors
    if isinstance(rows, str):  # Together says it in one line
        rows = [rows]
    for each in rows or ():
        yield each if isinstance(each, dict) else {"message": str(each), "code": ""}
