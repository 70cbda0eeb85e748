"""What a run tells others while it is at work: a small file in its folder, written now and then."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from decimal import Decimal
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from pipeline.now_and_then import now_and_then
from schemas.errors import StorageError
from schemas.files import read_json, write_text

FILE = "at-work.json"
EVERY_S = 2.0


class AtWork(BaseModel):
    """A moment of a run; the last one stays behind when it has ended."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    stage: str = ""
    """Empty between stages."""
    done: int = 0
    total: int = 0
    note: str = ""
    accepted: int = 0
    rejected: dict[str, int] = {}
    """Of this stage so far, by code."""
    received: int = 0
    replayed: int = 0
    """Replies that were in the ledger."""
    in_flight: int = 0
    limit: int = 0
    """Requests allowed in flight."""
    rate: float = 0.0
    """Replies a second, of late."""
    retries: dict[str, int] = {}
    """By cause."""
    repairs: int = 0
    refused: int = 0
    lost: int = 0
    median_s: float | None = None
    """How long replies took of late, with the slowest of twenty beside it; None without any."""
    slow_s: float | None = None
    batches: str = ""
    cost: Decimal | None = None
    currency: str = ""
    told: int = 0
    """When, in Unix seconds."""
    ended: bool = False


def read_at_work(folder: Path) -> AtWork | None:
    """What the run in a folder told last; None where it never did, or the file is no such note."""
    with suppress(StorageError):
        return read_json(folder / FILE, AtWork, "a note of a run at work", "it is written again")
    return None


@contextmanager
def telling_others(folder: Path, moment: Callable[[], AtWork]) -> Iterator[None]:
    """Writes what is so now and then while the body runs, and once more when it has ended."""

    def write(ended: bool) -> None:
        now = moment().model_copy(update={"told": int(time.time()), "ended": ended})
        with suppress(StorageError):  # it only tells others
            write_text(folder / FILE, now.model_dump_json() + "\n")

    try:
        with now_and_then(EVERY_S, lambda: write(False)):
            yield
    finally:
        write(True)
