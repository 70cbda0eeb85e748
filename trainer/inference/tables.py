"""Rows from CSV, JSONL or Parquet files and into them; rows stream, errors name the row."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from schemas.errors import InputError, UsageError
from schemas.files import explained, replacing
from schemas.tables import parquet_writer

Row = dict[str, Any]
_FORMATS = (".csv", ".jsonl", ".parquet")
_BATCH = 4096


@dataclass(frozen=True, slots=True)
class Table:
    """A file that can be read to its end; ``schema`` has its columns, of one type at least."""

    path: Path
    schema: pa.Schema
    n_rows: int


def look_through(path: Path, *, typed: bool) -> Table:
    """Reads a file once and keeps nothing of it.

    Raises InputError for what cannot be read and, where it has to be ``typed``, for a column of
    JSONL whose values are of types that do not go together.
    """
    if file_format(path) == ".parquet":
        with _readable(path), pq.ParquetFile(path, page_checksum_verification=True) as file:
            return Table(path, file.schema_arrow, file.metadata.num_rows)
    schema, n_rows = pa.schema([]), 0
    stream = read_rows(path)
    while batch := list(islice(stream, _BATCH)):
        schema = _joined(schema, batch, typed, f"{path}: rows {n_rows + 1:,} and after")
        n_rows += len(batch)
    return Table(path, schema, n_rows)


def _joined(schema: pa.Schema, batch: list[Row], typed: bool, where: str) -> pa.Schema:
    names = dict.fromkeys(name for row in batch for name in row)
    if not typed:
        new = [pa.field(name, pa.string()) for name in names if name not in schema.names]
        return pa.schema([*schema, *new])
    try:
        own = pa.schema([(name, pa.array([row.get(name) for row in batch]).type) for name in names])
        return pa.unify_schemas([schema, own], promote_options="permissive")
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise InputError(
            f"{where}: a column's values are of different types ({error}): write .jsonl"
        ) from error


def read_rows(path: Path) -> Iterator[Row]:
    """The rows of a file, by its suffix."""
    kind = file_format(path)
    with _readable(path):
        if kind == ".csv":
            yield from _csv_rows(path)
        elif kind == ".jsonl":
            with open(path, "rb") as lines:
                for number, line in enumerate(lines, start=1):
                    if line.strip():
                        yield _parsed(line, f"{path}:{number}")
        else:
            with pq.ParquetFile(path, page_checksum_verification=True) as table:
                for batch in table.iter_batches(_BATCH):
                    yield from batch.to_pylist()


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        with explained(path):
            yield
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 ({error.reason}): save it as UTF-8") from error
    except (csv.Error, pa.ArrowInvalid) as error:
        kind = file_format(path).removeprefix(".")
        raise InputError(f"{path}: no readable {kind} file: {error}") from error


def _csv_rows(path: Path) -> Iterator[Row]:
    with open(path, encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, strict=True)
        header = next(reader, [])
        twice = [name for at, name in enumerate(header) if name in header[:at]]
        if twice:
            raise InputError(f"{path}: column {twice[0]!r} stands twice: rename one")
        for cells in reader:
            if len(cells) > len(header):
                raise InputError(
                    f"{path}:{reader.line_num}: {len(cells)} cells, but {len(header)} columns: "
                    'put cells with commas between "quotes"'
                )
            if cells:
                yield dict(zip(header, cells, strict=False))


def write_rows(path: Path, schema: pa.Schema, rows: Iterable[Row]) -> None:
    """Writes rows by the file's suffix, whole or not at all.

    ``schema`` has all columns; a row may lack some.
    """
    kind, stream = file_format(path), iter(rows)
    with replacing(path) as temporary:
        if kind == ".parquet":
            with parquet_writer(temporary, schema) as writer:
                while batch := list(islice(stream, _BATCH)):
                    writer.write_table(pa.Table.from_pylist(batch, schema=schema))
        elif kind == ".jsonl":
            with open(temporary, "wb") as file:
                for row in stream:
                    file.write(orjson.dumps(row, default=str) + b"\n")
        else:
            with open(temporary, "w", encoding="utf-8", newline="") as text:
                sheet = csv.DictWriter(text, schema.names)
                sheet.writeheader()
                for row in stream:
                    sheet.writerow({name: _cell(value) for name, value in row.items()})


def _cell(value: object) -> object:
    if isinstance(value, (dict, list)):
        return orjson.dumps(value, default=str).decode()
    return value


def file_format(path: Path) -> str:
    """The suffix of a format that can be read and written; UsageError for another."""
    if path.suffix.lower() not in _FORMATS:
        raise UsageError(f"{path}: the suffix must be one of {', '.join(_FORMATS)}")
    return path.suffix.lower()


def _parsed(line: bytes, name: str) -> Row:
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise InputError(f"{name}: not JSON: {error}") from error
    if not isinstance(row, dict):
        raise InputError(f"{name}: a line must be a JSON object")
    return row
