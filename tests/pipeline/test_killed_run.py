"""A run that is killed with SIGKILL loses no reply, and ends with the same rows."""

import json
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from benchmarks.mock_server import spawned
from benchmarks.whole_wordnet import replies
from pipeline.engine.folder import RunFolder

IN_FLIGHT = 8
STAGES = ("synsets", "glosses", "contexts", "judge", "select")
LEMMAS = "khoan đá đường sao bạc chạy mũi chân tay đầu lá quả cây bóng nước".split()


def write_run(folder: Path, base_url: str) -> Path:
    """Forty-five synsets of fifteen lemmas, three senses each."""
    (folder / "lexicon").mkdir(parents=True)
    for kind, name in enumerate(("noun.act", "noun.artifact", "verb.motion")):
        lines = [f"{kind * 100 + n},{lemma}\n" for n, lemma in enumerate(LEMMAS)]
        (folder / "lexicon" / f"{name}.csv").write_text("".join(lines), encoding="utf-8")
    config = folder / "run.toml"
    config.write_text(
        '[source]\nkind = "csv"\npath = "lexicon"\n\n'
        f'[llm]\nbase_url = "{base_url}"\nidentity = "mock"\nmodel = "mock"\n'
        f"max_tokens = 2000\nmax_in_flight = {IN_FLIGHT}\n\n"
        "[contexts.rules]\nunderthesea_words = false\n",
        encoding="utf-8",
    )
    return config


def command(config: Path) -> list[str]:
    run = "import sys; from pipeline.cli.main import exit_code; sys.exit(exit_code(sys.argv[1:]))"
    return [sys.executable, "-c", run, "run", "-c", str(config), "--until", "select"]


def outputs(folder: Path) -> dict[str, object]:
    """What each stage wrote: rows by content, counts, rejects and costs."""
    manifests = {name: RunFolder(folder).latest(name) for name in STAGES}
    return {
        name: (m.tables, m.counts, m.rejects, m.usage.requests, m.usage.completion_tokens)
        for name, m in manifests.items()
        if m is not None
    }


def answered(base_url: str) -> int:
    with urllib.request.urlopen(base_url.replace("/v1", "/stats")) as stats:
        return int(json.loads(stats.read())["answered"])


def test_a_killed_run_ends_like_an_undisturbed_one(tmp_path: Path) -> None:
    mock = ("--latency", "0.02", "--responder", "benchmarks.wordnet_responder:respond")
    with spawned(*mock) as base_url:
        calm = write_run(tmp_path / "calm", base_url)
        subprocess.run(command(calm), check=True, capture_output=True)
        sent_calmly = answered(base_url)
    with spawned(*mock) as base_url:
        config = write_run(tmp_path / "killed", base_url)
        ledger = tmp_path / "killed" / "ledger.sqlite"
        for at in (sent_calmly // 3, sent_calmly * 2 // 3):
            process = subprocess.Popen(command(config), stderr=subprocess.DEVNULL)
            while process.poll() is None and replies(ledger) < at:
                time.sleep(0.005)
            assert process.poll() is None, "it ended before it could be killed"
            process.send_signal(signal.SIGKILL)
            process.wait()
        subprocess.run(command(config), check=True, capture_output=True)
        assert answered(base_url) - sent_calmly <= 2 * IN_FLIGHT
    assert set(outputs(tmp_path / "calm")) == set(STAGES)
    assert outputs(tmp_path / "killed") == outputs(tmp_path / "calm")
