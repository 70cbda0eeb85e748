"""The demo's recordings behind any server: a responder, and the labels of a batch's lines."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from pipeline.llm.http import ITEM_HEADER
from pipeline.replay.recordings import Recordings
from testing.mock_server import Failure, Responder


def demo_responder(folder: Path) -> Responder:
    """Answers as the demo does, by the label that a request bears."""
    recordings = Recordings(folder)

    def respond(body: dict[str, Any], headers: Mapping[str, str]) -> str:
        item = unquote(headers.get(ITEM_HEADER, ""))
        user = next(m["content"] for m in reversed(body["messages"]) if m["role"] == "user")
        text = recordings.reply(item, user)
        if text is None:
            raise Failure(400, f"no reply was recorded for {item}")
        return text

    return respond


def labels_in(ledger: Path) -> Callable[[str], str]:
    """From a key to what it asks, by a ledger that another may be writing."""

    def label_of(key: str) -> str:
        connection = sqlite3.connect(f"file:{ledger}?mode=ro", uri=True)
        try:
            found = connection.execute(
                "SELECT item FROM batch_items WHERE key = ?", (bytes.fromhex(key),)
            ).fetchone()
        finally:
            connection.close()
        return str(found[0]) if found else ""

    return label_of
