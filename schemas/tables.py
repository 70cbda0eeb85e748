"""Tables of records in Parquet, written and read in batches.

A table is one file. It is written under a temporary name and renamed when it is whole. Its
content hash covers the rows and their order, not the bytes of the file, so that another
compression or row-group size does not change it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Generic, Self, TypeVar

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import TypeAdapter, ValidationError

from schemas.arrow import arrow_schema
from schemas.errors import StorageError
from schemas.files import replacing, storage_error
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
        self._writer = self._stack.enter_context(parquet_writer(temporary, self._schema))
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


def parquet_writer(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    """Writes a Parquet file as all of ours are: compressed, each page with its checksum."""
    return pq.ParquetWriter(path, schema, compression="zstd", write_page_checksum=True)


def row_bytes(row: dict[str, object]) -> bytes:
    """The canonical bytes of one row (its JSON form), as content hashes see it."""
    return orjson.dumps(row, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def write_table(path: Path, record: type[R], rows: Iterable[R]) -> str:
    """Writes all rows to ``path`` and returns the table's content hash."""
    writer = TableWriter(path, record)
    with writer:
        writer.extend(rows)
    return writer.content_hash


def write_batches(path: Path, record: type[R], batches: Iterable[pa.RecordBatch]) -> None:
    """Writes Arrow batches of the record's columns; row groups are equal, however rows come."""
    schema = arrow_schema(record)
    with (
        replacing(path) as temporary,
        parquet_writer(temporary, schema) as writer,
    ):
        waiting = schema.empty_table()
        for batch in batches:
            waiting = pa.concat_tables([waiting, pa.Table.from_batches([batch])])
            while len(waiting) >= ROW_GROUP_ROWS:
                writer.write_table(waiting.slice(0, ROW_GROUP_ROWS))
                waiting = waiting.slice(ROW_GROUP_ROWS)
        if len(waiting):
            writer.write_table(waiting)


def read_table(path: Path, record: type[R]) -> Iterator[R]:
    """The records of a table in order, one batch in memory at a time."""
    validate = TypeAdapter(list[record]).validate_python  # type: ignore[valid-type]
    for batch in read_batches(path, record):
        try:
            rows = validate(_plain(path, batch))
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"][1:])
            raise StorageError(
                f"{path}: a row is no {record.__name__} ({where}: {first['msg']}); delete the "
                "file and run its stage again"
            ) from error
        yield from rows


def read_batches(
    path: Path,
    record: type[R],
    columns: list[str] | None = None,
    groups: Sequence[int] | None = None,
) -> Iterator[pa.RecordBatch]:
    """The Arrow batches of a table, or of some of its row groups, for work on whole columns.

    A column with a default that an older version did not know is there, without values.
    """
    wanted = arrow_schema(record)
    names = wanted.names if columns is None else columns
    for batch in _stored_batches(path, record, names, groups):
        if batch.schema.names == names:
            yield batch
        else:
            given = dict(zip(batch.schema.names, batch.columns, strict=True))
            schema = pa.schema([wanted.field(name) for name in names])
            none = {f.name: pa.nulls(batch.num_rows, f.type) for f in schema if f.name not in given}
            yield pa.record_batch([(given | none)[name] for name in names], schema)


def _stored_batches(
    path: Path, record: type[R], names: list[str], groups: Sequence[int] | None = None
) -> Iterator[pa.RecordBatch]:
    """The batches with those columns that the file has."""
    with _opened(path, record) as file:
        stored = [name for name in names if name in file.schema_arrow.names]
        yield from file.iter_batches(
            BATCH_ROWS, row_groups=groups, columns=stored, use_threads=False
        )


def count_rows(path: Path, record: type[R]) -> int:
    """The number of rows of a table, from its footer."""
    with _opened(path, record) as file:
        return int(file.metadata.num_rows)


@dataclass(frozen=True, slots=True)
class RowGroup:
    """A part of a table that can be read alone, and between which texts a column of it lies."""

    n_rows: int
    between: tuple[str, str] | None
    """None where the file does not say."""

    def may_have(self, least: str, most: str) -> bool:
        """False if the column has nothing from ``least`` to ``most``."""
        return self.between is None or (self.between[0] <= most and self.between[1] >= least)


def row_groups(path: Path, record: type[R], column: str) -> list[RowGroup]:
    """The row groups of a table, with the bounds of a column, from its footer."""
    with _opened(path, record) as file:
        metadata, found = file.metadata, []
        for number in range(metadata.num_row_groups):
            group = metadata.row_group(number)
            columns = (group.column(at) for at in range(group.num_columns))
            said = next(c.statistics for c in columns if c.path_in_schema == column)
            known = said is not None and said.has_min_max
            found.append(RowGroup(group.num_rows, (said.min, said.max) if known else None))
        return found


def content_hash(path: Path, record: type[R]) -> str:
    """The content hash of a table, computed anew from its rows."""
    digest = hashlib.sha256()
    for batch in _stored_batches(path, record, arrow_schema(record).names):
        for row in _plain(path, batch):
            digest.update(row_bytes(row))
    return digest.hexdigest()


@contextmanager
def opened_parquet(path: Path) -> Iterator[pq.ParquetFile]:
    """A Parquet file, whatever its columns; damage met in the body too is a StorageError.

    Pages that bear a checksum are compared with it when they are read.
    """
    if path.exists() and not (path.is_file() or path.is_dir()):  # a pipe would be waited for
        raise StorageError(f"{path}: not a file; delete it and run its stage again")
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            yield file
    except (pa.ArrowException, UnicodeDecodeError) as error:
        raise _unreadable(path, error) from error
    except OSError as error:
        if error.errno is None:  # Arrow's own: a page is not what its checksum says
            raise _unreadable(path, error) from error
        raise storage_error(path, error) from error


def _plain(path: Path, batch: pa.RecordBatch) -> list[dict[str, object]]:
    """The rows of a batch; Arrow does not see that a text is no UTF-8 before it is asked for."""
    try:
        rows: list[dict[str, object]] = batch.to_pylist()
    except UnicodeDecodeError as error:
        raise _unreadable(path, error) from error
    return rows


def _unreadable(path: Path, error: Exception) -> StorageError:
    reason = str(error).partition("\n")[0]
    return StorageError(
        f"{path}: not a readable Parquet table ({reason}); delete it and run its stage again"
    )


@contextmanager
def _opened(path: Path, record: type[R]) -> Iterator[pq.ParquetFile]:
    with opened_parquet(path) as file:
        found = file.schema_arrow
        if not _fits(found, record):
            raise StorageError(
                f"{path}: its columns are not those of {record.__name__} "
                f"({', '.join(found.names)}); it was written by another version: delete it "
                "and run its stage again"
            )
        yield file


def _fits(found: pa.Schema, record: type[R]) -> bool:
    """Whether records can be read from the columns.

    One that may lack values now may not have before; one with a default may not have been there.
    """
    wanted = arrow_schema(record)
    given = [field for field in wanted if field.name in found.names]
    absent = [name for name in wanted.names if name not in found.names]
    return (
        [field.name for field in given] == found.names
        and not any(record.model_fields[name].is_required() for name in absent)
        and all(
            found.field(new.name).type == new.type
            and new.nullable >= found.field(new.name).nullable
            for new in given
        )
    )
