"""Gemini's files, which go up and down natively; its batches have OpenAI's shape."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import orjson

from pipeline.llm.batches.answers import UPLOAD_S, get, id_in, rows_of
from pipeline.llm.http import HttpTransport
from schemas.errors import ServiceError

PIECE = 2**20


class GeminiFiles:
    """Files of the native interface, found again by their display names.

    ``wire`` is the host itself; ``version`` the part of addresses that names the interface.
    """

    def __init__(self, wire: HttpTransport, version: str) -> None:
        self._wire = wire
        self._version = version

    async def upload(self, name: str, path: Path) -> str:
        """Ask where to, and send the file there in one piece."""
        size = path.stat().st_size
        begin = {
            "X-Goog-Upload-Protocol": "resumable",
            "X-Goog-Upload-Command": "start",
            "X-Goog-Upload-Header-Content-Length": str(size),
            "X-Goog-Upload-Header-Content-Type": "application/jsonl",
        }
        meant = orjson.dumps({"file": {"display_name": name}})
        place = f"/upload/{self._version}/files"
        answer = await self._wire.request("POST", place, headers=begin, content=meant)
        target = answer.headers.get("x-goog-upload-url")
        if not target:
            raise ServiceError(f"{place} names no address to upload to: check base_url")
        whole = {
            "X-Goog-Upload-Offset": "0",
            "X-Goog-Upload-Command": "upload, finalize",
            "Content-Length": str(size),
        }
        sent = await self._wire.request("POST", target, UPLOAD_S, whole, content=_pieces(path))
        return id_in(self._wire.content(sent), "file", "name")

    async def find(self, name: str) -> str | None:
        """Look for a file by its display name among the latest."""
        rows = rows_of(await get(self._wire, f"/{self._version}/files?pageSize=100"))
        return next((str(each["name"]) for each in rows if each.get("displayName") == name), None)

    def lines(self, file: str) -> AsyncIterator[bytes]:
        """Read a file of results while it comes in."""
        return self._wire.lines(f"/download/{self._version}/{file}:download?alt=media")

    async def close(self) -> None:
        """Close all connections."""
        await self._wire.close()


async def _pieces(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece
