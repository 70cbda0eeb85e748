"""kill -9 in the middle of a run: what was answered is paid, what was in flight is asked again."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import urllib.request

from testing.mock_server import spawned

IN_FLIGHT = 16
N = 400

RUN = f"""
import asyncio, sys
from pathlib import Path
from pydantic import BaseModel
from pipeline.llm.ledger import Ledger
from pipeline.engine.ordered import each_in_order
from pipeline.llm.request import Message, Request
from pipeline.llm.settings import EndpointSettings
from testing.asking import http_model

class Reply(BaseModel):
    text: str

async def main(base_url, path):
    settings = EndpointSettings(base_url=base_url, model="m", max_in_flight={IN_FLIGHT})
    requests = (Request((Message("user", str(i)),), Reply, f"i{{i}}") for i in range({N}))
    with Ledger(Path(path)) as ledger:
        async with http_model(settings, ledger=ledger) as model:
            async def ask(request):
                answer = await model.ask(request)
                print(request.item, answer.replayed, flush=True)

            await each_in_order(requests, ask, lambda _: None, at_once={2 * IN_FLIGHT})

asyncio.run(main(*sys.argv[1:]))
"""


def _start(base_url: str, path: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", RUN, base_url, path]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_only_what_was_in_flight_is_sent_again(tmp_path):
    path = str(tmp_path / "l.sqlite")
    with spawned("--latency", "0.02", "--count-items") as base_url:
        answered: set[str] = set()
        with _start(base_url, path) as first:
            assert first.stdout is not None
            answered |= {first.stdout.readline().split()[0] for _ in range(N // 2)}
            first.send_signal(signal.SIGKILL)
            answered |= {line.split()[0] for line in first.stdout.read().split("\n")[:-1]}
        with _start(base_url, path) as second:
            assert second.stdout is not None
            lines = [line.split() for line in second.stdout.read().splitlines()]
        assert second.returncode == 0
        with urllib.request.urlopen(base_url.removesuffix("/v1") + "/stats") as reply:
            stats = json.load(reply)
    assert len(lines) == N
    replayed = {item for item, was_replayed in lines if was_replayed == "True"}
    assert answered <= replayed
    assert stats["arrived"] - N <= IN_FLIGHT
    assert all(stats["items"][item] == 1 for item in answered)
