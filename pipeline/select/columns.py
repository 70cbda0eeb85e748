"""A table written from Arrow batches, for stages that never look at single records."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa
import pyarrow.parquet as pq

from schemas.arrow import arrow_schema
from schemas.files import replacing
from schemas.records import Record

_GROUP_ROWS = 32_768


class ColumnWriter:
    """Writes batches as a table of ``record``; the file appears when the block ends well.

    Row groups have equal sizes, however the rows were batched.
    """

    def __init__(self, path: Path, record: type[Record]) -> None:
        self._path = path
        self._schema = arrow_schema(record)
        self._waiting: list[pa.RecordBatch] = []
        self._n_waiting = 0
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        temporary = self._stack.enter_context(replacing(self._path))
        self._writer = self._stack.enter_context(
            pq.ParquetWriter(temporary, self._schema, compression="zstd")
        )
        return self

    def write(self, columns: dict[str, Any]) -> None:
        """Adds rows, given as one array or list per column of the record."""
        batch = pa.record_batch([columns[name] for name in self._schema.names], self._schema)
        self._waiting.append(batch)
        self._n_waiting += batch.num_rows
        while self._n_waiting >= _GROUP_ROWS:
            self._flush(_GROUP_ROWS)

    def _flush(self, n_rows: int) -> None:
        table = pa.Table.from_batches(self._waiting, self._schema)
        self._writer.write_table(table.slice(0, n_rows))
        self._waiting = table.slice(n_rows).to_batches()
        self._n_waiting -= n_rows

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None and self._n_waiting:
            try:
                self._flush(self._n_waiting)
            except BaseException as failure:
                self._stack.__exit__(type(failure), failure, failure.__traceback__)
                raise
        self._stack.__exit__(kind, error, trace)
