"""The command: its port, its one line, and how it ends."""

import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from pipeline.cli.main import exit_code
from pipeline.view.index import shelf
from pipeline.view.index.build import build_index
from pipeline.view.serve import HOST, listen
from schemas.errors import UsageError
from testing.browser import chromium
from testing.tiny_release import make_tiny_release
from tests.conftest import TinyRun
from tests.pipeline.view.conftest import TOKEN, seen, serving

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


def test_a_page_that_waits_for_the_index_goes_over_to_the_one_asked_for_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_go_on = threading.Event()

    def slow(*given: Any) -> None:
        may_go_on.wait(30)
        build_index(*given)

    monkeypatch.setattr(shelf, "build_index", slow)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    site = seen(release=make_tiny_release(tmp_path / "release")).site
    with serving(site, tmp_path) as address, chromium() as browser:
        page = browser.new_page(locale="en")
        try:
            page.goto(f"{address}/?token={TOKEN}")
            page.goto(f"{address}/word?lemma=đường")
            page.wait_for_selector("h1:has-text('One moment')", timeout=10_000)
        finally:
            may_go_on.set()
        page.wait_for_selector("h1:has-text('đường')", timeout=10_000)
