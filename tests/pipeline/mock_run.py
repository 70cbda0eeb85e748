"""A run of forty-five synsets against the mock server, for tests that count requests."""

import json
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from pipeline.cli.main import exit_code
from testing.ledgers import replies

IN_FLIGHT = 8
LEMMAS = [
    "khoan",
    "đá",
    "đường",
    "sao",
    "bạc",
    "chạy",
    "mũi",
    "chân",
    "tay",
    "đầu",
    "lá",
    "quả",
    "cây",
    "bóng",
    "nước",
]
MOCK = ("--responder", "testing.wordnet_responder:respond")


def write_run(folder: Path, base_url: str) -> Path:
    """Fifteen lemmas, three senses each; returns the path of run.toml."""
    (folder / "lexicon").mkdir(parents=True)
    for kind, name in enumerate(("noun.act", "noun.artifact", "verb.motion")):
        lines = [f"{kind * 100 + n},{lemma}\n" for n, lemma in enumerate(LEMMAS)]
        (folder / "lexicon" / f"{name}.csv").write_text("".join(lines), encoding="utf-8")
    config = folder / "run.toml"
    config.write_text(
        '[source]\nkind = "csv"\npath = "lexicon"\n\n'
        f'[llm]\nbase_url = "{base_url}"\nidentity = "mock"\nmodel = "mock"\n'
        f"max_tokens = 2000\nmax_in_flight = {IN_FLIGHT}\n\n"
        "[contexts.rules]\nword_list = false\n",
        encoding="utf-8",
    )
    return config


def command(config: Path) -> list[str]:
    """The run up to ``select`` in a process of its own."""
    run = "import sys; from pipeline.cli.main import exit_code; sys.exit(exit_code(sys.argv[1:]))"
    return [sys.executable, "-c", run, "run", "-c", str(config), "--until", "select"]


def run(config: Path, *more: str, until: str = "select") -> None:
    """Runs up to a stage, in this process."""
    assert exit_code(["run", "-c", str(config), "--until", until, *more]) == 0


def arrived(base_url: str) -> int:
    """How often the server was asked, answered or not."""
    with urllib.request.urlopen(base_url.replace("/v1", "/stats")) as stats:
        return int(json.loads(stats.read())["arrived"])


def answered(base_url: str) -> dict[str, int]:
    """How often the server was asked, by stage and in ``all``."""
    with urllib.request.urlopen(base_url.replace("/v1", "/stats")) as stats:
        found = json.loads(stats.read())
    counts = {"all": int(found["answered"])}
    for item, n in found["items"].items():
        stage = item.partition("/")[0]
        counts[stage] = counts.get(stage, 0) + n
    return counts


def kill_when(config: Path, at: int) -> None:
    """Runs the command line, and ends it by kill -9 once its ledger has so many replies."""
    process = subprocess.Popen(command(config), stderr=subprocess.DEVNULL)
    while process.poll() is None and replies(config.parent / "ledger.sqlite") < at:
        time.sleep(0.005)
    assert process.poll() is None, "it ended before it could be killed"
    process.send_signal(signal.SIGKILL)
    process.wait()
