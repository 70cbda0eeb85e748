"""A table on disk a page at a time: all rows, those that meet conditions, or groups of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from schemas.errors import InputError
from schemas.tables import opened_parquet

Where = Mapping[str, object]
"""By column: the value that it has, None for none at all, or ``{OPERATOR: VALUE}``."""
COUNT = "n"
"""The column of a group that says how many rows it has; a table of groups has it beside its own."""
ONE_OF = "in"
"""The operator that wants one of several values."""
LONGER = "longer"
"""The operator that wants a list of more entries than this."""
OF = "of"
"""The operator that wants a value which the same column of another table, ``STAGE/TABLE``, has."""
NEAR = "near"
"""The operator that wants a text which shares a run of words with the user's reference."""
SHARED = "shared"
"""The operator that wants a value which other rows have as well."""
_COMPARED: Mapping[str, Callable[[pa.ChunkedArray, pa.Scalar], pa.ChunkedArray]] = {
    "=": pc.equal,
    "!=": pc.not_equal,
    ">": pc.greater,
    "<": pc.less,
}


@dataclass(frozen=True, slots=True)
class TableRows:
    """Some rows of a table, and how many meet the conditions in all."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    total: int


def parse_where(text: str) -> dict[str, object]:
    """Conditions as they stand in an address, which is JSON; InputError for anything else."""
    try:
        found = orjson.loads(text or "{}")
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise InputError("the conditions in the address are no JSON object")
    return found


def column_of(path: Path, name: str) -> list[Any]:
    """All values of a column."""
    with opened_parquet(path) as file:
        if name not in file.schema_arrow.names:
            raise InputError(f"{path.name}: has no column {name}")
        found: list[Any] = file.read(columns=[name], use_threads=False)[name].to_pylist()
        return found


def table_rows(path: Path, where: Where, by: str, start: int, size: int) -> TableRows:
    """So many rows that meet the conditions, from one on.

    ``by`` makes groups of equal values of a column, which have the column :data:`COUNT` as well.
    """
    with opened_parquet(path) as file:
        names = tuple(file.schema_arrow.names)
        asked = [name for name in where if not (by and name == COUNT)] + ([by] if by else [])
        for name in asked:
            if name not in names:
                raise InputError(f"{path.name}: has no column {name}")
        if by:
            groups = _groups(file, by, where)
            rows = tuple(tuple(row.values()) for row in groups.slice(start, size).to_pylist())
            return TableRows((by, COUNT), rows, groups.num_rows)
        at: Sequence[int] = range(file.metadata.num_rows)
        if where:
            held = file.read(columns=sorted(where), use_threads=False)
            at = pc.indices_nonzero(_mask(held, where)).to_pylist()
        return TableRows(names, _taken(file, at[start : start + size]), len(at))


def _groups(file: pq.ParquetFile, by: str, where: Where) -> pa.Table:
    own = {name: wanted for name, wanted in where.items() if name != COUNT}
    held = file.read(columns=sorted({by, *own}), use_threads=False)
    held = held.filter(_mask(held, own)) if own else held
    if pa.types.is_nested(held.schema.field(by).type):
        raise InputError(f"{by}: rows are not in groups by a column of lists or records")
    found = held.group_by(by, use_threads=False).aggregate([([], "count_all")])
    found = found.rename_columns([by, COUNT]).sort_by(by)
    return found.filter(_mask(found, {COUNT: where[COUNT]})) if COUNT in where else found


def _mask(table: pa.Table, where: Where) -> pa.ChunkedArray:
    masks = [_one(table[name], name, wanted) for name, wanted in where.items()]
    found = masks[0]
    for mask in masks[1:]:
        found = pc.and_(found, mask)
    return found


def _one(column: pa.ChunkedArray, name: str, wanted: object) -> pa.ChunkedArray:
    try:
        return _holds(column, name, wanted)
    except (pa.ArrowException, TypeError, OverflowError) as error:
        raise InputError(f"{name}: cannot be compared with {wanted!r}") from error


def _holds(column: pa.ChunkedArray, name: str, wanted: object) -> pa.ChunkedArray:
    """Where a condition holds."""
    if wanted is None:
        return column.is_null()
    found = wanted if isinstance(wanted, dict) and len(wanted) == 1 else {"=": wanted}
    [(sign, value)] = found.items()
    if sign == "!=" and value is None:
        return column.is_valid()
    if sign == SHARED:
        seen = column.value_counts()
        values = [each["values"] for each in seen.to_pylist() if each["counts"] > 1]
        return pc.is_in(column, pa.array(values, column.type))
    if sign == ONE_OF and isinstance(value, list):
        return pc.is_in(column, pa.array(value, column.type))
    if sign == LONGER and isinstance(value, int):
        return pc.fill_null(pc.greater(pc.list_value_length(column), value), False)
    if sign not in _COMPARED:
        raise InputError(f"{name}: no such condition: {sign}")
    return pc.fill_null(_COMPARED[sign](column, pa.scalar(value, column.type)), False)


def _taken(file: pq.ParquetFile, at: Sequence[int]) -> tuple[tuple[Any, ...], ...]:
    """Rows by their places, which ascend; only the groups that hold one are read."""
    found: list[tuple[Any, ...]] = []
    first, left = 0, list(at)
    for group in range(file.metadata.num_row_groups):
        end = first + file.metadata.row_group(group).num_rows
        inside = [place - first for place in left if place < end]
        if inside:
            table = file.read_row_group(group, use_threads=False).take(inside)
            found += [tuple(row.values()) for row in table.to_pylist()]
            left = left[len(inside) :]
        if not left:
            break
        first = end
    return tuple(found)
