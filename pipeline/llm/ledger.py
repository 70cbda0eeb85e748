"""The ledger of paid replies: SQLite, one writer, commits in groups, nothing lost.

``record`` returns once its row is on disk, so whoever goes on after it may be killed and the
reply is still there. A row is written at once, or with the next group where one has just been.
Rows are never changed; the first reply under a key stays.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Self

from pipeline.llm.ledger_file import connect, install, mapped
from pipeline.llm.ledger_rows import PICO, Loss, Reply, unpack
from pipeline.llm.ledger_writer import GroupWriter

CHUNK = 500

_COLUMNS = (
    "r.key, r.item, r.sample, s.endpoint, s.model, r.created, r.prompt_tokens, "
    "r.completion_tokens, r.cost_pico, r.finish_reason, r.packing, r.body"
)
_FROM = "FROM replies r JOIN sources s ON s.id = r.source"


class Ledger:
    """Replies by key, in the file at ``path``; made if it is missing.

    Reading is synchronous and belongs to the thread that opened the ledger; writing happens
    in a thread of its own. Several processes may have one ledger open.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with mapped(path, "opened"):
            path.parent.mkdir(parents=True, exist_ok=True)
            writing = connect(path)
            try:
                install(writing, path)
                self._reader = connect(path)
                self._n_before = self._count_rows()
            except BaseException:
                writing.close()
                raise
        self._writer = GroupWriter(writing, path)

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
        try:
            self._writer.close()
        finally:
            self._reader.close()

    def __len__(self) -> int:
        """The number of replies when the ledger was opened, plus those recorded since."""
        return self._n_before + self._writer.n_replies

    def get(self, key: str) -> Reply | None:
        """The reply under ``key``, or None."""
        if not len(self) and not self._reader_sees_rows():
            return None
        with mapped(self.path, "read"):
            found = self._reader.execute(
                f"SELECT {_COLUMNS} {_FROM} WHERE r.key = ?", (bytes.fromhex(key),)
            ).fetchone()
            return unpack(found) if found else None

    def contains(self, key: str) -> bool:
        """Whether a reply is paid under ``key``."""
        with mapped(self.path, "read"):
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
            with mapped(self.path, "read"):
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

    async def record(self, row: Reply | Loss) -> None:
        """Return once ``row`` is on disk; StorageError where it could not be written."""
        saved = asyncio.get_running_loop().create_future()
        self._writer.queue(row, saved)
        await saved

    def record_soon(self, row: Reply | Loss) -> None:
        """Write ``row`` with the next group; ``close`` waits for it."""
        self._writer.queue(row, None)

    def remember(self, name: str, value: str) -> None:
        """Keep a note; the last one under ``name`` counts."""
        self._writer.remember(name, value)

    def _count_rows(self) -> int:
        # Walks the whole index, so that a damaged file is found now and not in an hour.
        query = "SELECT count(*), min(length(key)) FROM replies INDEXED BY replies_key"
        count: int = self._reader.execute(query).fetchone()[0]
        return count

    def _reader_sees_rows(self) -> bool:
        with mapped(self.path, "read"):
            return self._reader.execute("SELECT 1 FROM replies LIMIT 1").fetchone() is not None

    def _select_many(self, query: str, keys: Iterable[str]) -> Iterator[list[tuple[bytes, ...]]]:
        wanted = [bytes.fromhex(key) for key in keys]
        for start in range(0, len(wanted), CHUNK):
            chunk = wanted[start : start + CHUNK]
            marks = ",".join("?" * len(chunk))
            with mapped(self.path, "read"):
                yield self._reader.execute(f"{query} ({marks})", chunk).fetchall()
