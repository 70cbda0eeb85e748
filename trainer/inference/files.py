"""Sentences from CSV, JSONL or Parquet files, answers into one; rows stream."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from schemas.errors import InputError, UsageError
from schemas.files import explained, replacing
from trainer.inference.disambiguator import Answer, Ask

Row = dict[str, Any]
_FORMATS = (".csv", ".jsonl", ".parquet")
_BATCH = 4096


def read_rows(path: Path) -> Iterator[Row]:
    """The rows of a file, by its suffix."""
    kind = _format(path)
    with explained(path):
        if kind == ".csv":
            with open(path, encoding="utf-8-sig", newline="") as file:
                yield from csv.DictReader(file)
        elif kind == ".jsonl":
            with open(path, "rb") as lines:
                for number, line in enumerate(lines, start=1):
                    if line.strip():
                        yield _parsed(line, f"{path}:{number}")
        else:
            import pyarrow.parquet as pq

            with pq.ParquetFile(path) as table:
                for batch in table.iter_batches(_BATCH):
                    yield from batch.to_pylist()


def ask_of(row: Row, name: str) -> Ask:
    """A row's question: columns ``sentence`` (or ``text``), and ``target``, ``lemma`` if any.

    ``target_start`` and ``target_end`` mark the target by offsets.
    """
    text = row.get("sentence") or row.get("text")
    if not text:
        raise InputError(f"{name}: no column sentence or text: add it")
    start, end = row.get("target_start"), row.get("target_end")
    if start not in (None, "") and end not in (None, ""):
        at, to = int(str(start)), int(str(end))
        text = f"{text[:at]}[[{text[at:to]}]]{text[to:]}"
    return Ask.of(str(text), row.get("target") or None, row.get("lemma") or None, name)


def answered(row: Row, answer: Answer) -> Row:
    """The row with the answer's columns; ``ranking`` is JSON of sense ids and shares."""
    best = answer.senses[0] if answer.senses else None
    ranking = [{"sense_id": s.sense_id, "share": round(s.share, 6)} for s in answer.senses]
    return {
        **row,
        "target": answer.target,
        "sense_id": best.sense_id if best else None,
        "gloss": best.gloss if best else None,
        "share": round(best.share, 6) if best else None,
        "known": answer.known,
        "ranking": orjson.dumps(ranking).decode(),
    }


def write_rows(path: Path, rows: Iterable[Row]) -> int:
    """Writes rows by the file's suffix, whole or not at all; returns their number."""
    kind, stream, n = _format(path), iter(rows), 0
    with replacing(path) as temporary:
        if kind == ".parquet":
            import pyarrow as pa
            import pyarrow.parquet as pq

            writer = None
            while batch := list(islice(stream, _BATCH)):
                schema = None if writer is None else writer.schema
                table = pa.Table.from_pylist(batch, schema=schema)
                writer = writer or pq.ParquetWriter(temporary, table.schema, compression="zstd")
                writer.write_table(table)
                n += len(batch)
            if writer is None:
                raise InputError(f"{path}: there is no row to write: the input is empty")
            writer.close()
        elif kind == ".jsonl":
            with open(temporary, "wb") as file:
                for row in stream:
                    file.write(orjson.dumps(row) + b"\n")
                    n += 1
        else:
            with open(temporary, "w", encoding="utf-8", newline="") as text:
                writer_csv = None
                for row in stream:
                    if writer_csv is None:
                        writer_csv = csv.DictWriter(text, list(row))
                        writer_csv.writeheader()
                    writer_csv.writerow(row)
                    n += 1
    return n


def _format(path: Path) -> str:
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
