"""Single rows of tables on disk, found by their context's id without reading the rest."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

import pyarrow.compute as pc
import pyarrow.parquet as pq
from pydantic import ValidationError

from schemas.arrow import arrow_schema
from schemas.errors import StorageError
from schemas.records import Record
from schemas.tables import opened_parquet

R = TypeVar("R", bound=Record)
ID = "context_id"


def rows_of_context(paths: Iterable[Path], record: type[R], context_id: str) -> list[R]:
    """The rows of a context; groups of rows whose bounds exclude it are not read.

    Raises StorageError for one that is no such record.
    """
    found = []
    names = arrow_schema(record).names
    for path in paths:
        with opened_parquet(path) as file:
            columns = [name for name in names if name in file.schema_arrow.names]
            for group in _groups(file, context_id):
                table = file.read_row_group(group, columns=columns, use_threads=False)
                chosen = table.filter(pc.equal(table[ID], context_id))
                found += [_read(path, record, row) for row in chosen.to_pylist()]
    return found


def _read(path: Path, record: type[R], row: dict[str, object]) -> R:
    try:
        return record.model_validate(row)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        message = f"{path.name}: a row is no {record.__name__} ({where}: {first['msg']})"
        raise StorageError(message) from error


def _groups(file: pq.ParquetFile, context_id: str) -> list[int]:
    """The groups of rows that may hold an id."""
    metadata = file.metadata
    schema = metadata.schema
    column = next(n for n in range(metadata.num_columns) if schema.column(n).path == ID)
    found = []
    for group in range(metadata.num_row_groups):
        bounds = metadata.row_group(group).column(column).statistics
        told = bounds is not None and bounds.has_min_max and isinstance(bounds.min, str)
        if not told or bounds.min <= context_id <= bounds.max:
            found.append(group)
    return found
