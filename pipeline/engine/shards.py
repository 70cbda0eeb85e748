"""A stage's work cut into a fixed number of shards, and its tables put together from theirs.

A shard leaves tables like the stage's, with positions: where the rows stand in the whole. Its
manifest is written last, so that a shard that is done is not done again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from hashlib import blake2b
from heapq import merge
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pyarrow as pa
from pydantic import BaseModel, ConfigDict

from pipeline.engine.manifest import StageUsage
from schemas.files import read_json, write_text
from schemas.records import Record, Reject
from schemas.tables import BATCH_ROWS, TableWriter, read_batches, write_batches

if TYPE_CHECKING:
    from pipeline.engine.stage import Counts, StageWork, Upstream

SHARDS = 256
"""Whatever the number of workers: a shard that is done stays done when that changes."""
FILE = "shard.json"
REJECTS = "rejects"


def shard_of(name: str) -> int:
    """The shard of a synset, or of whatever a stage is cut by, by its id."""
    return blake2b(name.encode(), digest_size=1).digest()[0]


class ShardManifest(BaseModel):
    """Written last into a shard's folder."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    counts: dict[str, int]
    """Each adds up over the shards."""
    rejects: dict[str, int]
    usage: StageUsage
    rows: dict[str, tuple[tuple[int, int], ...]]
    """Of each table, from which position in the whole how many rows are."""


@dataclass(frozen=True, slots=True)
class Sharded:
    """How a stage is cut up."""

    n_items: Callable[[Mapping[str, Upstream]], int]
    """How many items there are in all, as far as that is known cheaply."""
    worth: int
    """How many are worth starting processes for."""
    prepare: Callable[[Mapping[str, Upstream], Path], Any]
    """What all shards need, made once by each worker; the folder is the shards'."""
    run: Callable[[Any, int, StageWork, ShardTables, Callable[[], None]], Awaitable[Counts]]
    """Does a shard of what was prepared; calls back when its last item has begun."""
    spread: Callable[[Mapping[str, Upstream], Path], None] = lambda *_: None
    """Leaves in the shards' folder what workers read, before the first begins."""
    finish: Callable[[StageWork], None] = lambda _: None
    """What is to be said of the whole, once its tables are there."""


class ShardTables:
    """The tables of one shard, and where their rows belong."""

    def __init__(self, folder: Path, tables: Mapping[str, type[Record]]) -> None:
        self._folder = folder
        self._stack = ExitStack()
        self._tables = {
            name: TableWriter[Any](folder / f"{name}.parquet", record)
            for name, record in tables.items()
        }
        self._rows: dict[str, list[list[int]]] = {name: [] for name in tables}

    def __enter__(self) -> Self:
        for table in self._tables.values():
            self._stack.enter_context(table)
        return self

    def __exit__(self, *error: Any) -> None:
        self._stack.__exit__(*error)

    def add(self, table: str, position: int, rows: Sequence[Record]) -> None:
        """Rows of the item at ``position``; positions of a table ascend."""
        if rows:
            self._tables[table].extend(rows)
            self._rows[table].append([position, len(rows)])

    def finish(self, counts: Counts, rejects: Mapping[str, int], usage: StageUsage) -> None:
        """The shard is done: its tables are closed."""
        manifest = ShardManifest(
            counts=dict(counts),
            rejects=dict(rejects),
            usage=usage,
            rows={name: tuple((at, n) for at, n in rows) for name, rows in self._rows.items()},
        )
        write_text(self._folder / FILE, manifest.model_dump_json() + "\n")


def read_shard(folder: Path, number: int) -> ShardManifest | None:
    """The manifest of a shard, or None where it is not done."""
    path = shard_folder(folder, number) / FILE
    if not path.exists():
        return None
    return read_json(path, ShardManifest, "a shard's manifest", f"delete {folder} and run again")


def shard_folder(folder: Path, number: int) -> Path:
    """Where a shard's tables lie."""
    return folder / f"{number:03d}"


def join_shards(
    folder: Path,
    manifests: Mapping[int, ShardManifest],
    tables: Mapping[str, type[Record]],
    output: Path,
) -> None:
    """Writes the whole tables: the rows of all shards by their positions."""
    for name, record in tables.items():
        write_batches(output / f"{name}.parquet", record, _whole(folder, manifests, name, record))


def rejects_of(folder: Path, manifests: Mapping[int, ShardManifest]) -> Iterator[Reject]:
    """The rejects of all shards by their positions."""
    from pydantic import TypeAdapter

    validate = TypeAdapter(list[Reject]).validate_python
    for batch in _whole(folder, manifests, REJECTS, Reject):
        yield from validate(batch.to_pylist())


def _whole(
    folder: Path, manifests: Mapping[int, ShardManifest], name: str, record: type[Record]
) -> Iterator[pa.RecordBatch]:
    """The rows of all shards by their positions, in batches as a table's writer makes them."""
    parts = {
        number: _Rows(shard_folder(folder, number) / f"{name}.parquet", record)
        for number, manifest in manifests.items()
        if manifest.rows[name]
    }
    held: list[pa.RecordBatch] = []
    n_held = 0
    order = merge(*(_runs(manifests[number].rows[name], number) for number in parts))
    for _, number, n_rows in order:
        while n_rows:
            batch = parts[number].take(min(n_rows, BATCH_ROWS - n_held))
            held.append(batch)
            n_held += batch.num_rows
            n_rows -= batch.num_rows
            if n_held == BATCH_ROWS:
                yield pa.concat_batches(held)
                held, n_held = [], 0
    if held:
        yield pa.concat_batches(held)


def _runs(rows: Sequence[tuple[int, int]], number: int) -> Iterator[tuple[int, int, int]]:
    for position, n_rows in rows:
        yield position, number, n_rows


class _Rows:
    """The rows of a table, taken from its beginning on."""

    def __init__(self, path: Path, record: type[Record]) -> None:
        self._batches = read_batches(path, record)
        self._batch: pa.RecordBatch | None = None
        self._at = 0

    def take(self, n_rows: int) -> pa.RecordBatch:
        """The next rows, at most so many and at least one."""
        while self._batch is None or self._at == self._batch.num_rows:
            self._batch, self._at = next(self._batches), 0
        taken = self._batch.slice(self._at, n_rows)
        self._at += taken.num_rows
        return taken
