"""The ledger's file: its tables, opening it, transactions, and errors in one line."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from schemas.errors import StorageError

APPLICATION_ID = 0x76774C64  # "vwLd"
SCHEMA_VERSION = 3
"""2: currencies, bounds of losses, failures. 3: batches."""

BUSY_S = 20.0
"""How long another process is waited for; its groups take milliseconds."""

_FAILURES = (
    "CREATE TABLE failures (key BLOB PRIMARY KEY, item TEXT NOT NULL, created INTEGER NOT NULL,"
    " code TEXT NOT NULL, detail TEXT NOT NULL)"
)

_BATCHES = (
    # terms: the price as JSON; tried: when its making was last asked for; open: not yet read.
    "CREATE TABLE batches (id INTEGER PRIMARY KEY, token TEXT NOT NULL UNIQUE,"
    " kind TEXT NOT NULL, endpoint TEXT NOT NULL, model TEXT NOT NULL, stage TEXT NOT NULL,"
    " key_variable TEXT, terms TEXT, created INTEGER NOT NULL, requests INTEGER NOT NULL,"
    " bound_pico INTEGER NOT NULL, currency TEXT, state TEXT NOT NULL, open INTEGER NOT NULL,"
    " file_id TEXT, tried REAL, batch_id TEXT, done INTEGER NOT NULL DEFAULT 0,"
    " failed INTEGER NOT NULL DEFAULT 0, cost_pico INTEGER, detail TEXT NOT NULL DEFAULT '')",
    "CREATE TABLE batch_items (key BLOB NOT NULL, batch INTEGER NOT NULL REFERENCES batches (id),"
    " item TEXT NOT NULL, sample INTEGER NOT NULL, bound_pico INTEGER NOT NULL,"
    " outcome TEXT, PRIMARY KEY (key, batch)) WITHOUT ROWID",
    "CREATE INDEX batch_items_batch ON batch_items (batch)",
)

_SCHEMA = (
    # A rowid table with a unique index: random keys in a WITHOUT ROWID table would move the
    # replies themselves about, at four times the cost.
    "CREATE TABLE replies (id INTEGER PRIMARY KEY, key BLOB NOT NULL, item TEXT NOT NULL,"
    " sample INTEGER NOT NULL, source INTEGER NOT NULL REFERENCES sources (id),"
    " created INTEGER NOT NULL, prompt_tokens INTEGER, completion_tokens INTEGER,"
    " cost_pico INTEGER, finish_reason TEXT NOT NULL, packing INTEGER NOT NULL,"
    " body BLOB NOT NULL, currency TEXT)",
    "CREATE UNIQUE INDEX replies_key ON replies (key)",
    "CREATE TABLE sources (id INTEGER PRIMARY KEY, endpoint TEXT NOT NULL, model TEXT NOT NULL,"
    " UNIQUE (endpoint, model))",
    "CREATE TABLE losses (id INTEGER PRIMARY KEY, key BLOB NOT NULL, item TEXT NOT NULL,"
    " created INTEGER NOT NULL, cause TEXT NOT NULL, cost_pico INTEGER NOT NULL,"
    " bound_pico INTEGER, currency TEXT)",
    "CREATE TABLE notes (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    _FAILURES,
    *_BATCHES,
    f"PRAGMA application_id = {APPLICATION_ID}",
    f"PRAGMA user_version = {SCHEMA_VERSION}",
)

# What makes the next version of one: within one transaction, as user_version is part of it.
_MIGRATIONS = {
    1: (
        "ALTER TABLE replies ADD COLUMN currency TEXT",
        "ALTER TABLE losses ADD COLUMN bound_pico INTEGER",
        "ALTER TABLE losses ADD COLUMN currency TEXT",
        _FAILURES,
        "PRAGMA user_version = 2",
    ),
    2: (*_BATCHES, "PRAGMA user_version = 3"),
}


def connect(path: Path) -> sqlite3.Connection:
    """A connection that waits for other processes and syncs every commit."""
    connection = sqlite3.connect(
        path, timeout=BUSY_S, isolation_level=None, check_same_thread=False
    )
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def connect_to_read(path: Path) -> sqlite3.Connection:
    """A connection that writes nothing, in its folder neither; an empty ledger where there is none.

    A log beside the file belongs to a run at work, and is read with it.
    """
    if not path.exists():
        empty = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        for statement in _SCHEMA:
            empty.execute(statement)
        return empty
    log = path.with_name(f"{path.name}-wal")
    at_work = log.exists() and log.stat().st_size > 0
    address = f"file:{quote(str(path.resolve()))}?mode=ro{'' if at_work else '&immutable=1'}"
    return sqlite3.connect(address, uri=True, timeout=BUSY_S, check_same_thread=False)


def install(connection: sqlite3.Connection, path: Path) -> None:
    """Make the tables of a new file, bring an older one up to date, refuse any other."""
    version = _version(connection, path)
    _switch_to_wal(connection)
    while version != SCHEMA_VERSION:
        with transaction(connection):
            version = _version(connection, path)  # another process may have been quicker
            for statement in _MIGRATIONS.get(version, ()) if version else _SCHEMA:
                connection.execute(statement)
        version = _version(connection, path)


def _version(connection: sqlite3.Connection, path: Path) -> int:
    """The version of the tables; 0 where there are none."""
    query = (
        "SELECT (SELECT application_id FROM pragma_application_id),"
        " (SELECT user_version FROM pragma_user_version), (SELECT count(*) FROM sqlite_master)"
    )
    identity, version, tables = connection.execute(query).fetchone()
    if tables and identity != APPLICATION_ID:
        raise StorageError(f"{path} is an SQLite file, but no ledger; give another path")
    if tables and version != SCHEMA_VERSION and version not in _MIGRATIONS:
        raise StorageError(
            f"ledger {path} has format {version}, this program writes"
            f" {SCHEMA_VERSION}; use the version of viconwsd that made it"
        )
    return int(version) if tables else 0


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    deadline = time.monotonic() + BUSY_S
    while True:  # SQLite does not wait here for another process that does the same
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as err:
            if "locked" not in str(err) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All of the body's statements, or none."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):  # some errors have rolled back already
            connection.execute("ROLLBACK")
        raise


@contextmanager
def mapped(path: Path, action: str) -> Iterator[None]:
    """Turns what SQLite and the system raise into :class:`StorageError`."""
    try:
        yield
    except StorageError:
        raise
    except (sqlite3.Error, OSError, ValueError) as err:
        said = str(err)
        if "malformed" in said or "not a database" in said or "unpacked" in said:
            advice = "it is damaged; move it away, or put back a copy, and run again"
        elif "full" in said:
            advice = "make room on the disk and run again; every reply confirmed so far is kept"
        elif "readonly" in said or "unable to open" in said or isinstance(err, PermissionError):
            advice = "make the folder and the file writable, or give another path"
        elif "locked" in said:
            advice = "another process is writing to it; wait for it or stop it"
        else:
            advice = "check the disk and the file, then run again"
        raise StorageError(f"ledger {path} cannot be {action} ({said}): {advice}") from err
