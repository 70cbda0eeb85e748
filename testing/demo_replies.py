"""The demo behind any server: its recordings, the labels of a batch's lines, a run of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from pipeline.cli.main import exit_code
from pipeline.llm.http import ITEM_HEADER
from pipeline.replay.recordings import Recordings
from testing.batch_server import BatchServer, threaded
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


_LLM = (
    '[llm]\nbase_url = "{url}"\nidentity = "demo"\nmodel = "recorded-replies"\ntemperature = 0.8\n'
    'max_tokens = 1500\nmode = "{mode}"\n{price}'
    "[llm.batch]\ntail = 5\npoll_s = 0.01\ngrace_s = 0.05\nmax_requests = 40\n\n"
)
_MEMBER = "batch = { tail = 5, poll_s = 0.01, grace_s = 0.05, max_requests = 40 }\n"
_PRICE = "price = { input = 1.0, output = 2.0, date = 2026-01-01 }\n"
DEMO = Path(__file__).resolve().parents[1] / "data" / "demo" / "replies"


def write_demo(folder: Path, url: str, mode: str, *, priced: bool = False) -> Path:
    """A run folder of the demo, whose model is served at ``url``; its run.toml."""
    assert exit_code(["init", str(folder), "--preset", "demo"]) == 0
    config = folder / "run.toml"
    text = config.read_text(encoding="utf-8")
    start, end = text.index("\n[llm]\n") + 1, text.index("[audit]")
    llm = _LLM.format(url=url, mode=mode, price=_PRICE if priced else "")
    members = f'base_url = "{url}"\nidentity = "judges"\nmode = "{mode}"\n{_MEMBER}'
    if priced:
        members += _PRICE
    recorded = 'base_url = "http://recorded.invalid/v1"\n'
    text = text[:start] + llm + text[end:].replace(recorded, members)
    config.write_text(text, encoding="utf-8")
    return config


def run_demo(folder: Path, mode: str, *, priced: bool = False) -> BatchServer:
    """Runs the demo against a server of its own, until it is done."""
    server = BatchServer(None, demo_responder(DEMO), label_of=labels_in(folder / "ledger.sqlite"))
    with threaded(server):
        config = write_demo(folder, server.base_url, mode, priced=priced)
        assert exit_code(["run", "-c", str(config)]) == 0
    return server
