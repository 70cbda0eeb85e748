"""Usages beside the rows of a file that ask for them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

import pyarrow as pa

from schemas.errors import InputError
from trainer.inference.disambiguator import Query
from trainer.inference.rows import query_of
from trainer.inference.tables import Row, Table, read_rows
from trainer.progress import Advance, untold
from trainer.senses.encoder import TaggedWord, UsageEncoder

_BATCH = 256
_ANSWER = pa.schema(
    [
        ("usage_word", pa.string()),
        ("usage", pa.int64()),
        ("usage_count", pa.int64()),
        ("usage_share", pa.float64()),
        ("usage_known", pa.bool_()),
        ("usage_error", pa.string()),
    ]
)
_TEXTS = ("sentence", "text")


def tagged_schema(asked: Table) -> pa.Schema:
    """The asked columns, then those of usages. Raises InputError where there is no sentence."""
    names = asked.schema.names
    if asked.n_rows and not set(_TEXTS) & set(names):
        raise InputError(
            f"{asked.path}: no column sentence or text, only {', '.join(names)}: rename one"
        )
    return pa.schema([*(f for f in asked.schema if f.name not in _ANSWER.names), *_ANSWER])


def tagged_rows(senses: UsageEncoder, asked: Table, advance: Advance = untold) -> Iterator[Row]:
    """Each row with its usage, in order; one that cannot be read says why in ``usage_error``."""
    stream = enumerate(read_rows(asked.path), start=1)
    while batch := list(islice(stream, _BATCH)):
        yield from _tagged(senses, batch)
        advance(len(batch))


def _tagged(senses: UsageEncoder, batch: Sequence[tuple[int, Row]]) -> Iterator[Row]:
    empty = dict.fromkeys(_ANSWER.names)
    asks: dict[int, Query] = {}
    found: dict[int, Row] = {}
    for number, row in batch:
        try:
            asks[number] = query_of(row, senses.language, f"row {number}")
        except InputError as error:
            found[number] = {"usage_error": str(error)}
    try:
        found |= dict(zip(asks, _answers(senses, [*asks.values()]), strict=True))
    except InputError:  # one of them has no place in the window: find out which
        found |= {number: _alone(senses, ask) for number, ask in asks.items()}
    yield from ({**row, **empty, **found[number]} for number, row in batch)


def _answers(senses: UsageEncoder, asks: Sequence[Query]) -> list[Row]:
    words = senses.encode([ask.marked for ask in asks], [ask.lemma for ask in asks])
    return [_columns(word) for word in words]


def _alone(senses: UsageEncoder, ask: Query) -> Row:
    try:
        return _answers(senses, [ask])[0]
    except InputError as error:
        return {"usage_error": str(error)}


def _columns(word: TaggedWord) -> Row:
    return {
        "usage_word": word.unit,
        "usage": word.usage,
        "usage_count": word.n_usages,
        "usage_share": None if word.share is None else round(word.share, 6),
        "usage_known": word.known,
    }
