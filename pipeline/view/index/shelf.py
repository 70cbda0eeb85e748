"""Where index files lie: made in the background, named by what they were made from."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from pipeline.view.index.build import build_index
from pipeline.view.index.tables import Tables
from schemas.errors import StorageError, ViconwsdError

KEPT = 3
"""Index files that stay in a folder, the newest: a run that changes to and fro needs no new one."""


class NotReadyError(Exception):
    """The index is being made; ``rows`` of so many are in it so far."""

    def __init__(self, rows: int, of: int) -> None:
        super().__init__(f"{rows} of {of} rows")
        self.rows = rows
        self.of = of


@dataclass(slots=True)
class _Making:
    """An index under way."""

    rows: int = 0
    of: int = 0
    fault: ViconwsdError | None = None
    thread: threading.Thread | None = None


@dataclass(slots=True)
class Shelf:
    """The index files in a folder; several threads may ask for one."""

    folder: Path
    _making: dict[str, _Making] = field(default_factory=dict)
    _latest: Path | None = None
    """The index that was given last: it goes on being given while a newer one is made."""
    late: int = 0
    """How often an index was given while a newer one was made."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def path(self, name: str) -> Path:
        """Where the index of that name lies."""
        return self.folder / f"{name}.sqlite"

    def require(self, tables: Tables, doubts: Mapping[str, float]) -> Path:
        """The index of the tables, or while it is made, the one before it.

        NotReadyError while the first one is made; what went wrong, if it did.
        """
        path = self.path(tables.digest)
        if path.exists():
            self._latest = path
            return path
        with self._lock:
            making = self._making.get(tables.digest)
            if making is None:
                making = self._making[tables.digest] = _Making()
                work = threading.Thread(target=self._make, args=(tables, doubts, making))
                making.thread, work.daemon = work, True
                work.start()
        if making.fault is not None:
            with self._lock:  # whoever mends the table and looks again has it tried again
                self._making.pop(tables.digest, None)
            raise making.fault
        if path.exists():
            return path
        if self._latest is not None and self._latest.exists():
            self.late += 1
            return self._latest
        raise NotReadyError(making.rows, making.of)

    def forget(self, path: Path) -> None:
        """Removes an index that cannot be read, so that it is made again."""
        with self._lock, suppress(OSError):
            self._latest = None
            path.unlink(missing_ok=True)
            self._making.pop(path.stem, None)

    def _make(self, tables: Tables, doubts: Mapping[str, float], making: _Making) -> None:
        def told(rows: int) -> None:
            making.rows = rows

        try:
            making.of = tables.n_rows()
            build_index(self.path(tables.digest), tables, doubts, told)
            self._tidy(tables.digest)
        except ViconwsdError as error:
            making.fault = error
        except Exception as error:
            making.fault = StorageError(f"the index: {type(error).__name__}: {error}")
        else:
            with self._lock:
                self._making.pop(tables.digest, None)

    def _tidy(self, newest: str) -> None:
        """Removes all but the newest files, and what a process that was killed left."""
        with suppress(OSError):
            found = [each for each in self.folder.glob("*.sqlite") if each.stem != newest]
            for old in sorted(found, key=lambda each: -each.stat().st_mtime)[KEPT - 1 :]:
                old.unlink(missing_ok=True)
            for left in self.folder.glob(".*.sqlite.*.tmp"):
                if not _alive(left.name.rsplit(".", 2)[1]):
                    left.unlink(missing_ok=True)


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """An index to read; nothing is written, not beside it either."""
    address = f"file:{quote(str(path.resolve()))}?mode=ro&immutable=1"
    with closing(sqlite3.connect(address, uri=True, check_same_thread=False)) as file:
        file.row_factory = sqlite3.Row
        file.execute("PRAGMA mmap_size = 67108864")
        yield file


def _alive(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except (OSError, ValueError):
        return False
    return True
