"""The ledger of paid replies: SQLite, one writer, commits in groups, nothing lost.

``record`` returns once its row is on disk, so whoever goes on after it may be killed and the
reply is still there. Rows are never changed; the first reply under a key stays.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Self

from pipeline.llm.ledger_file import connect, connect_to_read, install, mapped, transaction
from pipeline.llm.ledger_rows import Failure, Loss, PaidReply, Spending
from schemas.errors import StorageError

PLAIN, DEFLATED = 0, 1
WORTH_PACKING = 256
"""Bytes under which deflating saves less than it costs."""

MAX_GROUP = 64
"""Rows of one commit: a kill between two loses no confirmed row, but what waits, waits longer."""
MAX_ROWS = 500
"""Of one statement: SQLite takes 32,766 values."""

_SELECT = (
    "SELECT r.item, r.sample, s.endpoint, s.model, r.created, r.prompt_tokens,"
    " r.completion_tokens, r.cost_pico, r.finish_reason, r.currency, r.packing, r.body"
    " FROM replies r JOIN sources s ON s.id = r.source WHERE r.key = ?"
)
_INSERT_REPLIES = (
    "INSERT OR IGNORE INTO replies (key, item, sample, created, prompt_tokens,"
    " completion_tokens, cost_pico, finish_reason, currency, packing, body, source) VALUES "
)
_INSERT_LOSSES = (
    "INSERT INTO losses (key, item, created, cause, cost_pico, bound_pico, currency) VALUES "
)


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

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.path = path
        with mapped(path, "opened"):
            if not read_only:
                path.parent.mkdir(parents=True, exist_ok=True)
            self._writer = connect_to_read(path) if read_only else connect(path)
            try:
                if not read_only:
                    install(self._writer, path)
                self._reader = connect_to_read(path) if read_only else connect(path)
                self._n_replies = self._count_rows()
                self._failures = self._read_failures()
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

    def __exit__(self, *_: object) -> None:
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

    def paid(self, keys: Collection[str]) -> set[str]:
        """Those of the keys under which a reply is paid."""
        marks = ", ".join("?" * len(keys))
        with mapped(self.path, "read"):
            query = f"SELECT key FROM replies WHERE key IN ({marks})"
            found = self._reader.execute(query, [bytes.fromhex(key) for key in keys])
            return {row[0].hex() for row in found}

    def contains(self, key: str) -> bool:
        """Whether a reply is paid under ``key``."""
        with mapped(self.path, "read"):
            query = "SELECT 1 FROM replies WHERE key = ?"
            return self._reader.execute(query, (bytes.fromhex(key),)).fetchone() is not None

    def has_replies(self, endpoint: str, model: str, stage: str = "") -> bool:
        """Whether a model of an endpoint has answered, a request of ``stage`` if one is named."""
        with mapped(self.path, "read"):
            query = (
                "SELECT 1 FROM replies WHERE source = (SELECT id FROM sources WHERE endpoint = ?"
                " AND model = ?) AND item >= ? AND item < ? LIMIT 1"
            )
            span = (f"{stage}/", f"{stage}0") if stage else ("", "\U0010ffff")  # 0 follows /
            return self._reader.execute(query, (endpoint, model, *span)).fetchone() is not None

    def spending(self, currency: str | None) -> Spending:
        """What was spent in a currency, or before the ledger told currencies apart."""
        with mapped(self.path, "read"):
            where = "WHERE currency IS NULL OR currency = ?"
            found = self._reader.execute(
                f"SELECT (SELECT COALESCE(SUM(cost_pico), 0) FROM replies {where}),"
                " COALESCE(SUM(cost_pico), 0), COALESCE(SUM(COALESCE(bound_pico, cost_pico)), 0)"
                f" FROM losses {where}",
                (currency, currency),
            ).fetchone()
        return Spending(*found)

    def currencies(self) -> tuple[str, ...]:
        """The currencies in which something was paid."""
        with mapped(self.path, "read"):
            query = "SELECT currency FROM replies UNION SELECT currency FROM losses ORDER BY 1"
            return tuple(row[0] for row in self._reader.execute(query) if row[0] is not None)

    def unpriced(self, endpoint: str, model: str) -> tuple[int, int]:
        """Prompt and completion tokens of a model's replies that had no price when they came."""
        with mapped(self.path, "read"):
            query = (
                "SELECT COALESCE(SUM(prompt_tokens), 0), COALESCE(SUM(completion_tokens), 0)"
                " FROM replies WHERE cost_pico IS NULL AND source ="
                " (SELECT id FROM sources WHERE endpoint = ? AND model = ?)"
            )
            found: tuple[int, int] = self._reader.execute(query, (endpoint, model)).fetchone()
        return found

    @property
    def has_failures(self) -> bool:
        """Whether any request ever failed for good."""
        return bool(self._failures)

    def failure(self, key: str) -> Failure | None:
        """The failure of the request whose first turn has ``key``, if it has failed for good."""
        return self._failures.get(key)

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

    def _read_failures(self) -> dict[str, Failure]:
        query = "SELECT key, item, created, code, detail FROM failures"
        rows = self._reader.execute(query)
        return {key.hex(): Failure(key.hex(), *values) for key, *values in rows}

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
        self._write_now("INSERT OR REPLACE INTO notes (name, value) VALUES (?, ?)", (name, value))

    def record_failure(self, *failed: Failure) -> None:
        """Keep failures; the last one under a key counts."""
        rows = [
            (bytes.fromhex(each.key), each.item, each.created, each.code, each.detail)
            for each in failed
        ]
        self._write_now(
            "INSERT OR REPLACE INTO failures (key, item, created, code, detail)"
            " VALUES (?, ?, ?, ?, ?)",
            *rows,
        )
        self._failures |= {each.key: each for each in failed}

    def record_all(self, replies: Sequence[PaidReply], losses: Sequence[Loss] = ()) -> None:
        """Return once all of them are on disk, in one transaction; the first reply stays."""
        packed = [(_packed(row), (row.endpoint, row.model)) for row in replies]

        def write() -> None:
            rows = [(*values, self._source(*source)) for values, source in packed]
            lost = [_loss_values(row) for row in losses]
            with transaction(self._writer):
                for start in range(0, len(rows), MAX_ROWS):
                    self._insert(_INSERT_REPLIES, rows[start : start + MAX_ROWS])
                for start in range(0, len(lost), MAX_ROWS):
                    self._insert(_INSERT_LOSSES, lost[start : start + MAX_ROWS])
            self._n_replies += len(rows)

        with mapped(self.path, "written"):
            self._thread.submit(write).result()

    def _write_now(self, statement: str, *rows: tuple[object, ...]) -> None:
        def write() -> None:
            with transaction(self._writer):
                self._writer.executemany(statement, rows)

        with mapped(self.path, "written"):
            self._thread.submit(write).result()

    def _queue(self, row: PaidReply | Loss, saved: asyncio.Future[None] | None) -> None:
        if self._broken is not None:
            raise StorageError(str(self._broken))
        if isinstance(row, PaidReply):
            # Packed here: compressing lets go of the interpreter, and the writer, with every
            # caller of its group waiting, would have to win it back for each row.
            self._pending.append(_Pending(_packed(row), (row.endpoint, row.model), saved))
        else:
            self._pending.append(_Pending(_loss_values(row), None, saved))
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
        reply.currency,
        packing,
        body,
    )


def _loss_values(row: Loss) -> tuple[Any, ...]:
    costs = row.cost_pico, row.bound_pico, row.currency
    return (bytes.fromhex(row.key), row.item, row.created, row.cause, *costs)


def _unpacked(key: str, row: tuple[Any, ...]) -> PaidReply:
    """The reply under ``key`` in a row of ``_SELECT``."""
    packing, body = row[-2:]
    if packing not in (PLAIN, DEFLATED) or not isinstance(body, bytes):
        raise ValueError(f"reply {key} cannot be unpacked: its body is no bytes of a known packing")
    if packing == DEFLATED:
        try:
            body = zlib.decompress(body)
        except zlib.error as err:
            raise ValueError(f"reply {key} cannot be unpacked: {err}") from err
    reply = PaidReply(*(key, *row[:-2], body))
    counts = reply.prompt_tokens, reply.completion_tokens, reply.cost_pico
    if not all(isinstance(count, int | None) for count in (*counts, reply.sample, reply.created)):
        raise ValueError(f"reply {key} cannot be unpacked: a count in it is no whole number")
    return reply
