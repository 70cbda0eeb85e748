"""What a provider's batch interface answers, as objects; ServiceError where it is none."""

from __future__ import annotations

from typing import Any

import orjson

from pipeline.llm.http import HttpTransport
from schemas.errors import ServiceError

UPLOAD_S = 3600.0
"""For a file of some hundred megabytes on a slow line."""
PAGES = 20
"""Of a list of batches, looked through for one of ours; a page has 100."""


async def get(wire: HttpTransport, path: str) -> dict[str, Any]:
    """The object at a path."""
    return fields_of(wire.content(await wire.request("GET", path)))


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
