"""How far a run of another process is, by its ledger."""

from __future__ import annotations

import sqlite3
from pathlib import Path


def replies(ledger: Path) -> int:
    """The number of replies in a ledger that another process may be writing."""
    try:
        with sqlite3.connect(f"file:{ledger}?mode=ro", uri=True) as connection:
            return int(connection.execute("SELECT MAX(rowid) FROM replies").fetchone()[0] or 0)
    except sqlite3.OperationalError:
        return 0
