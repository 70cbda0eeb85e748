"""A ledger of the first format is brought up to date in place, whatever happens meanwhile."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pipeline.llm.batches.book import Book
from pipeline.llm.ledger import Ledger
from pipeline.llm.ledger_rows import PICO, Failure, Loss, PaidReply, Spending

FIRST_FORMAT = """
CREATE TABLE replies (id INTEGER PRIMARY KEY, key BLOB NOT NULL, item TEXT NOT NULL,
 sample INTEGER NOT NULL, source INTEGER NOT NULL REFERENCES sources (id),
 created INTEGER NOT NULL, prompt_tokens INTEGER, completion_tokens INTEGER,
 cost_pico INTEGER, finish_reason TEXT NOT NULL, packing INTEGER NOT NULL, body BLOB NOT NULL);
CREATE UNIQUE INDEX replies_key ON replies (key);
CREATE TABLE sources (id INTEGER PRIMARY KEY, endpoint TEXT NOT NULL, model TEXT NOT NULL,
 UNIQUE (endpoint, model));
CREATE TABLE losses (id INTEGER PRIMARY KEY, key BLOB NOT NULL, item TEXT NOT NULL,
 created INTEGER NOT NULL, cause TEXT NOT NULL, cost_pico INTEGER NOT NULL);
CREATE TABLE notes (name TEXT PRIMARY KEY, value TEXT NOT NULL);
PRAGMA application_id = 1987529828;
PRAGMA user_version = 1;
"""
SECOND_FORMAT = """
ALTER TABLE replies ADD COLUMN currency TEXT;
ALTER TABLE losses ADD COLUMN bound_pico INTEGER;
ALTER TABLE losses ADD COLUMN currency TEXT;
CREATE TABLE failures (key BLOB PRIMARY KEY, item TEXT NOT NULL, created INTEGER NOT NULL,
 code TEXT NOT NULL, detail TEXT NOT NULL);
PRAGMA user_version = 2;
"""
KEY = "0123456789abcdef0123456789abcdef"


def old_ledger(path: Path, replies: int = 1, version: int = 1) -> Path:
    raw = sqlite3.connect(path)
    raw.executescript(FIRST_FORMAT)
    raw.execute("INSERT INTO sources VALUES (1, 'http://h/v1', 'm')")
    raw.executemany(
        "INSERT INTO replies VALUES (?, ?, 'glosses/a/1', 0, 1, 5, 100, 10, ?, 'stop', 0, x'7b7d')",
        [
            (i + 1, bytes.fromhex(KEY) if i == 0 else i.to_bytes(16), PICO if i == 0 else None)
            for i in range(replies)
        ],
    )
    raw.execute("INSERT INTO losses VALUES (1, x'00', 'glosses/b/1', 5, 'timeout', ?)", (PICO,))
    raw.execute("INSERT INTO notes VALUES ('form', 'text max_tokens')")
    raw.commit()
    if version == 2:
        raw.executescript(SECOND_FORMAT)
    raw.close()
    return path


@pytest.mark.parametrize("version", [1, 2])
def test_what_an_old_ledger_holds_is_kept_and_it_takes_what_is_new(tmp_path, version):
    path = old_ledger(tmp_path / "l.sqlite", replies=2, version=version)
    with Ledger(path) as ledger:
        assert ledger.get(KEY) == PaidReply(
            KEY, "glosses/a/1", 0, "http://h/v1", "m", 5, 100, 10, PICO, "stop", None, b"{}"
        )
        assert ledger.note("form") == "text max_tokens"
        assert ledger.spending("USD") == Spending(PICO, PICO, PICO)
        assert ledger.unpriced("http://h/v1", "m") == (100, 10)
        new = PaidReply("ff" * 16, "x", 0, "http://h/v1", "m", 5, 1, 1, 7, "stop", "EUR", b"{}")
        lost = Loss("ff" * 16, "x", 5, "timeout", 2, 9, "EUR")
        asyncio.run(record(ledger, new, lost))
        ledger.record_failure(Failure(KEY, "glosses/a/1", 5, "http_400", "bad value"))
    with Ledger(path) as ledger:
        assert ledger.get("ff" * 16) == new
        assert ledger.spending("EUR") == Spending(PICO + 7, PICO + 2, PICO + 9)
        assert ledger.spending("USD") == Spending(PICO, PICO, PICO)
        assert ledger.currencies() == ("EUR",)
        assert ledger.failure(KEY) == Failure(KEY, "glosses/a/1", 5, "http_400", "bad value")


async def record(ledger: Ledger, *rows: PaidReply | Loss) -> None:
    for row in rows:
        await ledger.record(row)


KILLED_WITHIN = """
import os, signal, sqlite3, sys
from pathlib import Path
from pipeline.llm import ledger_file
kill_at, version = int(sys.argv[2]), int(sys.argv[3])
statements = ledger_file._MIGRATIONS[version]
class Killing:
    def __init__(self, connection):
        self.connection = connection
        self.n = 0
    def execute(self, statement, *values):
        if statement in statements:
            self.n += 1
            if self.n > kill_at:
                os.kill(os.getpid(), signal.SIGKILL)
        return self.connection.execute(statement, *values)
ledger_file.install(Killing(ledger_file.connect(Path(sys.argv[1]))), Path(sys.argv[1]))
"""


@pytest.mark.parametrize(("version", "statements"), [(1, 5), (2, 4)])
def test_a_kill_in_the_middle_leaves_the_old_format_whole(tmp_path, version, statements):
    for kill_at in range(statements):
        path = old_ledger(tmp_path / f"{kill_at}.sqlite", version=version)
        done = subprocess.run(
            [sys.executable, "-c", KILLED_WITHIN, str(path), str(kill_at), str(version)],
            check=False,
        )
        assert done.returncode == -signal.SIGKILL
        raw = sqlite3.connect(path)
        assert raw.execute("PRAGMA user_version").fetchone() == (version,)
        raw.close()
        with Ledger(path) as ledger, Book(path) as book:
            assert ledger.contains(KEY)
            assert ledger.spending("USD") == Spending(PICO, PICO, PICO)
            assert book.batches() == []


def test_several_that_open_an_old_ledger_at_once_all_succeed(tmp_path):
    path = old_ledger(tmp_path / "l.sqlite", replies=5000)

    def opened(_: int) -> int:
        with Ledger(path) as ledger:
            return len(ledger)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(opened, range(8))) == [5000] * 8
