"""Batches of a file that goes up before them: steps that providers share, whatever the shape."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import orjson

from pipeline.llm.batches.answers import PAGES, get, id_in, rows_of
from pipeline.llm.batches.book import Batch
from pipeline.llm.batches.service import BatchFiles, BatchState, Holds, Lookup, read_chat_line
from pipeline.llm.http import HttpTransport
from schemas.errors import ServiceError


@dataclass(frozen=True, slots=True)
class Listed:
    """A batch in a provider's list."""

    id: str
    token: str | None
    """Of ours, where the provider keeps it."""
    files: tuple[str, ...]
    rejected: bool
    """Perhaps one of ours all the same, of a file that was there before."""


class Shape(Protocol):
    """A provider's own words for its batches."""

    @property
    def noun(self) -> str:
        """What it calls a batch."""

    @property
    def path(self) -> str:
        """Where batches are."""

    def asked(self, batch: Batch) -> dict[str, Any]:
        """What makes a batch of a file that is up."""

    def page(self, after: str) -> str:
        """Where the batches before ``after`` are listed, the latest first; empty: from the top."""

    def listed(self, found: dict[str, Any]) -> Listed:
        """A batch of a list."""

    def state(self, found: dict[str, Any]) -> BatchState:
        """How far a batch is."""


class FileBatches:
    """Batches in a provider's shape, its files, and the connection to both."""

    read = staticmethod(read_chat_line)

    def __init__(self, wire: HttpTransport, shape: Shape, files: BatchFiles) -> None:
        self._wire = wire
        self._shape = shape
        self.files = files

    async def create(self, batch: Batch, path: Path) -> str:
        """Make a batch of a file that is up."""
        del path
        asked = orjson.dumps(self._shape.asked(batch))
        made = await self._wire.request("POST", self._shape.path, content=asked)
        return id_in(self._wire.content(made))

    async def find(self, batch: Batch, known: frozenset[str], holds: Holds) -> str | Lookup:
        """Look for a batch by its token, or by its file where providers keep no token."""
        del holds
        async for each in self._listed():
            if each.rejected:
                continue
            same_file = batch.file_id in each.files
            if each.token == batch.token and not same_file:
                raise ServiceError(
                    f"{self._shape.noun} {each.id} bears the token {batch.token} of one of ours,"
                    " but it asks something else: cancel it there, or forget ours with `viconwsd"
                    f" batches cancel --forget {batch.token}`"
                )
            if same_file and each.id not in known:
                return each.id
        return "absent"

    async def _listed(self) -> AsyncIterator[Listed]:
        after = ""
        for _ in range(PAGES):
            page = await get(self._wire, self._shape.page(after))
            rows = [self._shape.listed(each) for each in rows_of(page)]
            for each in rows:
                yield each
            if not rows or not page.get("has_more"):
                return
            after = rows[-1].id

    async def look(self, batch_id: str) -> BatchState:
        """Ask how far a batch is."""
        return self._shape.state(await get(self._wire, self._at(batch_id)))

    async def cancel(self, batch_id: str) -> None:
        """Ask to stop a batch."""
        await self._wire.request("POST", f"{self._at(batch_id)}/cancel", content=b"")

    async def close(self) -> None:
        """Close all connections."""
        await self.files.close()
        await self._wire.close()

    def _at(self, batch_id: str) -> str:
        """Gemini's ids begin with the name of their list."""
        return f"{self._shape.path}/{batch_id.removeprefix('batches/')}"
