"""The ledger of paid replies: SQLite, one writer, commits in groups, nothing lost.

``record`` returns once its row is on disk, so whoever goes on after it may be killed and the
reply is still there. Rows are never changed; the first reply under a key stays.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pipeline.llm.ledger_file import connect, install, mapped, transaction
from schemas.errors import StorageError

PICO = 10**12
"""Costs are whole trillionths of the currency: exact sums, prices to six decimals a million."""

PLAIN, DEFLATED = 0, 1
WORTH_PACKING = 256
"""Bytes under which deflating saves less than it costs."""

MAX_GROUP = 64
"""Rows of one commit: a kill between two loses no confirmed row, but what waits, waits longer."""

_SELECT = (
    "SELECT r.item, r.sample, s.endpoint, s.model, r.created, r.prompt_tokens,"
    " r.completion_tokens, r.cost_pico, r.finish_reason, r.packing, r.body"
    " FROM replies r JOIN sources s ON s.id = r.source WHERE r.key = ?"
)
_INSERT_REPLIES = (
    "INSERT OR IGNORE INTO replies (key, item, sample, created, prompt_tokens,"
    " completion_tokens, cost_pico, finish_reason, packing, body, source) VALUES "
)
_INSERT_LOSSES = "INSERT INTO losses (key, item, created, cause, cost_pico) VALUES "


@dataclass(frozen=True, slots=True)
class PaidReply:
    """One paid reply: the raw body, and what is worth knowing without reading it.

    ``created`` is in Unix seconds, UTC. Counts are None where the endpoint gave none, the cost
    (trillionths of the currency) where the model has no price.
    """

    key: str
    item: str
    sample: int
    endpoint: str
    model: str
    created: int
    prompt_tokens: int | None
    completion_tokens: int | None
    cost_pico: int | None
    finish_reason: str
    body: bytes

    @property
    def cost(self) -> Decimal | None:
        """The cost in the currency of its price."""
        return None if self.cost_pico is None else Decimal(self.cost_pico) / PICO


@dataclass(frozen=True, slots=True)
class Loss:
    """A request that may have been billed though its reply never arrived: its worst case."""

    key: str
    item: str
    created: int
    cause: str
    cost_pico: int


@dataclass(frozen=True, slots=True)
class _Pending:
    """A row to be written, as values for SQLite; a reply's source is looked up in the writer."""

    values: tuple[Any, ...]
    source: tuple[str, str] | None
    """Endpoint and model of a reply; None: the row is a loss."""
    saved: asyncio.Future[None] | None


class Ledger:
    """Replies by key, in the file at ``path``; made if it is missing.

    Reading is synchronous and belongs to the thread that opened the ledger; writing happens
    in a thread of its own. Several processes may have one ledger open.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with mapped(path, "opened"):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._writer = connect(path)
            try:
                install(self._writer, path)
                self._reader = connect(path)
                self._n_replies = self._count_rows()
            except BaseException:
                self._writer.close()
                raise
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="ledger")
        self._pending: list[_Pending] = []
        self._writing: asyncio.Task[None] | None = None
        self._broken: Exception | None = None
        self._sources: dict[tuple[str, str], int] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Write what is still waiting, and close the file."""
        self._thread.shutdown(wait=True)
        try:
            if self._pending and self._broken is None:
                with mapped(self.path, "written"):
                    self._commit(self._pending)
        finally:
            self._writer.close()
            self._reader.close()

    def __len__(self) -> int:
        """The number of replies when the ledger was opened, plus those recorded since."""
        return self._n_replies

    # -- reading -----------------------------------------------------------------------------

    def get(self, key: str) -> PaidReply | None:
        """The reply under ``key``, or None."""
        with mapped(self.path, "read"):
            found = self._reader.execute(_SELECT, (bytes.fromhex(key),)).fetchone()
            return _unpacked(key, found) if found else None

    def contains(self, key: str) -> bool:
        """Whether a reply is paid under ``key``."""
        with mapped(self.path, "read"):
            query = "SELECT 1 FROM replies WHERE key = ?"
            return self._reader.execute(query, (bytes.fromhex(key),)).fetchone() is not None

    def spent(self) -> Decimal:
        """Money paid for the replies, and the worst case of those lost on the way."""
        with mapped(self.path, "read"):
            pico = self._reader.execute(
                "SELECT (SELECT COALESCE(SUM(cost_pico), 0) FROM replies)"
                " + (SELECT COALESCE(SUM(cost_pico), 0) FROM losses)"
            ).fetchone()[0]
        return Decimal(pico) / PICO

    def note(self, name: str) -> str | None:
        """What was remembered under ``name``."""
        with mapped(self.path, "read"):
            query = "SELECT value FROM notes WHERE name = ?"
            found = self._reader.execute(query, (name,)).fetchone()
        return found[0] if found else None

    def _count_rows(self) -> int:
        # Walks the whole index, so that a damaged file is found now and not in an hour.
        query = "SELECT count(*), min(length(key)) FROM replies INDEXED BY replies_key"
        count: int = self._reader.execute(query).fetchone()[0]
        return count

    # -- writing -----------------------------------------------------------------------------

    async def record(self, row: PaidReply | Loss) -> None:
        """Return once ``row`` is on disk; StorageError where it could not be written."""
        saved = asyncio.get_running_loop().create_future()
        self._queue(row, saved)
        await saved

    def record_soon(self, row: PaidReply | Loss) -> None:
        """Write ``row`` with the next group; ``close`` waits for it."""
        self._queue(row, None)

    def remember(self, name: str, value: str) -> None:
        """Keep a note; the last one under ``name`` counts."""
        with mapped(self.path, "written"):
            self._thread.submit(self._write_note, name, value).result()

    def _queue(self, row: PaidReply | Loss, saved: asyncio.Future[None] | None) -> None:
        if self._broken is not None:
            raise StorageError(str(self._broken))
        if isinstance(row, PaidReply):
            # Packed here: compressing lets go of the interpreter, and the writer, with every
            # caller of its group waiting, would have to win it back for each row.
            self._pending.append(_Pending(_packed(row), (row.endpoint, row.model), saved))
        else:
            values = bytes.fromhex(row.key), row.item, row.created, row.cause, row.cost_pico
            self._pending.append(_Pending(values, None, saved))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.get_running_loop().create_task(self._write_groups())

    async def _write_groups(self) -> None:
        """What comes while a group is being written is the next group."""
        while self._pending:
            for pending in await asyncio.wrap_future(self._thread.submit(self._write)):
                if pending.saved is None or pending.saved.done():
                    continue  # its caller was cancelled; the row is written all the same
                if self._broken is None:
                    pending.saved.set_result(None)
                else:
                    pending.saved.set_exception(StorageError(str(self._broken)))

    def _write(self) -> Sequence[_Pending]:
        """In the writer's thread: commit the first of those that wait, unless one has failed."""
        group = self._pending[:MAX_GROUP]
        if self._broken is None:
            try:
                with mapped(self.path, "written"):
                    self._commit(group)
            except Exception as err:
                self._broken = err
        del self._pending[: len(group)]
        return group

    def _commit(self, group: Sequence[_Pending]) -> None:
        """One statement for all replies: a transaction of its own, and one turn of waiting."""
        replies = [
            (*pending.values, self._source(*pending.source))
            for pending in group
            if pending.source is not None
        ]
        losses = [pending.values for pending in group if pending.source is None]
        with transaction(self._writer) if losses else nullcontext():
            if replies:
                self._insert(_INSERT_REPLIES, replies)
            if losses:
                self._insert(_INSERT_LOSSES, losses)
        self._n_replies += len(replies)

    def _insert(self, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
        marks = f"({', '.join('?' * len(rows[0]))})"
        values = list(chain.from_iterable(rows))
        self._writer.execute(statement + ", ".join([marks] * len(rows)), values)

    def _source(self, endpoint: str, model: str) -> int:
        known = self._sources.get((endpoint, model))
        if known is None:
            with transaction(self._writer):
                self._writer.execute(
                    "INSERT OR IGNORE INTO sources (endpoint, model) VALUES (?, ?)",
                    (endpoint, model),
                )
            known = self._writer.execute(
                "SELECT id FROM sources WHERE endpoint = ? AND model = ?", (endpoint, model)
            ).fetchone()[0]
            self._sources[endpoint, model] = known
        return known

    def _write_note(self, name: str, value: str) -> None:
        with transaction(self._writer):
            self._writer.execute(
                "INSERT INTO notes (name, value) VALUES (?, ?)"
                " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                (name, value),
            )


def _packed(reply: PaidReply) -> tuple[Any, ...]:
    """``reply`` as values for SQLite, its source left out."""
    packing, body = PLAIN, reply.body
    if len(body) >= WORTH_PACKING:
        packing, body = DEFLATED, zlib.compress(body, 1)
    return (
        bytes.fromhex(reply.key),
        reply.item,
        reply.sample,
        reply.created,
        reply.prompt_tokens,
        reply.completion_tokens,
        reply.cost_pico,
        reply.finish_reason,
        packing,
        body,
    )


def _unpacked(key: str, row: tuple[Any, ...]) -> PaidReply:
    """The reply under ``key`` in a row of ``_SELECT``."""
    packing, body = row[-2:]
    if packing == DEFLATED:
        try:
            body = zlib.decompress(body)
        except zlib.error as err:
            raise ValueError(f"reply {key} cannot be unpacked: {err}") from err
    return PaidReply(*(key, *row[:-2], body))
