"""Batches as OpenAI makes them, and as many others do: Azure, Groq, DashScope, Together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.llm.batches.answers import UPLOAD_S, get, id_in, rows_of
from pipeline.llm.batches.book import Batch
from pipeline.llm.batches.files_first import Listed
from pipeline.llm.batches.service import CHAT, MARK, BatchState
from pipeline.llm.http import HttpTransport
from pipeline.llm.settings import BatchSettings

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
        rows = rows_of(await get(self._wire, "/files"))
        return next((str(each["id"]) for each in rows if each.get("filename") == name), None)

    def lines(self, file: str) -> AsyncIterator[bytes]:
        """Read a file of results while it comes in."""
        return self._wire.lines(f"/files/{file}/content")

    async def close(self) -> None:
        """Close all connections."""
        await self._wire.close()


@dataclass(frozen=True, slots=True)
class OpenAIShape:
    """A file of lines {custom_id, method, url, body}, a batch with our token as metadata."""

    settings: BatchSettings
    metadata: bool = True
    noun: str = "batch"
    path: str = "/batches"

    def asked(self, batch: Batch) -> dict[str, Any]:
        """What makes a batch."""
        return {
            "input_file_id": batch.file_id,
            "endpoint": CHAT,
            "completion_window": self.settings.window,
            **({"metadata": {MARK: batch.token}} if self.metadata else {}),
        }

    def page(self, after: str) -> str:
        """A hundred batches."""
        return f"{self.path}?limit=100" + (f"&after={after}" if after else "")

    def listed(self, found: dict[str, Any]) -> Listed:
        """A batch of a list; any failed one counts as rejected, for its files may not be named."""
        token = (found.get("metadata") or {}).get(MARK)
        file = str(found.get("input_file_id"))
        return Listed(str(found["id"]), token, (file,), _state_of(found) == "failed")

    def state(self, found: dict[str, Any]) -> BatchState:
        """How far a batch is."""
        state, counts = _state_of(found), found.get("request_counts") or {}
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


def _state_of(found: dict[str, Any]) -> str:
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
