"""A table as numbered Parquet files of bounded size, with the hashes the manifest records."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.release.manifest import TableFile, TableName
from pipeline.release.settings import ReleaseSettings
from schemas.arrow import arrow_schema
from schemas.files import explained
from schemas.records import Record, Split
from schemas.tables import parquet_writer, row_bytes


@dataclass(frozen=True, slots=True)
class TableSpec:
    """What a table of the release is called, where it lies and what its rows are."""

    table: TableName
    folder: str
    stem: str
    record: type[Record]
    split: Split | None = None


class ShardWriter:
    """Writes ``FOLDER/STEM-00000-of-000NN.parquet``; NN is known, and put in, at the end.

    Row groups have equal sizes however the rows were batched, and a shard is closed at the first
    row group that reaches the limit, so equal rows give equal bytes.
    """

    def __init__(self, root: Path, spec: TableSpec, settings: ReleaseSettings) -> None:
        self._root, self._spec, self._settings = root, spec, settings
        self._schema = arrow_schema(spec.record)
        self._waiting: list[pa.RecordBatch] = []
        self._n_waiting = 0
        self._writer: pq.ParquetWriter | None = None
        self._rows = 0
        self._digest = hashlib.sha256()
        self._whole = hashlib.sha256()
        self._shards: list[tuple[Path, int, str]] = []
        self.n_rows = 0

    @property
    def content_hash(self) -> str:
        """Of all rows in order, whatever the shards; complete after :meth:`close`."""
        return self._whole.hexdigest()

    def write(self, batch: pa.RecordBatch) -> None:
        """Adds rows with the columns of the record, in its order."""
        self._waiting.append(batch.cast(self._schema))
        self._n_waiting += batch.num_rows
        while self._n_waiting >= self._group_rows():
            self._write_group(self._group_rows())

    def _group_rows(self) -> int:
        """The size of the next row group: the set one, or what the limit of rows leaves."""
        group, most = self._settings.row_group_rows, self._settings.max_shard_rows
        return group if most is None else min(group, most - self._rows)

    def _write_group(self, n_rows: int) -> None:
        table = pa.Table.from_batches(self._waiting, self._schema)
        group = table.slice(0, n_rows)
        self._waiting = table.slice(n_rows).to_batches()
        self._n_waiting -= n_rows
        path = self._path()
        with explained(path):
            if self._writer is None:
                path.parent.mkdir(parents=True, exist_ok=True)
                self._writer = parquet_writer(path, self._schema)
            self._writer.write_table(group, row_group_size=max(1, n_rows))
        for batch in group.to_batches():
            for row in batch.to_pylist():
                data = row_bytes(row)
                self._digest.update(data)
                self._whole.update(data)
        self._rows += n_rows
        self.n_rows += n_rows
        most = self._settings.max_shard_rows
        too_large = path.stat().st_size >= self._settings.max_shard_mb * 1e6
        if too_large or (most is not None and self._rows >= most):
            self._finish_shard()

    def _path(self) -> Path:
        number = len(self._shards)
        return self._root / self._spec.folder / f"{self._spec.stem}-{number:05d}.parquet"

    def _finish_shard(self) -> None:
        if self._writer is not None:
            with explained(self._path()):
                self._writer.close()
            self._shards.append((self._path(), self._rows, self._digest.hexdigest()))
            self._writer, self._rows, self._digest = None, 0, hashlib.sha256()

    def close(self, *, even_if_empty: bool = False) -> tuple[TableFile, ...]:
        """Ends the last shard, gives all shards their names and describes them.

        A table without rows has no file, or one of no rows if ``even_if_empty``.
        """
        if self._n_waiting or (even_if_empty and not self._shards):
            self._waiting = self._waiting or [pa.RecordBatch.from_pylist([], self._schema)]
            self._write_group(self._n_waiting)
        self._finish_shard()
        return tuple(self._named(number) for number in range(len(self._shards)))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Leaves no file open; :meth:`close` has finished them where all went well."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _named(self, number: int) -> TableFile:
        written, n_rows, content_hash = self._shards[number]
        name = f"{self._spec.stem}-{number:05d}-of-{len(self._shards):05d}.parquet"
        path = written.with_name(name)
        with explained(path):
            with open(written, "rb") as file:
                sha256 = hashlib.file_digest(file, "sha256").hexdigest()
                os.fsync(file.fileno())
            written.rename(path)
            size = path.stat().st_size
        return TableFile(
            path=f"{self._spec.folder}/{name}",
            table=self._spec.table,
            split=self._spec.split,
            rows=n_rows,
            bytes=size,
            sha256=sha256,
            content_hash=content_hash,
        )
