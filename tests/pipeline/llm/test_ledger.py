"""The ledger on real files: what was confirmed is there, whatever happens next."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.llm.ledger import Ledger
from pipeline.llm.ledger_rows import PICO, Loss, PaidReply
from schemas.errors import StorageError
from testing.ledgers import recorded


def _reply(number: int, body: bytes = b"{}", **changes) -> PaidReply:
    values = {
        "key": f"{number:032x}",
        "item": f"glosses/{number}",
        "sample": 0,
        "endpoint": "http://h/v1",
        "model": "m",
        "created": 1_700_000_000,
        "prompt_tokens": 5,
        "completion_tokens": 7,
        "cost_pico": 123,
        "finish_reason": "stop",
        "currency": "USD",
        "body": body,
    }
    return PaidReply(**(values | changes))


def _loss(number: int, cost: int) -> Loss:
    return Loss(_reply(number).key, "glosses/1", 0, "timeout", cost, 2 * cost, "USD")


def _owed(ledger: Ledger) -> Decimal:
    """Paid and estimated."""
    spending = ledger.spending("USD")
    return Decimal(spending.paid + spending.lost) / PICO


def _record(ledger: Ledger, *rows: PaidReply | Loss) -> None:
    async def all_of_them():
        await asyncio.gather(*(ledger.record(row) for row in rows))

    asyncio.run(all_of_them())


def test_what_is_recorded_is_found_again_in_another_opening(tmp_path):
    rows = [_reply(i, body=b"x" * i * 100) for i in range(200)]
    with Ledger(tmp_path / "l.sqlite") as ledger:
        _record(ledger, *rows)
        assert len(ledger) == 200
    with Ledger(tmp_path / "l.sqlite") as ledger:
        assert len(ledger) == 200
        assert ledger.get(rows[7].key) == rows[7]
        assert ledger.contains(rows[7].key)
        assert recorded(ledger) == rows


def test_what_is_not_there_is_not_found(ledger):
    absent = _reply(9).key
    assert ledger.get(absent) is None
    assert not ledger.contains(absent)
    _record(ledger, _reply(1))
    assert ledger.get(absent) is None


def test_the_first_reply_under_a_key_stays(ledger):
    _record(ledger, _reply(1, body=b"first"))
    _record(ledger, _reply(1, body=b"second"))
    found = ledger.get(_reply(1).key)
    assert found is not None
    assert found.body == b"first"
    assert len(recorded(ledger)) == 1


def test_rows_are_written_in_groups_of_at_most_sixty_four(ledger):
    said: list[str] = []
    ledger._writer.set_trace_callback(said.append)
    _record(ledger, *(_reply(i) for i in range(101)))
    ledger._writer.set_trace_callback(None)
    groups = [
        each.count("'glosses/") for each in said if each.startswith("INSERT OR IGNORE INTO r")
    ]
    assert groups == [64, 37]


@given(
    st.binary(max_size=2000), st.none() | st.integers(0, 10**15), st.none() | st.integers(0, 2**62)
)
@settings(max_examples=30, deadline=None)
def test_rows_come_back_as_they_were(body, cost, tokens):
    reply = _reply(3, body=body, cost_pico=cost, prompt_tokens=tokens)
    with TemporaryDirectory() as folder, Ledger(Path(folder) / "l.sqlite") as ledger:
        _record(ledger, reply)
        assert ledger.get(reply.key) == reply


def test_large_bodies_are_stored_small(ledger):
    _record(ledger, _reply(1, body=b'{"sentence": "khoan"}' * 100))
    with sqlite3.connect(ledger.path) as raw:
        assert raw.execute("SELECT length(body) FROM replies").fetchone()[0] < 200
    raw.close()


def test_money_is_summed_exactly_and_losses_count(ledger):
    _record(
        ledger,
        _reply(1, cost_pico=1),
        _reply(2, cost_pico=None),
        _reply(3, cost_pico=10**12),
        _loss(4, 5 * 10**11),
    )
    assert _owed(ledger) == Decimal("1.500000000001")


def test_notes_are_remembered_and_the_last_one_counts(tmp_path):
    with Ledger(tmp_path / "l.sqlite") as ledger:
        assert ledger.note("form") is None
        ledger.remember("form", "text")
        ledger.remember("form", "json_object")
    with Ledger(tmp_path / "l.sqlite") as ledger:
        assert ledger.note("form") == "json_object"


def test_closing_writes_what_was_left_to_be_written_soon(tmp_path):
    async def leave(ledger):
        ledger.record_soon(_loss(1, 10**12))

    with Ledger(tmp_path / "l.sqlite") as ledger:
        asyncio.run(leave(ledger))
    with Ledger(tmp_path / "l.sqlite") as ledger:
        assert _owed(ledger) == 1


def test_a_ledger_outlives_the_loop_that_left_rows_in_it(ledger):
    async def leave():
        ledger.record_soon(_loss(1, 10**12))

    asyncio.run(leave())
    asyncio.run(asyncio.wait_for(ledger.record(_reply(2)), 5))
    assert _owed(ledger) == Decimal("1.000000000123")


def test_a_cancelled_caller_does_not_disturb_the_others(ledger):
    async def run():
        tasks = [asyncio.create_task(ledger.record(_reply(i))) for i in range(10)]
        await asyncio.sleep(0)
        tasks[3].cancel()
        return await asyncio.gather(*tasks, return_exceptions=True)

    outcomes = asyncio.run(run())
    assert [type(each).__name__ for each in outcomes].count("NoneType") == 9
    assert ledger.contains(_reply(3).key)


WRITER = """
import asyncio, sys
from pathlib import Path
from pipeline.llm.ledger import Ledger
from pipeline.llm.ledger_rows import PaidReply

def reply(i):
    values = f"i{i}", 0, "http://h/v1", "m", 0, 1, 1, 1, "stop", None, b"body" * 99
    return PaidReply(f"{i:032x}", *values)

async def worker(ledger, numbers):
    for i in numbers:
        await ledger.record(reply(i))
        sys.stdout.write(f"{i}\\n")
        sys.stdout.flush()

async def main(path, start):
    ledger = Ledger(Path(path))
    numbers = iter(range(start, start + 100_000))
    await asyncio.gather(*(worker(ledger, numbers) for _ in range(32)))

asyncio.run(main(sys.argv[1], int(sys.argv[2])))
"""


def _start_writer(path: Path, start: int = 0) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(path), str(start)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_kill_9_loses_no_reply_whose_caller_went_on(tmp_path):
    path = tmp_path / "l.sqlite"
    confirmed: list[int] = []
    for start in (0, 1_000_000):
        with _start_writer(path, start) as writer:
            assert writer.stdout is not None
            confirmed += [int(writer.stdout.readline()) for _ in range(300)]
            writer.send_signal(signal.SIGKILL)
            # The last line may be cut off in the middle: the process died writing it.
            confirmed += [int(n) for n in writer.stdout.read().split("\n")[:-1]]
    with Ledger(path) as ledger:
        found = [ledger.get(f"{i:032x}") for i in confirmed]
        assert len(found) >= 600
        assert all(reply is not None and reply.body == b"body" * 99 for reply in found)


def test_several_processes_may_open_and_write_one_ledger(tmp_path):
    path = tmp_path / "l.sqlite"
    writers = [_start_writer(path, start) for start in (0, 10**6, 2 * 10**6)]
    confirmed: list[int] = []
    for writer in writers:
        assert writer.stdout is not None
        confirmed += [int(writer.stdout.readline()) for _ in range(50)]
    for writer in writers:
        writer.kill()
        writer.communicate()
    with Ledger(path) as ledger:
        assert all(ledger.contains(f"{i:032x}") for i in confirmed)
        assert len(confirmed) == 150


def test_a_file_that_is_no_database_is_refused_in_one_line(tmp_path):
    path = tmp_path / "l.sqlite"
    path.write_bytes(b"not a database at all" * 500)
    with pytest.raises(StorageError, match=r"cannot be opened \(file is not a database\): it is d"):
        Ledger(path)
    assert path.read_bytes().startswith(b"not a database")


def test_another_sqlite_file_is_refused(tmp_path):
    path = tmp_path / "l.sqlite"
    raw = sqlite3.connect(path)
    raw.execute("CREATE TABLE other (a)")
    raw.close()
    with pytest.raises(StorageError, match="no ledger"):
        Ledger(path)


def test_a_ledger_of_another_format_is_refused(tmp_path):
    path = tmp_path / "l.sqlite"
    Ledger(path).close()
    raw = sqlite3.connect(path)
    raw.execute("PRAGMA user_version = 99")
    raw.close()
    with pytest.raises(StorageError, match="has format 99"):
        Ledger(path)


def test_a_ledger_that_was_cut_off_is_refused_when_it_is_opened(tmp_path):
    path = tmp_path / "l.sqlite"
    with Ledger(path) as ledger:
        _record(ledger, *(_reply(i, body=os.urandom(900)) for i in range(800)))
    os.truncate(path, path.stat().st_size // 2)
    with pytest.raises(StorageError, match="it is damaged"):
        Ledger(path)


def test_a_damaged_reply_is_named_when_it_is_read(tmp_path):
    path = tmp_path / "l.sqlite"
    with Ledger(path) as ledger:
        _record(ledger, _reply(1, body=b"text " * 200))
    raw = sqlite3.connect(path)
    raw.execute("UPDATE replies SET body = x'00112233'")
    raw.commit()
    raw.close()
    with Ledger(path) as ledger, pytest.raises(StorageError, match=f"{_reply(1).key}.*damaged"):
        ledger.get(_reply(1).key)


@pytest.mark.parametrize("change", ["body = 'text'", "body = 7", "packing = 0.5"])
def test_a_reply_of_another_type_is_named_when_it_is_read(tmp_path, change):
    path = tmp_path / "l.sqlite"
    with Ledger(path) as ledger:
        _record(ledger, _reply(1))
    raw = sqlite3.connect(path)
    raw.execute(f"UPDATE replies SET {change}")
    raw.commit()
    raw.close()
    with Ledger(path) as ledger, pytest.raises(StorageError, match=f"{_reply(1).key}.*damaged"):
        ledger.get(_reply(1).key)


def test_a_path_that_cannot_be_made_is_refused_in_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match=r"ledger .*file/l\.sqlite cannot be opened"):
        Ledger(tmp_path / "file" / "l.sqlite")


def test_a_full_disk_raises_for_the_caller_and_for_all_later_ones(ledger):
    _record(ledger, _reply(1))
    ledger._writer.execute("PRAGMA max_page_count = 12")
    with pytest.raises(StorageError, match="make room on the disk"):
        _record(ledger, *(_reply(i, body=os.urandom(3000)) for i in range(2, 60)))
    with pytest.raises(StorageError, match="make room on the disk"):
        _record(ledger, _reply(99))
    assert ledger.contains(_reply(1).key)


def test_a_file_made_read_only_raises(ledger):
    _record(ledger, _reply(1))
    ledger._writer.execute("PRAGMA query_only = ON")
    with pytest.raises(StorageError, match="make the folder and the file writable"):
        _record(ledger, _reply(2))


@pytest.mark.parametrize("column", ["prompt_tokens", "completion_tokens", "cost_pico", "created"])
def test_a_count_that_is_no_whole_number_is_named_as_damage(tmp_path, column):
    path = tmp_path / "l.sqlite"
    with Ledger(path) as ledger:
        _record(ledger, _reply(1))
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute(f"UPDATE replies SET {column} = 0.5")
    with Ledger(path) as ledger, pytest.raises(StorageError, match="it is damaged; move it away"):
        ledger.get(_reply(1).key)


def test_the_folders_of_a_ledger_are_made(tmp_path):
    path = tmp_path / "runs" / "today" / "l.sqlite"
    with Ledger(path) as ledger:
        _record(ledger, _reply(1))
    assert path.exists()


def test_a_ledger_is_read_while_another_process_writes_to_it(tmp_path):
    """However much that writes, none of which is seen before it is confirmed."""
    with Ledger(tmp_path / "l.sqlite") as ledger:
        _record(ledger, _reply(1))
        with closing(sqlite3.connect(ledger.path, isolation_level=None)) as other:
            other.execute("PRAGMA cache_size = 1")  # what does not fit is written before its time
            other.execute("BEGIN IMMEDIATE")
            other.execute("CREATE TABLE x (y)")
            other.executemany("INSERT INTO x VALUES (?)", [("y" * 4000,)] * 500)
            assert ledger.get(_reply(1).key) == _reply(1)
            other.execute("ROLLBACK")


def test_opening_waits_for_a_writer_in_another_process(tmp_path):
    path = tmp_path / "l.sqlite"
    Ledger(path).close()
    code = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None);"
        "c.execute('BEGIN IMMEDIATE'); print('held', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"

    def work():
        with Ledger(path) as ledger:
            _record(ledger, _reply(1))
            return len(ledger)

    with ThreadPoolExecutor(1) as pool:
        opened = pool.submit(work)
        with pytest.raises(TimeoutError):
            opened.result(0.3)
        holder.communicate()
        assert opened.result(60) == 1
