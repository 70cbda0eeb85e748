"""A run in several processes leaves the very bytes of one in a single process."""

import json
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import psutil

from pipeline.engine.shards import SHARDS, shard_of
from testing.ledgers import replies
from testing.mock_server import spawned
from tests.pipeline.mock_run import MOCK, answered, command, run, write_run


def in_processes(config: Path, workers: int) -> Path:
    """The same run.toml, for so many workers."""
    text = config.read_text(encoding="utf-8")
    engine = f'\n[engine]\nkind = "processes"\nworkers = {workers}\n'
    config.write_text(text.split("\n[engine]")[0] + engine, encoding="utf-8")
    return config


def left(config: Path) -> dict[str, bytes]:
    """All that the stages of a run left behind, but for times."""
    found = {}
    for path in sorted((config.parent / "stages").rglob("*")):
        if path.suffix == ".parquet":
            found[str(path.relative_to(config.parent))] = path.read_bytes()
        elif path.suffix == ".json":
            body = json.loads(path.read_text(encoding="utf-8"))
            found[str(path.relative_to(config.parent))] = json.dumps(body).encode()
    return found


def workers_of(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """The workers of a run, as soon as it has some."""
    while process.poll() is None:
        with suppress(psutil.NoSuchProcess):
            children = psutil.Process(process.pid).children(recursive=True)
            workers = [each for each in children if "spawn_main" in " ".join(each.cmdline())]
            if workers:
                return workers
        time.sleep(0.01)
    raise AssertionError(f"it ended without workers: {process.communicate()[1]}")


def wait_for_more(ledger: Path, n_replies: int) -> None:
    """Until a ledger has so many more replies than now; a minute at the most."""
    wanted, until = replies(ledger) + n_replies, time.monotonic() + 60
    while replies(ledger) < wanted:
        assert time.monotonic() < until, "no more replies come"
        time.sleep(0.01)


def test_a_run_in_processes_that_is_stopped_and_killed_leaves_the_bytes_of_one_process(
    tmp_path: Path,
) -> None:
    with spawned("--latency", "0.2", *MOCK) as base_url:
        local = write_run(tmp_path / "local", base_url)
        run(local, until="judge")
        earlier = answered(base_url)["all"]
        config = in_processes(write_run(tmp_path / "run", base_url), 2)
        ledger = config.parent / "ledger.sqlite"

        def started() -> subprocess.Popen[str]:
            return subprocess.Popen(command(config), stderr=subprocess.PIPE, text=True)

        process = started()
        workers_of(process)
        wait_for_more(ledger, 8)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=120)
        assert process.returncode == 130, said
        assert "Traceback" not in said
        assert replies(ledger) == answered(base_url)["all"] - earlier

        process = started()
        workers_of(process)[-1].kill()
        wait_for_more(ledger, 8)
        workers = workers_of(process)
        process.kill()
        process.communicate()
        psutil.wait_procs(workers, timeout=30)
        assert not any(each.is_running() for each in workers)

        in_processes(config, 3)
        run(config, until="judge")
        lost = answered(base_url)["all"] - earlier - replies(ledger)
        assert lost <= 8, "more than what was in flight at the kill was asked again"
    assert left(config) == left(local)


def test_shards_depend_on_the_id_alone_and_are_about_equal() -> None:
    sizes = [0] * SHARDS
    for n in range(SHARDS * 40):
        sizes[shard_of(f"viwn-{n}")] += 1
    assert (shard_of("viwn-1"), shard_of("viwn-2")) == (99, 210)
    assert min(sizes) > 15
    assert max(sizes) < 70
