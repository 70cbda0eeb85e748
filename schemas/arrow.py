"""Arrow schemas made from the record types, so that a table and its records cannot differ."""

from __future__ import annotations

import types
from enum import Enum
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import pyarrow as pa
from pydantic import BaseModel

_PRIMITIVES: dict[type, pa.DataType] = {
    str: pa.string(),
    bool: pa.bool_(),
    int: pa.int32(),
    float: pa.float64(),
}


@cache
def arrow_schema(record: type[BaseModel]) -> pa.Schema:
    """The schema of a table of ``record``: its fields in order, nullable where None is allowed."""
    return pa.schema(_fields(record))


def _fields(record: type[BaseModel]) -> list[pa.Field]:
    hints = {name: field.annotation for name, field in record.model_fields.items()}
    return [_field(name, hint) for name, hint in hints.items()]


def _field(name: str, hint: Any) -> pa.Field:
    hint = _bare(hint)
    nullable = False
    if get_origin(hint) in (Union, types.UnionType):
        options = [option for option in get_args(hint) if option is not types.NoneType]
        if len(options) != 1:
            raise TypeError(f"{name}: a column has one type, not {hint}")
        hint, nullable = _bare(options[0]), True
    return pa.field(name, _type(name, hint), nullable=nullable)


def _type(name: str, hint: Any) -> pa.DataType:
    if get_origin(hint) is tuple:
        return pa.list_(pa.field("item", _type(name, _bare(get_args(hint)[0])), nullable=False))
    if get_origin(hint) is Literal:
        return pa.string()
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return pa.struct(_fields(hint))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return pa.string()
    if hint in _PRIMITIVES:
        return _PRIMITIVES[hint]
    raise TypeError(f"{name}: no Arrow type for {hint}")


def _bare(hint: Any) -> Any:
    """The type inside ``Annotated``."""
    return get_args(hint)[0] if get_origin(hint) is Annotated else hint
