"""The demo's data set in batches: the same release, byte by byte, at half the cost."""

from pathlib import Path

from pipeline.cli.main import exit_code
from testing.batch_server import BatchPlan, BatchServer, threaded
from testing.demo_replies import demo_responder, labels_in
from testing.mock_server import Plan

MODEL = '[llm]\nbase_url = "{url}"\nidentity = "demo"\nmodel = "recorded-replies"\n'
BATCH = "[llm.batch]\ntail = {tail}\npoll_s = 0.01\ngrace_s = 0.05\nmax_requests = {most}\n"


def write_demo(folder: Path, url: str, mode: str, tail: int = 5, most: int = 40) -> Path:
    """A run folder of the demo, whose model is served at ``url``."""
    assert exit_code(["init", str(folder), "--preset", "demo"]) == 0
    config = folder / "run.toml"
    text = config.read_text(encoding="utf-8")
    start, end = text.index("\n[llm]\n") + 1, text.index("[audit]")
    llm = MODEL.format(url=url) + f'temperature = 0.8\nmax_tokens = 1500\nmode = "{mode}"\n'
    llm += BATCH.format(tail=tail, most=most)
    inline = ", ".join(BATCH.format(tail=tail, most=most).split("\n")[1:-1])
    judge = f'base_url = "{url}"\nidentity = "demo"\nmode = "{mode}"\nbatch = {{{inline}}}'
    judges = text[end:].replace('base_url = "http://recorded.invalid/v1"', judge)
    config.write_text(text[:start] + llm + "\n" + judges, encoding="utf-8")
    return config


def release_bytes(folder: Path) -> dict[str, bytes]:
    """All files of the release."""
    release = folder / "release"
    paths = sorted(path for path in release.rglob("*") if path.is_file())
    return {str(path.relative_to(release)): path.read_bytes() for path in paths}


def run_demo(folder: Path, mode: str, batches: BatchPlan = BatchPlan(), **how: int) -> BatchServer:  # noqa: B008
    """Runs the demo against a server of its own, until it is done."""
    ledger = folder / "ledger.sqlite"
    server = BatchServer(batches, demo_responder(DEMO), label_of=labels_in(ledger), plan=Plan())
    with threaded(server):
        config = write_demo(folder, server.base_url, mode, **how)
        assert exit_code(["run", "-c", str(config)]) == 0
    return server


DEMO = Path(__file__).resolve().parents[4] / "data" / "demo" / "replies"


def test_the_release_is_that_of_an_online_run(tmp_path: Path) -> None:
    run_demo(tmp_path / "online", "online")
    server = run_demo(tmp_path / "batch", "batch")
    assert release_bytes(tmp_path / "batch") == release_bytes(tmp_path / "online")
    assert len(server.batches) >= 6
    assert not server.doubled
    assert max(server.submitted.values()) == 1
    assert not list((tmp_path / "batch" / "batches").iterdir())
