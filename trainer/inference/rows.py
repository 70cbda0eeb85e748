"""Answers beside the rows that ask for them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

import orjson
import pyarrow as pa

from languages.language import Language
from schemas.errors import InputError
from trainer.inference.disambiguator import Disambiguation, Disambiguator, Query
from trainer.inference.tables import Row, Table, read_rows
from trainer.progress import Advance, untold

_BATCH = 256
_ANSWER = pa.schema(
    [
        ("answer_target", pa.string()),
        ("answer_sense_id", pa.string()),
        ("answer_gloss", pa.string()),
        ("answer_share", pa.float64()),
        ("answer_known", pa.bool_()),
        ("answer_ranking", pa.string()),
        ("answer_error", pa.string()),
    ]
)
_TEXTS = ("sentence", "text")


def answered_schema(asked: Table) -> pa.Schema:
    """The asked columns, then the answer's. Raises InputError where there is no sentence."""
    names = asked.schema.names
    if asked.n_rows and not set(_TEXTS) & set(names):
        raise InputError(
            f"{asked.path}: no column sentence or text, only {', '.join(names)}: rename one"
        )
    return pa.schema([*(f for f in asked.schema if f.name not in _ANSWER.names), *_ANSWER])


def answered_rows(senses: Disambiguator, asked: Table, advance: Advance = untold) -> Iterator[Row]:
    """Each row with the columns of its answer, in order, a batch in memory at a time.

    A row that cannot be answered says why in ``answer_error`` and has no other answer.
    ``advance`` is told of a batch when it is answered.
    """
    stream = enumerate(read_rows(asked.path), start=1)
    while batch := list(islice(stream, _BATCH)):
        rows = _answered(senses, [row for _, row in batch], [at for at, _ in batch])
        advance(len(rows))
        yield from rows


def _answered(senses: Disambiguator, rows: Sequence[Row], numbers: Sequence[int]) -> list[Row]:
    queries: dict[int, Query] = {}
    found: dict[int, Row] = {}
    for number, row in zip(numbers, rows, strict=True):
        try:
            queries[number] = query_of(row, senses.language, f"row {number}")
        except InputError as error:
            found[number] = {"answer_error": str(error)}
    try:
        answers = senses.answers([*queries.values()])
        found |= {number: _columns(a) for number, a in zip(queries, answers, strict=True)}
    except InputError:  # one of them has no place in the window: find out which
        found |= {number: _alone(senses, ask) for number, ask in queries.items()}
    empty = dict.fromkeys(_ANSWER.names)
    return [{**row, **empty, **found[n]} for n, row in zip(numbers, rows, strict=True)]


def _alone(senses: Disambiguator, ask: Query) -> Row:
    try:
        return _columns(senses.answers([ask])[0])
    except InputError as error:
        return {"answer_error": str(error)}


def query_of(row: Row, language: Language, name: str) -> Query:
    """A row's question: columns ``sentence`` (or ``text``), and ``target``, ``lemma`` if any.

    ``target_start`` and ``target_end`` mark the target by offsets.
    """
    text = next((row[column] for column in _TEXTS if row.get(column)), None)
    if not isinstance(text, str):
        raise InputError(f"{name}: no sentence: fill in the column sentence or text")
    start, end = row.get("target_start"), row.get("target_end")
    if start not in (None, "") and end not in (None, ""):
        at, to = _offset(start, name), _offset(end, name)
        if not 0 <= at < to <= len(text):
            raise InputError(
                f"{name}: the target {at} to {to} does not lie in a sentence of {len(text)} "
                "characters: mend target_start and target_end"
            )
        text = f"{text[:at]}[[{text[at:to]}]]{text[to:]}"
    return Query.of(text, language, _text(row, "target"), _text(row, "lemma"), name)


def _text(row: Row, column: str) -> str | None:
    return None if row.get(column) in (None, "") else str(row[column])


def _offset(value: object, name: str) -> int:
    """A whole number, also one that a spreadsheet has written as 4.0."""
    try:
        number = float(str(value))
    except ValueError:
        number = 0.5
    if not number.is_integer():
        raise InputError(f"{name}: {value!r} is no offset: give whole numbers")
    return int(number)


def _columns(answer: Disambiguation) -> Row:
    """The answer's columns; ``answer_ranking`` is JSON of sense ids and shares."""
    best = answer.senses[0] if answer.senses else None
    ranking = [{"sense_id": s.sense_id, "share": round(s.share, 6)} for s in answer.senses]
    return {
        "answer_target": answer.target,
        "answer_sense_id": best.sense_id if best else None,
        "answer_gloss": best.gloss if best else None,
        "answer_share": round(best.share, 6) if best else None,
        "answer_known": answer.known,
        "answer_ranking": orjson.dumps(ranking).decode(),
    }
