"""The whole pipeline on a whole WordNet, against a mock model, killed twice on the way.

    python -m benchmarks.whole_wordnet --wordnet FOLDER [--limit N] [--kills 2]

Prints the wall time of each stage, the peak memory of the process, and how many requests were
sent twice. Targets on a two-core machine: 30 minutes, 1.5 GB, and at most the requests in flight
sent again at each kill.
"""

from __future__ import annotations

import argparse
import resource
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import orjson

from benchmarks.mock_server import spawned

CONFIG = """\
[source]
kind = "csv"
path = "{wordnet}"

[llm]
base_url = "http://mock.invalid/v1"
model = "mock"
max_tokens = 2000
max_in_flight = 64
"""
TARGET_S, TARGET_MB = 30 * 60, 1500


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="the whole pipeline on a whole WordNet")
    parser.add_argument("--wordnet", type=Path, required=True)
    parser.add_argument("--limit", type=int)
    parser.add_argument("--kills", type=int, default=2)
    parser.add_argument("--run", type=Path, help="run folder to keep; else a temporary one")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = given.run or Path(scratch)
        measure(given.wordnet.resolve(), folder, given.limit, given.kills)


def measure(wordnet: Path, folder: Path, limit: int | None, kills: int) -> None:
    """Runs to the end, with ``kills`` interruptions at even shares of the requests."""
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "run.toml"
    with spawned("--responder", "benchmarks.wordnet_responder:respond") as base_url:
        text = CONFIG.format(wordnet=wordnet).replace("http://mock.invalid/v1", base_url)
        config.write_text(text, encoding="utf-8")
        program = Path(sys.executable).with_name("viconwsd")
        command = [str(program), "run", "-c", str(config)]
        command += ["--limit", str(limit)] if limit else []
        expected = 2.4 * (limit or 98_000) * 1.1
        began = time.monotonic()
        for number in range(1, kills + 1):
            killed(command, folder / "ledger.sqlite", round(expected * number / (kills + 1)))
            print(f"killed after {time.monotonic() - began:.0f} s", flush=True)
        done = subprocess.run(command, check=False)
        seconds = time.monotonic() - began
        with urllib.request.urlopen(base_url.replace("/v1", "/stats")) as stats:
            answered = orjson.loads(stats.read())["answered"]
    kept = replies(folder / "ledger.sqlite")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"exit code {done.returncode}")
    print(f"wall time {seconds:,.0f} s (target {TARGET_S:,} s), kills included")
    print(f"peak memory {peak:,.0f} MB (target {TARGET_MB:,} MB)")
    print(f"{answered:,} replies sent by the server, {kept:,} kept: {answered - kept} sent again")


def killed(command: list[str], ledger: Path, at: int) -> None:
    """Runs the command and kills it with SIGKILL when the ledger holds ``at`` replies."""
    process = subprocess.Popen(command)
    while process.poll() is None and replies(ledger) < at:
        time.sleep(0.2)
    process.send_signal(signal.SIGKILL)
    process.wait()


def replies(ledger: Path) -> int:
    """The number of replies in a ledger that another process may be writing."""
    try:
        with sqlite3.connect(f"file:{ledger}?mode=ro", uri=True) as connection:
            return int(connection.execute("SELECT MAX(rowid) FROM replies").fetchone()[0] or 0)
    except sqlite3.OperationalError:
        return 0


if __name__ == "__main__":
    main()
