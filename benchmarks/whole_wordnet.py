"""The whole pipeline on a whole WordNet, against a mock model, killed twice on the way.

    python -m benchmarks.whole_wordnet --wordnet FOLDER [--limit N] [--kills 2]

Prints the wall time, the CPU time and the peak memory of each stage, worker processes included, and
how many requests were sent twice. Targets for the whole WordNet: 1.3 times what version 0.1 took on
two idle cores (631 s, 636 s of CPU, 713 MB), and at most the requests in flight sent again at each
kill. Memory is that of all processes added up, what they share counted in each.
"""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

import orjson
import psutil

from testing.ledgers import replies
from testing.mock_server import spawned

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
TARGET_S, TARGET_MB = 1.3 * 631, 1.3 * 713
REQUESTS_PER_SYNSET = 6.6
"""Of a whole WordNet; of the few synsets of a limit, whose lemmas have more senses, some twelve."""


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
    with spawned("--responder", "testing.wordnet_responder:respond") as base_url:
        text = CONFIG.format(wordnet=wordnet).replace("http://mock.invalid/v1", base_url)
        config.write_text(text, encoding="utf-8")
        program = Path(sys.executable).with_name("viconwsd")
        command = [str(program), "run", "-c", str(config)]
        command += ["--limit", str(limit)] if limit else []
        expected = REQUESTS_PER_SYNSET * (limit or 33_471)
        began = time.monotonic()
        stages: dict[str, Share] = {}
        for number in range(1, kills + 1):
            at = round(expected * number / (kills + 1))
            watched(command, stages, lambda at=at: replies(folder / "ledger.sqlite") >= at)
            print(f"killed after {time.monotonic() - began:.0f} s", flush=True)
        exit_code = watched(command, stages)
        seconds = time.monotonic() - began
        with urllib.request.urlopen(base_url.replace("/v1", "/stats")) as stats:
            answered = orjson.loads(stats.read())["answered"]
    kept = replies(folder / "ledger.sqlite")
    report(stages)
    peak = max(share.peak_mb for share in stages.values())
    cpu_s = sum(share.cpu_s for share in stages.values())
    of_all = limit is None
    print(f"exit code {exit_code}; CPU time {cpu_s:,.0f} s, kills included")
    print(f"wall time {seconds:,.0f} s{f' (target {TARGET_S:,.0f} s)' if of_all else ''}")
    print(f"peak memory {peak:,.0f} MB{f' (target {TARGET_MB:,.0f} MB)' if of_all else ''}")
    print(f"{answered:,} replies sent by the server, {kept:,} kept: {answered - kept} sent again")


@dataclass
class Share:
    """What one stage took, over all attempts at it."""

    seconds: float = 0.0
    cpu_s: float = 0.0
    peak_mb: float = 0.0


def watched(
    command: list[str], stages: dict[str, Share], stop: Callable[[], bool] = lambda: False
) -> int:
    """Runs the command, adds up what its stages take, and kills it when ``stop`` says so."""
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, encoding="utf-8")
    current = ["start"]
    reader = Thread(target=follow, args=(process, current), daemon=True)
    reader.start()
    seen = psutil.Process(process.pid)
    before, cpu_before = time.monotonic(), dict[int, float]()
    while process.poll() is None:
        with suppress(psutil.NoSuchProcess):
            share = stages.setdefault(current[0], Share())
            memory = 0.0
            for each in (seen, *seen.children(recursive=True)):
                with suppress(psutil.NoSuchProcess):
                    times = each.cpu_times()
                    cpu = times.user + times.system
                    share.cpu_s += cpu - cpu_before.get(each.pid, 0.0)
                    cpu_before[each.pid] = cpu
                    memory += each.memory_info().rss / 1e6
            now = time.monotonic()
            share.seconds += now - before
            share.peak_mb = max(share.peak_mb, memory)
            before = now
        if stop():
            process.send_signal(signal.SIGKILL)
        time.sleep(0.1)
    reader.join()
    return process.returncode


def follow(process: subprocess.Popen[str], current: list[str]) -> None:
    """Passes the command's lines on and notes which stage is at work."""
    assert process.stderr is not None
    for line in process.stderr:
        print(line, end="", file=sys.stderr, flush=True)
        words = line.split()
        if len(words) > 1 and words[1] == "runs":
            current[0] = words[0]


def report(stages: dict[str, Share]) -> None:
    """A line per stage; memory in the request stages is also told above that of the start."""
    start = stages["start"].peak_mb
    print(f"{'stage':<10} {'wall s':>8} {'cpu s':>8} {'peak MB':>8} {'above start-up':>15}")
    for name, share in stages.items():
        above = share.peak_mb - start
        print(
            f"{name:<10} {share.seconds:>8,.0f} {share.cpu_s:>8,.0f} {share.peak_mb:>8,.0f} "
            f"{above:>15,.0f}"
        )


if __name__ == "__main__":
    main()
