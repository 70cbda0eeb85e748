"""Ctrl-C and SIGTERM end a run calmly: every reply is waited for and kept, exit code 130."""

import signal
import subprocess
import time
from pathlib import Path

import pytest

from testing.ledgers import replies
from testing.mock_server import spawned
from tests.pipeline.mock_run import MOCK, answered, arrived, command, run, write_run


def default_interrupt() -> None:
    """A test runner in the background ignores SIGINT, and its children would too."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def started(config: Path) -> subprocess.Popen[str]:
    """A run in a process of its own, whose talk is read."""
    return subprocess.Popen(
        command(config),
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        preexec_fn=default_interrupt,
    )


@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_says_so_and_goes_on_later(tmp_path: Path, kind: signal.Signals) -> None:
    with spawned("--latency", "0.2", *MOCK) as base_url:
        config = write_run(tmp_path / "run", base_url)
        process = started(config)
        while process.poll() is None and replies(tmp_path / "run" / "ledger.sqlite") < 30:
            time.sleep(0.01)
        process.send_signal(kind)
        _, said = process.communicate(timeout=240)
        assert process.returncode == 130, said
        assert "interrupted; run the same command again to go on" in said
        assert "Traceback" not in said
        kept = replies(tmp_path / "run" / "ledger.sqlite")
        assert kept == answered(base_url)["all"] >= 30
        assert f"in this run {kept} new answers\n" in said
        assert not (tmp_path / "run" / "run.pid").exists()
        run(config)
        assert answered(base_url)["all"] == replies(tmp_path / "run" / "ledger.sqlite")


def test_a_second_signal_stops_at_once(tmp_path: Path) -> None:
    with spawned("--latency", "60", *MOCK) as base_url:
        config = write_run(tmp_path / "run", base_url)
        process = started(config)
        assert process.stderr is not None
        while process.poll() is None and arrived(base_url) < 8:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        for line in process.stderr:
            if "waiting for 8 replies that are on their way" in line:
                break
        else:
            raise AssertionError("nothing was said")
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=240)
        assert process.returncode == 130, said
        assert "in this run 0 new answers; 8 requests may be billed and got no answer" in said
