"""A pool gives results in the order of the arguments, whatever happens to its workers."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.engine.pool import LocalPool, Pool, cores, kind_for, open_pool
from pipeline.engine.processes import ProcessPool
from pipeline.engine.settings import EngineSettings
from schemas.errors import InputError, ItemError, RunError
from tests.pipeline.engine.pieces import (
    always_dies,
    dies_until_marked,
    fails_alone,
    odd_ones_fail,
    process,
    square,
)


@pytest.fixture(scope="module")
def processes() -> Iterator[ProcessPool]:
    """Two workers for all tests that leave them alive."""
    pool = ProcessPool(2)
    yield pool
    pool.close()


def test_both_kinds_give_the_same_results_in_order(processes: ProcessPool) -> None:
    pools: tuple[Pool, ...] = (LocalPool(), processes)
    for pool in pools:
        assert list(pool.each(square, range(9))) == [n * n for n in range(9)]


def test_processes_are_others_than_this_one(processes: ProcessPool) -> None:
    assert os.getpid() not in set(processes.each(process, range(4)))


def test_the_first_error_of_all_arguments_is_raised_as_itself(processes: ProcessPool) -> None:
    found = []
    with pytest.raises(InputError, match=r"^1 is odd$"):
        found.extend(processes.each(odd_ones_fail, [0, 2, 1, 3, 5, 7, 9]))
    assert list(processes.each(square, [5])) == [25]  # the pool goes on


def test_an_item_error_survives_the_way_between_processes(processes: ProcessPool) -> None:
    with pytest.raises(ItemError) as caught:
        list(processes.each(fails_alone, [7]))
    assert (caught.value.code, caught.value.detail) == ("bad_reply", "item 7")


def test_what_a_killed_worker_was_at_is_done_anew(tmp_path: Path) -> None:
    pool = ProcessPool(2)
    marks = [str(tmp_path / name) for name in ("a", "b", "c")]
    assert list(pool.each(dies_until_marked, marks)) == ["a", "b", "c"]
    pool.close()


def test_work_that_kills_every_worker_ends_in_one_line() -> None:
    pool = ProcessPool(1)
    with pytest.raises(RunError, match=r"^a worker process died 4 times at the same work"):
        list(pool.each(always_dies, [1]))


def test_workers_end_with_the_process_that_started_them() -> None:
    code = (
        "from pipeline.engine.processes import ProcessPool\n"
        "from tests.pipeline.engine.pieces import process\n"
        "import os, signal\n"
        "print(*ProcessPool(1).each(process, [1]), flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    worker, until = int(done.stdout), time.monotonic() + 10
    while Path(f"/proc/{worker}").exists() and time.monotonic() < until:
        time.sleep(0.01)
    assert not Path(f"/proc/{worker}").exists()


def test_workers_do_not_run_the_script_that_started_them(tmp_path: Path) -> None:
    script = tmp_path / "unguarded.py"
    script.write_text(
        "from pipeline.engine.processes import ProcessPool\n"
        "from tests.pipeline.engine.pieces import square\n"
        "print('begun')\n"
        "print(*ProcessPool(1).each(square, [3]))\n"
    )
    done = subprocess.run(
        [sys.executable, str(script)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
    )
    assert done.stdout == "begun\n9\n"


def test_processes_are_started_only_where_there_is_enough_to_do() -> None:
    several, one = EngineSettings(workers=2), EngineSettings(workers=1)
    assert kind_for(several, 1000, 1000) == "processes"
    assert kind_for(several, 999, 1000) == "local"
    assert kind_for(one, 10**6, 1000) == "local"
    assert kind_for(EngineSettings(kind="processes"), 1, 1000) == "processes"
    assert kind_for(EngineSettings(kind="local"), 10**6, 1000) == "local"
    pool = open_pool(EngineSettings(kind="processes"), 1, 1)
    assert pool.workers == cores()
    pool.close()
