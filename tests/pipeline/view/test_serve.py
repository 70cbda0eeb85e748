"""The command: its port, its one line, and how it ends."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from pipeline.cli.main import exit_code
from pipeline.view.serve import HOST, listen
from schemas.errors import UsageError
from tests.conftest import TinyRun

COMMAND = "import sys; from pipeline.cli.main import exit_code; sys.exit(exit_code(sys.argv[1:]))"


def test_a_port_that_is_taken_is_one_line_and_without_one_the_next_is_taken() -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"port {port}: another program has it"):
            listen(port)
    with listen(None) as one, listen(None) as other:
        assert one.getsockname()[0] == HOST
        assert one.getsockname()[1] != other.getsockname()[1]


def test_the_command_serves_until_it_is_interrupted_and_ends_quietly(finished: TinyRun) -> None:
    """With no browser on the machine, which is no fault."""
    environment = os.environ | {"BROWSER": "/nowhere/browser", "PATH": "/usr/bin:/bin"}
    served = subprocess.Popen(
        [sys.executable, "-c", COMMAND, "view", "-c", str(finished.config)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )
    assert served.stdout is not None
    address = served.stdout.readline().strip()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    with opener.open(address, timeout=20) as answer:
        assert b"Stages" in answer.read()
    served.send_signal(signal.SIGINT)
    rest, said = served.communicate(timeout=20)
    assert (rest, said) == ("", "")
    assert served.returncode in (0, 130)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["-c", "nowhere/run.toml"], "no such file"),
        (["--release", "nowhere"], "nowhere"),
        (["--release", ".", "--against", "nowhere"], "manifest.json"),
    ],
)
def test_what_is_not_there_is_one_line(
    arguments: list[str], told: str, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert exit_code(["view", *arguments, "--no-browser"]) in (1, 2)
    said = capfd.readouterr().err
    assert told in said
    assert said.count("\n") == 1


def test_the_pages_need_neither_torch_nor_other_heavy_packages() -> None:
    """They would take a few hundred megabytes and the first seconds."""
    heavy = ("torch", "transformers", "scipy", "pandas", "matplotlib", "underthesea", "openai")
    code = f"import sys, pipeline.view.serve; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
