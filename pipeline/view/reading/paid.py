"""The ledger of a run that may be at work: read beside it, nothing written."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from pipeline.llm.ledger import DEFLATED
from pipeline.llm.ledger_file import connect_to_read, mapped
from pipeline.llm.ledger_rows import PICO


@dataclass(frozen=True, slots=True)
class Reply:
    """A paid reply; ``text`` is what the model wrote, ``body`` the whole of what came."""

    key: str
    item: str
    sample: int
    model: str
    created: int
    prompt_tokens: int | None
    completion_tokens: int | None
    cost_pico: int | None
    currency: str
    finish_reason: str
    body: bytes

    @property
    def cost(self) -> Decimal | None:
        """In the currency; None where the model has no price."""
        return _money(self.cost_pico)


@dataclass(frozen=True, slots=True)
class StageMoney:
    """What the replies to a stage's requests came to, in one currency."""

    stage: str
    replies: int
    prompt_tokens: int
    completion_tokens: int
    cost_pico: int | None
    currency: str
    first: int
    last: int
    """When its first reply came and its last one, in Unix seconds."""
    repairs: int
    """How many of them answer a request to mend one."""

    @property
    def cost(self) -> Decimal | None:
        """In the currency; None where no reply had a price."""
        return _money(self.cost_pico)

    def with_other(self, other: StageMoney) -> StageMoney:
        """Both together, when they paid in different currencies: without money."""
        return StageMoney(
            self.stage,
            self.replies + other.replies,
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            None,
            "",
            min(self.first, other.first),
            max(self.last, other.last),
            self.repairs + other.repairs,
        )


@dataclass(frozen=True, slots=True)
class PaidFigures:
    """The whole of a ledger in figures."""

    replies: int
    by_stage: tuple[StageMoney, ...]
    losses: tuple[tuple[str, int], ...]
    """Requests that may be billed and got no answer, by cause."""
    failures: tuple[tuple[str, int], ...]
    """Requests that failed for good, by code."""
    times: tuple[tuple[int, int], ...]
    """Replies by the second that a stretch of time began in; all stretches are equally long."""
    stretch: int
    """Of time, in seconds."""


_STAGE = "CASE WHEN instr(item, '/') THEN substr(item, 1, instr(item, '/') - 1) ELSE item END"
MOST_STRETCHES = 60
_STRETCHES = (1, 5, 15, 60, 300, 900, 3600, 6 * 3600, 86400, 7 * 86400, 30 * 86400)


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """The ledger as it is now."""
    with mapped(path, "read"), closing(connect_to_read(path)) as file:
        yield file


def read_paid(path: Path) -> PaidFigures | None:
    """The figures of a ledger; None where there is none."""
    if not path.is_file():
        return None
    with _opened(path) as file:
        first, last, n = file.execute(
            "SELECT min(created), max(created), count(*) FROM replies"
        ).fetchone()
        span = (last or 0) - (first or 0)
        stretch = next((s for s in _STRETCHES if span / s <= MOST_STRETCHES), span)
        by_stage = file.execute(
            f"SELECT {_STAGE}, count(*), COALESCE(sum(prompt_tokens), 0),"
            " COALESCE(sum(completion_tokens), 0), sum(cost_pico), COALESCE(currency, ''),"
            " min(created), max(created), sum(item LIKE '%/repair') FROM replies"
            " GROUP BY 1, 6 ORDER BY min(id)"
        ).fetchall()
        times = file.execute(
            "SELECT created / ? * ?, count(*) FROM replies GROUP BY 1 ORDER BY 1",
            (stretch or 1, stretch or 1),
        ).fetchall()
        counted = "SELECT {0}, count(*) FROM {1} GROUP BY 1 ORDER BY 2 DESC"
        losses = file.execute(counted.format("cause", "losses")).fetchall()
        failures = file.execute(counted.format("code", "failures")).fetchall()
    stages = tuple(StageMoney(*row) for row in by_stage)
    return PaidFigures(n, stages, tuple(losses), tuple(failures), tuple(times), stretch or 1)


@dataclass(frozen=True, slots=True)
class LedgerFilter:
    """Which entries of a ledger are wanted; what is empty or 0 means any."""

    stage: str = ""
    cause: str = ""
    """Of a loss, or the code of a failure."""
    first: int = 0
    end: int = 0
    """A stretch of time, in Unix seconds; its end is no part of it."""
    repairs: bool = False
    """Only replies to a request that asked to mend one."""


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """What was asked and when; ``detail`` is why there is no reply, if there is none."""

    key: str
    item: str
    created: int
    detail: str


KINDS = ("replies", "losses", "failures")
_DETAIL = {"replies": "''", "losses": "cause", "failures": "code || ': ' || detail"}


def listed(
    path: Path, kind: str, wanted: LedgerFilter, start: int, size: int
) -> tuple[tuple[LedgerEntry, ...], int]:
    """So many entries of a kind from one on, in the order in which they came; and how many are."""
    assert kind in KINDS
    given: list[tuple[str, object]] = [
        (f"{_STAGE} = ?", wanted.stage),
        (f"{'code' if kind == 'failures' else 'cause'} = ?", wanted.cause),
        ("created >= ?", wanted.first),
        ("created < ?", wanted.end),
        ("item LIKE ?", "%/repair" if wanted.repairs else ""),
    ]
    conditions = [condition for condition, value in given if value]
    values = [value for _, value in given if value]
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    if not path.is_file():
        return (), 0
    with _opened(path) as file:
        total = file.execute(f"SELECT count(*) FROM {kind}{where}", values).fetchone()[0]
        rows = file.execute(
            f"SELECT key, item, created, {_DETAIL[kind]} FROM {kind}{where}"
            " ORDER BY rowid LIMIT ? OFFSET ?",
            (*values, size, start),
        ).fetchall()
    return tuple(LedgerEntry(bytes(row[0]).hex(), *row[1:]) for row in rows), total


def stored_reply(path: Path, key: str) -> Reply | None:
    """The reply under a key; None where there is none, or no ledger."""
    try:
        wanted = bytes.fromhex(key)
    except ValueError:
        return None
    if not path.is_file():
        return None
    with _opened(path) as file:
        found = file.execute(
            "SELECT r.item, r.sample, s.model, r.created, r.prompt_tokens, r.completion_tokens,"
            " r.cost_pico, COALESCE(r.currency, ''), r.finish_reason, r.packing, r.body"
            " FROM replies r JOIN sources s ON s.id = r.source WHERE r.key = ?",
            (wanted,),
        ).fetchone()
        if found is None:
            return None
        *values, packing, body = found
        try:
            whole = zlib.decompress(body) if packing == DEFLATED else bytes(body)
        except zlib.error as error:
            raise ValueError(f"reply {key} cannot be unpacked: {error}") from error
    return Reply(*(key, *values, whole))


def _money(pico: int | None) -> Decimal | None:
    return None if pico is None else Decimal(pico) / PICO
