"""The ledger of paid replies: SQLite, one writer, commits in groups, nothing lost.

``record`` returns once its row is on disk, so whoever goes on after it may be killed and the
reply is still there. Rows are never changed; the first reply under a key stays.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Self

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

LINGER_S = 0.004
MAX_GROUP = 64
BUSY_S = 20.0
CHUNK = 500

_COLUMNS = (
    "r.key, r.item, r.sample, s.endpoint, s.model, r.created, r.prompt_tokens, "
    "r.completion_tokens, r.cost_pico, r.finish_reason, r.packing, r.body"
)
_FROM = "FROM replies r JOIN sources s ON s.id = r.source"


@dataclass(slots=True)
class _Pending:
    row: Reply | Loss
    saved: asyncio.Future[None] | None


class Ledger:
    """Replies by key, in the file at ``path``; made if it is missing.

    Reading is synchronous and belongs to the thread that opened the ledger; writing happens
    in a thread of its own. Several processes may have one ledger open.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._pending: list[_Pending] = []
        self._timer: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._commits: set[asyncio.Future[None]] = set()
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
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        waiting, self._pending = self._pending, []
        self._thread.shutdown(wait=True)
        try:
            if waiting and self._broken is None:
                with self._mapped("written"):
                    self._commit([pending.row for pending in waiting])
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

    def _queue(self, row: Reply | Loss, saved: asyncio.Future[None] | None) -> None:
        if self._broken is not None:
            raise StorageError(str(self._broken))
        loop = asyncio.get_running_loop()
        if loop is not self._loop:  # a timer of a loop that has ended will never ring
            self._loop, self._timer = loop, None
        self._pending.append(_Pending(row, saved))
        if len(self._pending) >= MAX_GROUP:
            self._flush(loop)
        elif self._timer is None:
            self._timer = loop.call_later(LINGER_S, self._flush, loop)

    def remember(self, name: str, value: str) -> None:
        """Keep a note; the last one under ``name`` counts."""
        with self._mapped("written"):
            self._thread.submit(self._write_note, name, value).result()

    def _flush(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        group, self._pending = self._pending, []
        if not group:
            return
        rows = [pending.row for pending in group]
        commit = loop.run_in_executor(self._thread, self._commit, rows)
        self._commits.add(commit)
        commit.add_done_callback(lambda done: self._settle(group, done))

    def _settle(self, group: Sequence[_Pending], commit: asyncio.Future[None]) -> None:
        self._commits.discard(commit)
        error = commit.exception()
        if error is None:
            self._count += sum(isinstance(pending.row, Reply) for pending in group)
        elif self._broken is None:
            self._broken = _explain(error, self.path, "written")
        for pending in group:
            if pending.saved is None or pending.saved.done():
                continue  # its caller was cancelled; the row is written all the same
            if error is None:
                pending.saved.set_result(None)
            else:
                pending.saved.set_exception(_explain(error, self.path, "written"))

    def _commit(self, rows: Sequence[Reply | Loss]) -> None:
        replies = [row for row in rows if isinstance(row, Reply)]
        losses = [row for row in rows if isinstance(row, Loss)]
        values = [(*pack(row), self._source(row.endpoint, row.model)) for row in replies]
        with self._transaction():
            self._writer.executemany(
                "INSERT OR IGNORE INTO replies (key, item, sample, created, prompt_tokens,"
                " completion_tokens, cost_pico, finish_reason, packing, body, source)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                values,
            )
            self._writer.executemany(
                "INSERT INTO losses (key, item, created, cause, cost_pico) VALUES (?, ?, ?, ?, ?)",
                [(bytes.fromhex(r.key), r.item, r.created, r.cause, r.cost_pico) for r in losses],
            )

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
