"""The batches in the ledger: what was handed out, and how far it has come.

Each step is on disk before the next one is taken, so that a kill between any two leaves enough to
go on from: an intent (its items and their worst case), a file's id, that making was asked for, a
batch's id, and that all of its lines are in the ledger.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self

from pipeline.llm.ledger_file import connect, connect_to_read, install, mapped, transaction

COLLECTING = "being written"
WRITTEN = "written"
Outcome = Literal["transient", "unsent", "refused"]


@dataclass(frozen=True, slots=True)
class Batch:
    """One batch as the ledger knows it; costs in trillionths of the currency."""

    id: int
    token: str
    kind: str
    endpoint: str
    model: str
    stage: str
    key_variable: str | None
    terms: str | None
    """The price that holds for it, as JSON; None where the model has none."""
    created: int
    requests: int
    bound_pico: int
    currency: str | None
    state: str
    open: bool
    """Whether it is still to be read."""
    file_id: str | None
    tried: float | None
    """When its making was asked for, in Unix seconds, without an answer so far."""
    batch_id: str | None
    done: int
    failed: int
    cost_pico: int | None
    detail: str


@dataclass(frozen=True, slots=True)
class BatchItem:
    """A request of a batch."""

    key: str
    item: str
    sample: int
    bound_pico: int
    outcome: Outcome | None = None
    """What a line said of it, where that was no reply."""


_COLUMNS = ", ".join(Batch.__dataclass_fields__)
_UNPAID = "NOT EXISTS (SELECT 1 FROM replies WHERE replies.key = batch_items.key)"


class Book:
    """The tables of batches in the ledger at ``path``, through a connection of their own."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.path = path
        with self._mapped("opened"):
            self._db = connect_to_read(path) if read_only else connect(path)
            if not read_only:
                install(self._db, path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    # -- reading -----------------------------------------------------------------------------

    def batches(self, *, open_only: bool = False) -> list[Batch]:
        """All batches, or those that are still to be read, in the order of their making."""
        where = f"open AND state != '{COLLECTING}'" if open_only else f"state != '{COLLECTING}'"
        rows = self._rows(f"SELECT {_COLUMNS} FROM batches WHERE {where} ORDER BY id")
        return [_batch(row) for row in rows]

    def batch(self, id_: int) -> Batch:
        """One batch as it stands now."""
        return _batch(self._rows(f"SELECT {_COLUMNS} FROM batches WHERE id = ?", id_)[0])

    def is_on_its_way(self, key: str) -> bool:
        """Whether a batch that is not yet read holds a request."""
        query = (
            "SELECT 1 FROM batch_items JOIN batches ON batches.id = batch"
            " WHERE key = ? AND open LIMIT 1"
        )
        return bool(self._rows(query, bytes.fromhex(key)))

    def times_failed(self, key: str) -> int:
        """In how many batches a request came back with a fault that may pass."""
        query = "SELECT count(*) FROM batch_items WHERE key = ? AND outcome = 'transient'"
        return int(self._rows(query, bytes.fromhex(key))[0][0])

    def has_failed_items(self) -> bool:
        """Whether any request ever came back so."""
        return bool(self._rows("SELECT 1 FROM batch_items WHERE outcome = 'transient' LIMIT 1"))

    def items(self, keys: Collection[str], batch: int | None = None) -> dict[str, BatchItem]:
        """Those of the requests that a batch, or any that is to be read, holds; by key."""
        marks = ", ".join("?" * len(keys))
        where = "batch = ?" if batch is not None else "? IS NULL AND batches.open"
        query = (
            "SELECT key, item, sample, batch_items.bound_pico, outcome FROM batch_items"
            f" JOIN batches ON batches.id = batch WHERE key IN ({marks}) AND {where}"
        )
        rows = self._rows(query, *(bytes.fromhex(key) for key in keys), batch)
        return {row[0].hex(): BatchItem(row[0].hex(), *row[1:]) for row in rows}

    def keys(self, batch: int) -> list[str]:
        """The keys of all requests of a batch."""
        return [
            row[0].hex() for row in self._rows("SELECT key FROM batch_items WHERE batch = ?", batch)
        ]

    def unanswered(self, batch: Batch) -> Iterator[BatchItem]:
        """The requests of a batch of which no line said anything, the dearest first."""
        query = (
            "SELECT key, item, sample, bound_pico FROM batch_items WHERE batch = ?"
            f" AND outcome IS NULL AND {_UNPAID} ORDER BY bound_pico DESC, key"
        )
        for key, *values in self._rows(query, batch.id):
            yield BatchItem(key.hex(), *values)

    def counts(self, batch: Batch) -> tuple[int, int, int]:
        """How many requests of a batch are answered, and how many refused, and worth what."""
        query = (
            f"SELECT count(*) FILTER (WHERE NOT {_UNPAID}),"
            " count(*) FILTER (WHERE outcome = 'refused'),"
            f" COALESCE(sum(bound_pico) FILTER (WHERE {_UNPAID}), 0)"
            " FROM batch_items WHERE batch = ?"
        )
        answered, refused, left = self._rows(query, batch.id)[0]
        return answered, refused, left

    # -- writing -----------------------------------------------------------------------------

    def begin(self, values: dict[str, Any]) -> int:
        """A new batch that is being collected; its id."""
        values = {"requests": 0, "bound_pico": 0, "open": 1, "state": COLLECTING, **values}
        names, marks = ", ".join(values), ", ".join("?" * len(values))
        with self._writing():
            done = self._db.execute(
                f"INSERT INTO batches ({names}) VALUES ({marks})", tuple(values.values())
            )
            assert done.lastrowid is not None
            return done.lastrowid

    def add_items(self, batch: int, items: Iterable[BatchItem]) -> None:
        """More requests of a batch that is being collected."""
        with self._writing():
            self._db.executemany(
                "INSERT INTO batch_items (key, batch, item, sample, bound_pico)"
                " VALUES (?, ?, ?, ?, ?)",
                (
                    (bytes.fromhex(each.key), batch, each.item, each.sample, each.bound_pico)
                    for each in items
                ),
            )

    def note(self, batch: int, **values: object) -> None:
        """Write down what is now true of a batch."""
        names = ", ".join(f"{name} = ?" for name in values)
        with self._writing():
            self._db.execute(f"UPDATE batches SET {names} WHERE id = ?", (*values.values(), batch))

    def note_outcomes(self, batch: int, outcomes: dict[str, Outcome]) -> None:
        """Write down what became of requests that got no reply."""
        with self._writing():
            self._db.executemany(
                "UPDATE batch_items SET outcome = ? WHERE key = ? AND batch = ?",
                ((outcome, bytes.fromhex(key), batch) for key, outcome in outcomes.items()),
            )

    def finish(self, batch: Batch, state: str, detail: str = "") -> None:
        """Nothing more is expected of a batch: what is unpaid may be asked again.

        Only the requests that came back with a fault stay known, for how often that happened.
        """
        with self._writing():
            self._db.execute(
                "UPDATE batches SET open = 0, state = ?, detail = ?, cost_pico ="
                " (SELECT sum(cost_pico) FROM replies JOIN batch_items USING (key) WHERE batch = ?)"
                " WHERE id = ?",
                (state, detail, batch.id, batch.id),
            )
            self._db.execute(
                "DELETE FROM batch_items WHERE batch = ?"
                " AND (outcome IS NULL OR outcome != 'transient')",
                (batch.id,),
            )

    def replace(self, batch: Batch, parts: dict[str, list[str]]) -> None:
        """Put batches that wait to be sent, by token and keys, in the place of one."""
        same = "kind, endpoint, model, stage, key_variable, terms, created, currency, open, state,"
        same += " requests, bound_pico"
        with self._writing():
            for token, keys in parts.items():
                part = self._db.execute(
                    f"INSERT INTO batches (token, {same}) SELECT ?, {same} FROM batches"
                    " WHERE id = ?",
                    (token, batch.id),
                ).lastrowid
                self._db.executemany(
                    "UPDATE batch_items SET batch = ? WHERE batch = ? AND key = ?",
                    ((part, batch.id, bytes.fromhex(key)) for key in keys),
                )
                self._db.execute(
                    "UPDATE batches SET (requests, bound_pico) ="
                    " (SELECT count(*), sum(bound_pico) FROM batch_items WHERE batch = ?)"
                    " WHERE id = ?",
                    (part, part),
                )
            self._db.execute("DELETE FROM batches WHERE id = ?", (batch.id,))

    def drop(self, batch: int) -> None:
        """Forget a batch that was never sent, with its requests."""
        with self._writing():
            self._db.execute("DELETE FROM batch_items WHERE batch = ?", (batch,))
            self._db.execute("DELETE FROM batches WHERE id = ?", (batch,))

    def drop_unfinished(self) -> None:
        """Forget what a process that was killed had begun to collect."""
        for (id_,) in self._rows("SELECT id FROM batches WHERE state = ?", COLLECTING):
            self.drop(id_)

    # -- SQLite ------------------------------------------------------------------------------

    def _rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with self._mapped("read"):
            return self._db.execute(query, values).fetchall()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._mapped("written"), transaction(self._db):
            yield

    def _mapped(self, action: str) -> AbstractContextManager[None]:
        return mapped(self.path, action)


def _batch(row: tuple[Any, ...]) -> Batch:
    values = dict(zip(Batch.__dataclass_fields__, row, strict=True))
    return Batch(**{**values, "open": bool(values["open"])})
