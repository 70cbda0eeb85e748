"""The ledger of paid replies: SQLite, one writer, commits in groups, nothing lost.

``record`` returns once its row is on disk, so whoever goes on after it may be killed and the
reply is still there. A row is written at once, or with the next group where one has just been.
Rows are never changed; the first reply under a key stays.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pipeline.llm.ledger_rows import (
    APPLICATION_ID,
    PICO,
    SCHEMA,
    SCHEMA_VERSION,
    Loss,
    Reply,
    pack,
    unpack,
)
from schemas.errors import StorageError

PAUSE_S = 0.002
LONGEST_PAUSE_S = 0.01
"""Between the begins of two groups: ``PAUSE_S`` for each row of the first, for a commit costs as
much as several rows. Where replies are few, each is written at once; where they are many,
together.
"""
MAX_GROUP = 64
BUSY_S = 20.0
CHUNK = 500

_COLUMNS = (
    "r.key, r.item, r.sample, s.endpoint, s.model, r.created, r.prompt_tokens, "
    "r.completion_tokens, r.cost_pico, r.finish_reason, r.packing, r.body"
)
_FROM = "FROM replies r JOIN sources s ON s.id = r.source"


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


class Ledger:
    """Replies by key, in the file at ``path``; made if it is missing.

    Reading is synchronous and belongs to the thread that opened the ledger; writing happens
    in a thread of its own. Several processes may have one ledger open.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._pending: list[_Pending] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._writing = False  # or a group is about to be
        self._next_group = 0.0
        self._broken: StorageError | None = None
        self._sources: dict[tuple[str, str], int] = {}
        with self._mapped("opened"):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._writer = self._connect()
            try:
                self._install()
                self._reader = self._connect()
                self._count = self._count_rows()
            except BaseException:
                self._writer.close()
                raise
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="ledger")

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
        waiting, self._pending = self._pending, []
        self._thread.shutdown(wait=True)
        try:
            if waiting and self._broken is None:
                with self._mapped("written"):
                    self._commit(waiting)
        finally:
            self._reader.close()
            self._writer.close()

    # -- reading ---------------------------------------------------------------------------

    def __len__(self) -> int:
        """The number of replies when the ledger was opened, plus those recorded since."""
        return self._count

    def get(self, key: str) -> Reply | None:
        """The reply under ``key``, or None."""
        if not self._count and not self._reader_sees_rows():
            return None
        with self._mapped("read"):
            found = self._reader.execute(
                f"SELECT {_COLUMNS} {_FROM} WHERE r.key = ?", (bytes.fromhex(key),)
            ).fetchone()
            return unpack(found) if found else None

    def contains(self, key: str) -> bool:
        """Whether a reply is paid under ``key``."""
        with self._mapped("read"):
            query = "SELECT 1 FROM replies WHERE key = ?"
            return self._reader.execute(query, (bytes.fromhex(key),)).fetchone() is not None

    def get_many(self, keys: Iterable[str]) -> dict[str, Reply]:
        """The replies that are there among ``keys``, by key."""
        found: dict[str, Reply] = {}
        for rows in self._select_many(f"SELECT {_COLUMNS} {_FROM} WHERE r.key IN", keys):
            for row in rows:
                reply = unpack(row)
                found[reply.key] = reply
        return found

    def paid(self, keys: Iterable[str]) -> set[str]:
        """Those of ``keys`` that have a reply."""
        selected = self._select_many("SELECT key FROM replies WHERE key IN", keys)
        return {row[0].hex() for rows in selected for row in rows}

    def scan(self) -> Iterator[Reply]:
        """All replies in the order in which they came, a few at a time."""
        after = 0
        while True:
            with self._mapped("read"):
                rows = self._reader.execute(
                    f"SELECT {_COLUMNS}, r.id {_FROM} WHERE r.id > ? ORDER BY r.id LIMIT ?",
                    (after, CHUNK),
                ).fetchall()
            if not rows:
                return
            for row in rows:
                yield unpack(row[:-1])
            after = rows[-1][-1]

    def spent(self) -> Decimal:
        """Money paid for the replies, and the worst case of those lost on the way."""
        with self._mapped("read"):
            pico = self._reader.execute(
                "SELECT (SELECT COALESCE(SUM(cost_pico), 0) FROM replies)"
                " + (SELECT COALESCE(SUM(cost_pico), 0) FROM losses)"
            ).fetchone()[0]
        return Decimal(pico) / PICO

    def note(self, name: str) -> str | None:
        """What was remembered under ``name``."""
        with self._mapped("read"):
            query = "SELECT value FROM notes WHERE name = ?"
            found = self._reader.execute(query, (name,)).fetchone()
        return found[0] if found else None

    # -- writing ---------------------------------------------------------------------------

    async def record(self, row: Reply | Loss) -> None:
        """Return once ``row`` is on disk; StorageError where it could not be written."""
        saved = asyncio.get_running_loop().create_future()
        self._queue(row, saved)
        await saved

    def record_soon(self, row: Reply | Loss) -> None:
        """Write ``row`` with the next group; ``close`` waits for it."""
        self._queue(row, None)

    def remember(self, name: str, value: str) -> None:
        """Keep a note; the last one under ``name`` counts."""
        with self._mapped("written"):
            self._thread.submit(self._write_note, name, value).result()

    def _queue(self, row: Reply | Loss, saved: asyncio.Future[None] | None) -> None:
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
            error = _explain(err, self.path, "written")
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
            self._count += sum(pending.source is not None for pending in group)
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
        with self._transaction() if losses else nullcontext():
            if replies:
                self._insert(_INSERT_REPLIES, _REPLY_MARKS, replies)
            if losses:
                self._insert(_INSERT_LOSSES, _LOSS_MARKS, losses)

    def _insert(self, statement: str, marks: str, rows: Sequence[tuple[Any, ...]]) -> None:
        values = list(chain.from_iterable(rows))
        self._writer.execute(statement + ", ".join([marks] * len(rows)), values)

    def _source(self, endpoint: str, model: str) -> int:
        known = self._sources.get((endpoint, model))
        if known is None:
            with self._transaction():
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
        with self._transaction():
            self._writer.execute(
                "INSERT INTO notes (name, value) VALUES (?, ?)"
                " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                (name, value),
            )

    # -- the file --------------------------------------------------------------------------

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path, timeout=BUSY_S, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA synchronous = FULL")
        return connection

    def _install(self) -> None:
        """Make the tables of a new file; refuse a file that is something else."""
        if self._is_installed():
            self._switch_to_wal()
            return
        self._switch_to_wal()
        with self._transaction():
            if not self._is_installed():  # another process may have been quicker
                for statement in SCHEMA:
                    self._writer.execute(statement)

    def _is_installed(self) -> bool:
        query = (
            "SELECT (SELECT application_id FROM pragma_application_id),"
            " (SELECT user_version FROM pragma_user_version), (SELECT count(*) FROM sqlite_master)"
        )
        identity, version, tables = self._writer.execute(query).fetchone()
        if tables and identity != APPLICATION_ID:
            raise StorageError(f"{self.path} is an SQLite file, but no ledger; give another path")
        if tables and version != SCHEMA_VERSION:
            raise StorageError(
                f"ledger {self.path} has format {version}, this program writes"
                f" {SCHEMA_VERSION}; use the version of viconwsd that made it"
            )
        return bool(tables)

    def _switch_to_wal(self) -> None:
        deadline = time.monotonic() + BUSY_S
        while True:  # SQLite does not wait here for another process that does the same
            try:
                self._writer.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as err:
                if "locked" not in str(err) or time.monotonic() > deadline:
                    raise
                time.sleep(0.02)
            else:
                return

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._writer.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._writer.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):  # some errors have rolled back already
                self._writer.execute("ROLLBACK")
            raise

    def _count_rows(self) -> int:
        # Walks the whole index, so that a damaged file is found now and not in an hour.
        query = "SELECT count(*), min(length(key)) FROM replies INDEXED BY replies_key"
        count: int = self._reader.execute(query).fetchone()[0]
        return count

    def _reader_sees_rows(self) -> bool:
        with self._mapped("read"):
            return self._reader.execute("SELECT 1 FROM replies LIMIT 1").fetchone() is not None

    def _select_many(self, query: str, keys: Iterable[str]) -> Iterator[list[tuple[bytes, ...]]]:
        wanted = [bytes.fromhex(key) for key in keys]
        for start in range(0, len(wanted), CHUNK):
            chunk = wanted[start : start + CHUNK]
            marks = ",".join("?" * len(chunk))
            with self._mapped("read"):
                yield self._reader.execute(f"{query} ({marks})", chunk).fetchall()

    @contextmanager
    def _mapped(self, action: str) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError, ValueError) as err:
            raise _explain(err, self.path, action) from err


def _explain(error: BaseException, path: Path, action: str) -> StorageError:
    """One line for what SQLite or the system said."""
    said = str(error)
    if isinstance(error, StorageError):
        return error
    if "malformed" in said or "not a database" in said or "unpacked" in said:
        advice = "it is damaged; move it away, or put back a copy, and run again"
    elif "full" in said:
        advice = "make room on the disk and run again; every reply confirmed so far is kept"
    elif "readonly" in said or "unable to open" in said or isinstance(error, PermissionError):
        advice = "make the folder and the file writable, or give another path"
    elif "locked" in said:
        advice = "another process is writing to it; wait for it or stop it"
    else:
        advice = "check the disk and the file, then run again"
    return StorageError(f"ledger {path} cannot be {action} ({said}): {advice}")
