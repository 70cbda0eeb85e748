"""Tables of records in Parquet, written and read in batches.

A table is one file. It is written under a temporary name and renamed when it is whole. Its
content hash covers the rows and their order, not the bytes of the file, so that another
compression or row-group size does not change it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Generic, Self, TypeVar

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import TypeAdapter, ValidationError

from schemas.arrow import arrow_schema
from schemas.errors import StorageError
from schemas.files import explained, replacing
from schemas.records import Record

R = TypeVar("R", bound=Record)

BATCH_ROWS = 4096
ROW_GROUP_ROWS = 8 * BATCH_ROWS


class TableWriter(Generic[R]):
    """Writes records to a Parquet file; the file appears when the ``with`` block ends well."""

    def __init__(self, path: Path, record: type[R]) -> None:
        self.path = path
        self.n_rows = 0
        self._schema = arrow_schema(record)
        self._dump = TypeAdapter(list[record]).dump_python  # type: ignore[valid-type]
        self._pending: list[R] = []
        self._digest = hashlib.sha256()
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        temporary = self._stack.enter_context(replacing(self.path))
        self._writer = self._stack.enter_context(
            pq.ParquetWriter(temporary, self._schema, compression="zstd")
        )
        self._group: list[pa.RecordBatch] = []
        return self

    def append(self, record: R) -> None:
        """Adds one row at the end."""
        self._pending.append(record)
        if len(self._pending) >= BATCH_ROWS:
            self._convert()

    def extend(self, records: Iterable[R]) -> None:
        """Adds rows at the end."""
        for record in records:
            self.append(record)

    @property
    def content_hash(self) -> str:
        """The hash of the rows written so far; complete once the ``with`` block has ended."""
        return self._digest.hexdigest()

    def _convert(self) -> None:
        rows = self._dump(self._pending, mode="json")
        for row in rows:
            self._digest.update(row_bytes(row))
        self._group.append(pa.RecordBatch.from_pylist(rows, schema=self._schema))
        self.n_rows += len(rows)
        self._pending.clear()
        if sum(batch.num_rows for batch in self._group) >= ROW_GROUP_ROWS:
            self._flush()

    def _flush(self) -> None:
        if self._group:
            self._writer.write_table(pa.Table.from_batches(self._group, self._schema))
            self._group.clear()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            try:
                if self._pending:
                    self._convert()
                self._flush()
            except BaseException as failure:
                self._stack.__exit__(type(failure), failure, failure.__traceback__)
                raise
        self._stack.__exit__(kind, error, trace)


def row_bytes(row: dict[str, object]) -> bytes:
    """The canonical bytes of one row (its JSON form), as content hashes see it."""
    return orjson.dumps(row, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def write_table(path: Path, record: type[R], rows: Iterable[R]) -> str:
    """Writes all rows to ``path`` and returns the table's content hash."""
    writer = TableWriter(path, record)
    with writer:
        writer.extend(rows)
    return writer.content_hash


def read_table(path: Path, record: type[R]) -> Iterator[R]:
    """The records of a table in order, one batch in memory at a time."""
    validate = TypeAdapter(list[record]).validate_python  # type: ignore[valid-type]
    for batch in read_batches(path, record):
        try:
            rows = validate(batch.to_pylist())
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"][1:])
            raise StorageError(
                f"{path}: a row is no {record.__name__} ({where}: {first['msg']}); delete the "
                "file and run its stage again"
            ) from error
        yield from rows


def read_batches(
    path: Path, record: type[R], columns: list[str] | None = None
) -> Iterator[pa.RecordBatch]:
    """The Arrow batches of a table, for work on whole columns."""
    with _opened(path, record) as file:
        yield from file.iter_batches(BATCH_ROWS, columns=columns, use_threads=False)


def count_rows(path: Path, record: type[R]) -> int:
    """The number of rows of a table, from its footer."""
    with _opened(path, record) as file:
        return int(file.metadata.num_rows)


def content_hash(path: Path, record: type[R]) -> str:
    """The content hash of a table, computed anew from its rows."""
    digest = hashlib.sha256()
    for batch in read_batches(path, record):
        for row in batch.to_pylist():
            digest.update(row_bytes(row))
    return digest.hexdigest()


@contextmanager
def opened_parquet(path: Path) -> Iterator[pq.ParquetFile]:
    """A Parquet file, whatever its columns; damage met in the body too is a StorageError."""
    try:
        with explained(path), pq.ParquetFile(path) as file:
            yield file
    except pa.ArrowException as error:
        reason = str(error).partition("\n")[0]
        raise StorageError(
            f"{path}: not a readable Parquet table ({reason}); delete it and run its stage again"
        ) from error


@contextmanager
def _opened(path: Path, record: type[R]) -> Iterator[pq.ParquetFile]:
    with opened_parquet(path) as file:
        found, wanted = file.schema_arrow, arrow_schema(record)
        if not _fits(found, wanted):
            raise StorageError(
                f"{path}: its columns are not those of {record.__name__} "
                f"({', '.join(found.names)}); it was written by another version: delete it "
                "and run its stage again"
            )
        yield file


def _fits(found: pa.Schema, wanted: pa.Schema) -> bool:
    """Whether the columns are those wanted; one that may lack values now may not have before."""
    return found.names == wanted.names and all(
        old.type == new.type and new.nullable >= old.nullable
        for old, new in zip(found, wanted, strict=True)
    )
