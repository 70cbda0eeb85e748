"""Ctrl-C ends a run calmly: exit code 130, one line, and every reply kept."""

import signal
import subprocess
import time
from pathlib import Path

from testing.ledgers import replies
from testing.mock_server import spawned
from tests.pipeline.mock_run import MOCK, answered, command, run, write_run


def default_interrupt() -> None:
    """A test runner in the background ignores SIGINT, and its children would too."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def test_an_interrupted_run_says_so_and_goes_on_later(tmp_path: Path) -> None:
    with spawned("--latency", "0.1", *MOCK) as base_url:
        config = write_run(tmp_path / "run", base_url)
        process = subprocess.Popen(
            command(config),
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            preexec_fn=default_interrupt,
        )
        while process.poll() is None and replies(tmp_path / "run" / "ledger.sqlite") < 30:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
        assert process.returncode == 130, said
        assert "interrupted; run the same command again to go on" in said
        assert "Traceback" not in said
        kept = replies(tmp_path / "run" / "ledger.sqlite")
        assert kept >= 30
        run(config)
        assert answered(base_url)["all"] - replies(tmp_path / "run" / "ledger.sqlite") <= 8
