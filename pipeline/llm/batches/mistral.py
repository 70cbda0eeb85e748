"""Batches as Mistral makes them: jobs, with states and fields of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from pipeline.llm.batches.book import Batch
from pipeline.llm.batches.openai_shape import fields_of, id_in, rows_of
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

_ENDED = frozenset({"success", "failed", "timeout_exceeded", "cancelled"})
_HOURS = {"h": 1, "d": 24}


class MistralBatches:
    """A file of lines {custom_id, body}, a job with our token as metadata."""

    def __init__(self, wire: HttpTransport, settings: BatchSettings, files: BatchFiles) -> None:
        self._wire = wire
        self._settings = settings
        self.files = files

    async def create(self, batch: Batch, path: Path) -> str:
        """Make a job of a file that is up."""
        del path
        window = self._settings.window
        asked = {
            "input_files": [batch.file_id],
            "endpoint": CHAT,
            "model": batch.model,
            "timeout_hours": int(window[:-1]) * _HOURS[window[-1]],
            "metadata": {MARK: batch.token},
        }
        response = await self._wire.request("POST", "/batch/jobs", content=orjson.dumps(asked))
        return id_in(self._wire.content(response))

    async def find(self, batch: Batch, known: frozenset[str], holds: Holds) -> str | Lookup:
        """Look for a job by its token among the latest."""
        del known, holds
        for each in rows_of(await self._get("/batch/jobs?page_size=1000&order_by=-created")):
            if (each.get("metadata") or {}).get(MARK) != batch.token or _rejected(each):
                continue
            if batch.file_id not in (each.get("input_files") or []):
                raise ServiceError(
                    f"job {each.get('id')} bears the token {batch.token} of one of ours, but it"
                    " asks something else: cancel it there, or forget ours with `viconwsd batches"
                    f" cancel --forget {batch.token}`"
                )
            return str(each["id"])
        return "absent"

    async def look(self, batch_id: str) -> BatchState:
        """Ask how far a job is."""
        found = await self._get(f"/batch/jobs/{batch_id}")
        state = str(found.get("status") or "").lower()
        files = (found.get("output_file"), found.get("error_file"))
        said = "; ".join(str(each.get("message")) for each in found.get("errors") or [])
        return BatchState(
            state,
            ended=state in _ENDED,
            done=int(found.get("succeeded_requests") or 0),
            failed=int(found.get("failed_requests") or 0),
            files=tuple(str(file) for file in files if file),
            rejected=(said or "no reason is given") if _rejected(found) else "",
            must_wait=_rejected(found) and "quota" in said.lower(),
        )

    def read(self, line: bytes) -> Line | None:
        """What a line says."""
        return read_chat_line(line)

    async def cancel(self, batch_id: str) -> None:
        """Ask to stop a job."""
        await self._wire.request("POST", f"/batch/jobs/{batch_id}/cancel", content=b"")

    async def close(self) -> None:
        """Close all connections."""
        await self.files.close()
        await self._wire.close()

    async def _get(self, path: str) -> dict[str, Any]:
        return fields_of(self._wire.content(await self._wire.request("GET", path)))


def mistral_line(key: str, body: bytes) -> bytes:
    """A line of a job's file; the job itself names the model."""
    asked = {name: value for name, value in orjson.loads(body).items() if name != "model"}
    return orjson.dumps({"custom_id": key, "body": asked})


def _rejected(job: dict[str, Any]) -> bool:
    files = job.get("output_file") or job.get("error_file")
    return str(job.get("status")).lower() == "failed" and not files
