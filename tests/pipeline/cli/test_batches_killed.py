"""kill -9 to a whole `viconwsd run` in batch mode: run again, it ends with the online release."""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

from aiohttp import web

from pipeline.cli.main import exit_code
from testing.batch_server import BatchPlan, BatchServer, threaded
from testing.demo_replies import labels_in
from testing.wordnet_responder import respond
from tests.pipeline.mock_run import write_run

BATCH = 'mode = "batch"\nbatch = { tail = 5, poll_s = 0.02, grace_s = 0.2, max_requests = 30 }\n'
RUN = "import sys; from pipeline.cli.main import exit_code; sys.exit(exit_code(sys.argv[1:]))"


class KillingServer(BatchServer):
    """Kills the process that asks it, after so many requests about files and batches."""

    victim: subprocess.Popen[bytes] | None = None
    left = 0

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        answer = await super()._handle(request)
        if self.victim is not None and request.path.startswith(("/v1/files", "/v1/batches")):
            self.left -= 1
            if self.left == 0:
                os.kill(self.victim.pid, signal.SIGKILL)
        return answer


def release_bytes(folder: Path) -> dict[str, bytes]:
    """All files of the release."""
    paths = sorted(path for path in (folder / "release").rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def test_a_run_that_is_killed_twice_ends_with_the_release_of_an_online_run(tmp_path: Path) -> None:
    rng = random.Random(14)
    there = tmp_path / "batch"
    label_of = labels_in(there / "ledger.sqlite")
    with threaded(KillingServer(BatchPlan(seed=14), respond, label_of=label_of)) as server:
        assert isinstance(server, KillingServer)
        config = write_run(there, server.base_url)
        text = config.read_text(encoding="utf-8")
        config.write_text(text.replace('model = "mock"\n', f'model = "mock"\n{BATCH}'), "utf-8")
        for most in (4, 14):  # once while the first wave is submitted, once further on
            server.left = rng.randint(1, most)
            server.victim = subprocess.Popen(
                [sys.executable, "-c", RUN, "run", "-c", str(config)], stderr=subprocess.DEVNULL
            )
            assert server.victim.wait() == -signal.SIGKILL
        server.victim = None
        assert exit_code(["run", "-c", str(config)]) == 0
    online = tmp_path / "online"
    with threaded(BatchServer(None, respond)) as other:
        assert exit_code(["run", "-c", str(write_run(online, other.base_url))]) == 0
    assert release_bytes(there) == release_bytes(online)
    assert server.doubled == []
    assert max(server.submitted.values()) == 1
    assert server.stats.answered + len(server.submitted) == other.stats.answered
    assert not list((there / "batches").iterdir())
