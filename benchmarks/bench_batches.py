"""Batches against their targets: kills, importing, writing a wave, and what the demo costs.

    python -m benchmarks.bench_batches [--kills 1000] [--only kills import wave demo]

Each kill is a SIGKILL to a process of its own at a seeded point, while a batch server with all its
faults outlives it; a hundred requests are asked until all are answered, 25 kills a time.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import orjson

from benchmarks.apart import resident_mb
from pipeline.engine.handed_out import HandedOut
from pipeline.engine.ordered import each_in_order
from pipeline.llm.batches.book import Book
from pipeline.llm.batches.carrier import Carrier, Stores
from pipeline.llm.batches.kinds import line_of, open_service
from pipeline.llm.batches.outbox import Outbox
from pipeline.llm.batches.outside import import_results
from pipeline.llm.budget import Budget
from pipeline.llm.ledger import Ledger
from pipeline.llm.ledger_rows import PICO
from pipeline.llm.meter import Meter
from pipeline.llm.settings import BatchSettings, EndpointSettings, Price
from testing.asking import http_model
from testing.batch_server import BatchServer
from testing.demo_replies import run_demo
from testing.killing import ALL_FAULTS, account, live_and_die, spawned_server
from testing.wave_asking import ask_in_waves, word_reply, word_request

PRICE = Price(input=Decimal(1), output=Decimal(2), date=datetime.date(2026, 1, 1))
A_TIME = 25
REQUESTS = 100
CAP = Decimal("0.06")
Figure = tuple[str, float, str, float]
"""Name, value, unit, and what it may be at most."""


def endpoint(base_url: str, mode: str = "batch", **batch: object) -> EndpointSettings:
    """A provider whose looks, waits and graces are short."""
    own = {"tail": 0, "poll_s": 0.01, "grace_s": 0.2, "max_requests": 30, **batch}
    fields = {"base_url": base_url, "identity": "mock", "model": "mock", "mode": mode}
    return EndpointSettings.model_validate(
        {**fields, "price": PRICE, "batch": BatchSettings.model_validate(own)}
    )


def kills(wanted: int) -> Iterator[Figure]:
    """Lives killed at seeded points, with all faults on and a cap that cuts the waves."""
    done = given_up = doubled = lost = unlike = passed = 0
    points: Counter[str] = Counter()
    while done < wanted:
        seed = done // A_TIME
        with (
            tempfile.TemporaryDirectory() as name,
            spawned_server(replace(ALL_FAULTS, seed=seed)) as base_url,
        ):
            folder = Path(name)
            n = min(A_TIME, wanted - done)
            lives = live_and_die(folder / "run", endpoint(base_url), REQUESTS, seed, n, CAP)
            seen = account(base_url)
            requests = [word_request(i) for i in range(REQUESTS)]
            online = ask_in_waves(folder / "online", endpoint(base_url, "online"), requests)
            unlike += lives.outcomes != asyncio.run(online)
            with Ledger(folder / "run" / "ledger.sqlite") as ledger:
                lost += sum(not ledger.contains(key) for key in seen["readable"])
                spending = ledger.spending("USD")
            passed += Decimal(spending.paid + spending.lost_at_most) / PICO > CAP
            doubled += len(seen["doubled"])
            done += lives.kills
            given_up += lives.given_up
            points.update(lives.points)
        print(f"  {done} kills", file=sys.stderr, flush=True)
    print("  points:", ", ".join(f"{point} {count}" for point, count in points.most_common()))
    yield "kills", done, "", float("inf")
    yield "ended in a line and run again", given_up, "lives", float("inf")
    yield "submitted twice", doubled, "requests", 0
    yield "paid replies lost", lost, "replies", 0
    yield "outcomes unlike online", unlike, "runs", 0
    yield "cap passed", passed, "runs", 0


def written(folder: Path, requests: int) -> tuple[EndpointSettings, float]:
    """A wave of so many requests in files; the seconds it took."""
    settings = endpoint("http://127.0.0.1:9/v1", kind="file", max_requests=50_000)
    began = time.monotonic()

    async def hand_out() -> None:
        with Ledger(folder / "l.sqlite") as ledger, Book(folder / "l.sqlite") as book:
            outbox = Outbox(folder / "batches", book, Budget(None), line_of)
            async with http_model(settings, ledger=ledger, hand_out=outbox.hand_out) as model:
                numbers = (word_request(n) for n in range(requests))
                try:
                    await each_in_order(numbers, model.ask, lambda _: None, at_once=32)
                except HandedOut:
                    outbox.close()

    asyncio.run(hand_out())
    return settings, time.monotonic() - began


def wave(requests: int) -> Iterator[Figure]:
    """A wave is written in flat memory."""
    before = resident_mb()
    with tempfile.TemporaryDirectory() as name:
        _, seconds = written(Path(name), requests)
    yield f"{requests:,} handed out", seconds, "s", 60.0
    yield "memory, start-up included", resident_mb(), "MB", 300.0
    yield "memory above start-up", resident_mb() - before, "MB", 300.0


def imported(results: int) -> Iterator[Figure]:
    """Results of a batch go into the ledger."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings, _ = written(folder, results)
        server, out = BatchServer(), folder / "out.jsonl"
        with out.open("wb") as file:
            for path in sorted((folder / "batches").iterdir()):
                with path.open("rb") as asked_for:
                    for line in asked_for:
                        asked = orjson.loads(line)
                        try:
                            text = word_reply(asked["body"], {})
                        except Exception:
                            text = "{}"
                        body = orjson.loads(server._envelope(asked["body"], line, text))
                        response = {"status_code": 200, "body": body}
                        row = {"custom_id": asked["custom_id"], "response": response}
                        file.write(orjson.dumps({**row, "error": None}) + b"\n")
        before, began, cpu = resident_mb(), time.monotonic(), time.process_time()
        ledger_path = folder / "l.sqlite"
        with Ledger(ledger_path) as ledger, Book(ledger_path) as book:
            stores = Stores(folder / "batches", ledger, book, Budget(None), Meter())
            import_results(Carrier(stores, (settings,), open_service), out)
            assert len(ledger) == results
        seconds, cpu = time.monotonic() - began, time.process_time() - cpu
    yield f"{results:,} results imported", seconds, "s", 10.0
    yield "CPU of that", cpu, "s", 10.0
    yield "memory above start-up", resident_mb() - before, "MB", 200.0


def demo(_: int) -> Iterator[Figure]:
    """What the demo's replies cost in batches, of what they cost online."""
    spent = {}
    with tempfile.TemporaryDirectory() as name:
        for mode in ("online", "batch"):
            run_demo(Path(name) / mode, mode, priced=True)
            with Ledger(Path(name) / mode / "ledger.sqlite") as ledger:
                spent[mode] = ledger.spending("USD").paid
    yield "cost of the demo, of online", spent["batch"] / spent["online"], "", 0.55


CASES: dict[str, tuple[Callable[[int], Iterator[Figure]], int]] = {
    "kills": (kills, 1000),
    "wave": (wave, 230_000),
    "import": (imported, 50_000),
    "demo": (demo, 1),
}


def main() -> None:
    """Run the cases, each in a process of its own; exit code 1 if a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", choices=CASES, default=list(CASES))
    parser.add_argument("--kills", type=int, default=CASES["kills"][1])
    given = parser.parse_args()
    if len(given.only) > 1:
        alone = [sys.executable, "-m", "benchmarks.bench_batches", "--kills", str(given.kills)]
        failed = [subprocess.run([*alone, "--only", each], check=False) for each in given.only]
        sys.exit(any(each.returncode for each in failed))
    missed = False
    for name in given.only:
        case, size = CASES[name]
        for label, value, unit, most in case(given.kills if name == "kills" else size):
            verdict = "" if most == float("inf") else "met" if value <= most else "MISSED"
            missed |= value > most
            target = "" if most == float("inf") else f"<= {most:g}"
            print(f"{label:32} {value:12.3f} {unit:9} {target:8} {verdict}", flush=True)
    sys.exit(missed)


if __name__ == "__main__":
    main()
