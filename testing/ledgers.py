"""What a ledger holds, read beside the program that writes it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from pipeline.llm.ledger import Ledger
from pipeline.llm.ledger_rows import PaidReply


def replies(ledger: Path) -> int:
    """The number of replies in a ledger that another process may be writing."""
    try:
        with sqlite3.connect(f"file:{ledger}?mode=ro", uri=True) as connection:
            return int(connection.execute("SELECT MAX(rowid) FROM replies").fetchone()[0] or 0)
    except sqlite3.OperationalError:
        return 0


def recorded(ledger: Ledger) -> list[PaidReply]:
    """All replies of an open ledger, in the order in which they came."""
    with sqlite3.connect(f"file:{ledger.path}?mode=ro", uri=True) as connection:
        keys = [row[0].hex() for row in connection.execute("SELECT key FROM replies ORDER BY id")]
    connection.close()
    found = (ledger.get(key) for key in keys)
    return [reply for reply in found if reply is not None]
