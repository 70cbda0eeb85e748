"""Writing to the ledger: one thread, rows in groups, each caller told when its row is on disk."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from pipeline.llm.ledger_file import explain, mapped, transaction
from pipeline.llm.ledger_rows import Loss, Reply, pack
from schemas.errors import StorageError

PAUSE_S = 0.002
LONGEST_PAUSE_S = 0.01
"""Between the begins of two groups: ``PAUSE_S`` for each row of the first, for a commit costs as
much as several rows. Where replies are few, each is written at once; where they are many,
together.
"""
MAX_GROUP = 64

_INSERT_REPLIES = (
    "INSERT OR IGNORE INTO replies (key, item, sample, created, prompt_tokens,"
    " completion_tokens, cost_pico, finish_reason, packing, body, source) VALUES "
)
_REPLY_MARKS = "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_INSERT_LOSSES = "INSERT INTO losses (key, item, created, cause, cost_pico) VALUES "
_LOSS_MARKS = "(?, ?, ?, ?, ?)"


@dataclass(frozen=True, slots=True)
class _Pending:
    """A row to be written, as values for SQLite; a reply's source is looked up in the writer."""

    values: tuple[Any, ...]
    source: tuple[str, str] | None
    """Endpoint and model of a reply; None: the row is a loss."""
    saved: asyncio.Future[None] | None


class GroupWriter:
    """Writes rows through a connection of its own; ``n_replies`` counts those on disk."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self.n_replies = 0
        self._connection, self._path = connection, path
        self._pending: list[_Pending] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._writing = False  # or a group is about to be
        self._next_group = 0.0
        self._broken: StorageError | None = None
        self._sources: dict[tuple[str, str], int] = {}
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="ledger")

    def close(self) -> None:
        """Write what is still waiting, and close the connection."""
        waiting, self._pending = self._pending, []
        self._thread.shutdown(wait=True)
        try:
            if waiting and self._broken is None:
                with mapped(self._path, "written"):
                    self._commit(waiting)
        finally:
            self._connection.close()

    def remember(self, name: str, value: str) -> None:
        """Keep a note; the last one under ``name`` counts."""
        with mapped(self._path, "written"):
            self._thread.submit(self._write_note, name, value).result()

    def queue(self, row: Reply | Loss, saved: asyncio.Future[None] | None) -> None:
        """Write ``row`` with the next group, then settle ``saved``."""
        if self._broken is not None:
            raise StorageError(str(self._broken))
        loop = asyncio.get_running_loop()
        if loop is not self._loop:  # a loop that has ended will never hear of its last group
            self._loop, self._writing = loop, False
        if isinstance(row, Reply):
            # Packed here: compressing lets go of the interpreter, and the writer, with every
            # caller of its group waiting, would have to win it back for each row.
            self._pending.append(_Pending(pack(row), (row.endpoint, row.model), saved))
        else:
            values = bytes.fromhex(row.key), row.item, row.created, row.cause, row.cost_pico
            self._pending.append(_Pending(values, None, saved))
        if not self._writing:
            self._write_next(loop)

    def _write_next(self, loop: asyncio.AbstractEventLoop) -> None:
        self._writing = bool(self._pending)
        if self._writing:
            wait_s = self._next_group - time.monotonic()
            if wait_s > 0:
                loop.call_later(wait_s, self._write_group, loop)
            else:
                self._write_group(loop)

    def _write_group(self, loop: asyncio.AbstractEventLoop) -> None:
        group, self._pending = self._pending[:MAX_GROUP], self._pending[MAX_GROUP:]
        if group:  # else the ledger was closed meanwhile, and its rows written
            pause_s = min(PAUSE_S * len(group), LONGEST_PAUSE_S)
            self._next_group = time.monotonic() + pause_s
            self._thread.submit(self._write, group, loop)

    def _write(self, group: Sequence[_Pending], loop: asyncio.AbstractEventLoop) -> None:
        """In the writer's thread: commit, and tell the loop."""
        error: StorageError | None = None
        try:
            self._commit(group)
        except Exception as err:
            error = explain(err, self._path, "written")
            self._broken = self._broken or error
        with suppress(RuntimeError):  # the loop is closed: nobody is waiting
            loop.call_soon_threadsafe(self._settle, group, error, loop)

    def _settle(
        self,
        group: Sequence[_Pending],
        error: StorageError | None,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        if error is None:
            self.n_replies += sum(pending.source is not None for pending in group)
        for pending in group:
            if pending.saved is None or pending.saved.done():
                continue  # its caller was cancelled; the row is written all the same
            if error is None:
                pending.saved.set_result(None)
            else:
                pending.saved.set_exception(StorageError(str(error)))
        self._write_next(loop)

    def _commit(self, group: Sequence[_Pending]) -> None:
        """One statement for all replies: a transaction of its own, and one turn of waiting."""
        replies = [
            (*pending.values, self._source(*pending.source))
            for pending in group
            if pending.source is not None
        ]
        losses = [pending.values for pending in group if pending.source is None]
        with transaction(self._connection) if losses else nullcontext():
            if replies:
                self._insert(_INSERT_REPLIES, _REPLY_MARKS, replies)
            if losses:
                self._insert(_INSERT_LOSSES, _LOSS_MARKS, losses)

    def _insert(self, statement: str, marks: str, rows: Sequence[tuple[Any, ...]]) -> None:
        values = list(chain.from_iterable(rows))
        self._connection.execute(statement + ", ".join([marks] * len(rows)), values)

    def _source(self, endpoint: str, model: str) -> int:
        known = self._sources.get((endpoint, model))
        if known is None:
            with transaction(self._connection):
                self._connection.execute(
                    "INSERT OR IGNORE INTO sources (endpoint, model) VALUES (?, ?)",
                    (endpoint, model),
                )
            known = self._connection.execute(
                "SELECT id FROM sources WHERE endpoint = ? AND model = ?", (endpoint, model)
            ).fetchone()[0]
            self._sources[endpoint, model] = known
        return known

    def _write_note(self, name: str, value: str) -> None:
        with transaction(self._connection):
            self._connection.execute(
                "INSERT INTO notes (name, value) VALUES (?, ?)"
                " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                (name, value),
            )
