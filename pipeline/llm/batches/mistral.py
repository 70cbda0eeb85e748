"""Batches as Mistral makes them: jobs, with states and fields of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from pipeline.llm.batches.book import Batch
from pipeline.llm.batches.files_first import Listed
from pipeline.llm.batches.service import CHAT, MARK, BatchState
from pipeline.llm.settings import BatchSettings

_ENDED = frozenset({"success", "failed", "timeout_exceeded", "cancelled"})
_HOURS = {"h": 1, "d": 24}


@dataclass(frozen=True, slots=True)
class MistralShape:
    """A file of lines {custom_id, body}, a job with our token as metadata."""

    settings: BatchSettings
    noun: str = "job"
    path: str = "/batch/jobs"

    def asked(self, batch: Batch) -> dict[str, Any]:
        """What makes a job."""
        window = self.settings.window
        return {
            "input_files": [batch.file_id],
            "endpoint": CHAT,
            "model": batch.model,
            "timeout_hours": int(window[:-1]) * _HOURS[window[-1]],
            "metadata": {MARK: batch.token},
        }

    def page(self, after: str) -> str:
        """A thousand jobs; there is no more than one page."""
        del after
        return f"{self.path}?page_size=1000&order_by=-created"

    def listed(self, found: dict[str, Any]) -> Listed:
        """A job of a list."""
        token, files = (found.get("metadata") or {}).get(MARK), found.get("input_files") or ()
        return Listed(str(found["id"]), token, tuple(files), _rejected(found))

    def state(self, found: dict[str, Any]) -> BatchState:
        """How far a job is."""
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


def mistral_line(key: str, body: bytes) -> bytes:
    """A line of a job's file; the job itself names the model."""
    asked = {name: value for name, value in orjson.loads(body).items() if name != "model"}
    return orjson.dumps({"custom_id": key, "body": asked})


def _rejected(job: dict[str, Any]) -> bool:
    files = job.get("output_file") or job.get("error_file")
    return str(job.get("status")).lower() == "failed" and not files
