"""Lives that end by kill -9 at seeded points, against one batch server that outlives them."""

from __future__ import annotations

import asyncio
import faulthandler
import json
import multiprocessing
import os
import random
import signal
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from functools import wraps
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from pipeline.llm.batches.book import Book
from pipeline.llm.batches.outbox import Outbox
from pipeline.llm.http import HttpTransport
from pipeline.llm.ledger import Ledger
from pipeline.llm.settings import EndpointSettings
from schemas.errors import ServiceError
from testing.batch_server import BatchPlan, BatchServer
from testing.wave_asking import Outcome, ask_in_waves, word_reply, word_request

ALL_FAULTS = BatchPlan(
    p_lost_create=0.2,
    p_lost_upload=0.2,
    p_expired=0.15,
    p_error_only=0.05,
    p_rejected=0.15,
    p_cancelled=0.1,
    p_poll_429=0.1,
    p_cut=0.2,
    p_line_500=0.03,
    p_doubled=0.1,
    finalizing=1,
)
"""Every fault but those by which a reply that was done can never be read."""
LONGEST_LIFE_S = 120.0
"""A life that takes longer hangs: it ends by an error, and shows where it stood."""
GAVE_UP = 7
"""The exit status of a life that ended in a line."""


@dataclass
class Lives:
    """What many lives came to."""

    outcomes: list[Outcome] = field(default_factory=list)
    kills: int = 0
    given_up: int = 0
    """Lives that ended in a line, since several batches in a row brought nothing."""
    points: dict[str, int] = field(default_factory=dict)
    """How often a life ended before or after what."""


@contextmanager
def spawned_server(plan: BatchPlan) -> Iterator[str]:
    """The base_url of a batch server in a process of its own."""
    ours, theirs = multiprocessing.Pipe()
    context = multiprocessing.get_context("fork")
    process = context.Process(target=_serve, args=(plan, theirs), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        process.kill()
        process.join()


def _serve(plan: BatchPlan, told: Connection) -> None:
    async def serve() -> None:
        async with BatchServer(plan, word_reply) as server:
            told.send(server.base_url)
            await asyncio.Event().wait()

    asyncio.run(serve())


def account(base_url: str) -> dict[str, Any]:
    """What a server was asked, and has done."""
    with urllib.request.urlopen(base_url.replace("/v1", "/stats")) as stats:
        found: dict[str, Any] = json.loads(stats.read())
    return found


def live_and_die(
    folder: Path,
    settings: EndpointSettings,
    n_requests: int,
    seed: int,
    kills: int,
    cap: Decimal | None = None,
) -> Lives:
    """Asks in one process after the other; each is killed at a seeded effect, up to ``kills``.

    An effect is a request to the provider, a line of results, or a write to the ledger; the kill
    comes before or after it. A life that gives up is followed by another, as a user would run it
    again; the last life is let live.
    """
    lives, rng = Lives(), random.Random(seed)
    requests = [word_request(n) for n in range(n_requests)]
    folder.mkdir(parents=True, exist_ok=True)
    while True:
        at = rng.choice((rng.randrange(10), rng.randrange(40))) if lives.kills < kills else -1
        report, result = folder / "point", folder / "outcomes.json"
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                faulthandler.dump_traceback_later(LONGEST_LIFE_S, exit=True)
                _die_at(at, report)
                found = asyncio.run(ask_in_waves(folder, settings, requests, cap=cap))
                result.write_text(json.dumps(found), encoding="utf-8")
                status = 0
            except ServiceError as error:
                report.write_text(str(error), encoding="utf-8")
                status = GAVE_UP
            finally:
                os._exit(status)
        _, how = os.waitpid(pid, 0)
        if os.WIFSIGNALED(how):
            assert os.WTERMSIG(how) == signal.SIGKILL
            lives.kills += 1
            point = report.read_text(encoding="utf-8")
            lives.points[point] = lives.points.get(point, 0) + 1
            continue
        if os.WEXITSTATUS(how) == GAVE_UP:
            said = report.read_text(encoding="utf-8")
            assert "batches in a row brought nothing" in said, said
            lives.given_up += 1
            continue
        assert os.WEXITSTATUS(how) == 0, "a life ended by an error"
        lives.outcomes = [tuple(each) for each in json.loads(result.read_text(encoding="utf-8"))]
        return lives


def _die_at(at: int, report: Path) -> None:
    """Counts effects from here on, and kills this process at one of them."""
    n = -1

    def effect(name: str) -> None:
        nonlocal n
        n += 1
        if n == at:
            report.write_text(name, encoding="utf-8")
            os.kill(os.getpid(), signal.SIGKILL)

    def around(owner: type, name: str) -> None:
        plain: Callable[..., Any] = getattr(owner, name)

        @wraps(plain)
        def called(*values: Any, **named: Any) -> Any:
            effect(f"before {name}")
            found = plain(*values, **named)
            effect(f"after {name}")
            return found

        @wraps(plain)
        async def awaited(*values: Any, **named: Any) -> Any:
            effect(f"before {name}")
            found = await plain(*values, **named)
            effect(f"after {name}")
            return found

        setattr(owner, name, awaited if asyncio.iscoroutinefunction(plain) else called)

    for name in ("begin", "add_items", "note", "note_outcomes", "finish", "replace", "drop"):
        around(Book, name)
    around(Ledger, "_commit")
    around(Ledger, "record_all")
    around(Ledger, "_write_now")
    around(Outbox, "_finish")
    around(HttpTransport, "request")
    lines = HttpTransport.lines

    async def read(self: HttpTransport, *values: Any, **named: Any) -> Any:
        n_lines = 0
        async for line in lines(self, *values, **named):
            if n_lines % 8 == 1:
                effect("within results")
            n_lines += 1
            yield line

    HttpTransport.lines = read  # type: ignore[method-assign]
