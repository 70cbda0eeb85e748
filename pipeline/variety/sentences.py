"""Sentences by sense, from wherever they are: a release, a table of contexts, a CSV file."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from languages.language import Language
from pipeline.checks.marks import Sound, unmark
from pipeline.checks.occurrences import occurrences
from schemas.errors import InputError
from schemas.files import explained
from schemas.records import Context, Example, Record, Slot, Target
from schemas.tables import read_table
from schemas.text import normalise


@dataclass(frozen=True, slots=True)
class Sentences:
    """What is to be measured."""

    by_sense: dict[str, list[Sound]] = field(default_factory=dict)
    slots: list[tuple[Target, Slot | None]] = field(default_factory=list)
    """Rows with what was asked of them; none from a CSV file."""

    def add(self, sense_id: str, row: Target, slot: Slot | None) -> None:
        """Takes a row."""
        sound = Sound(row.sentence, row.target_start, row.target_end)
        self.by_sense.setdefault(sense_id, []).append(sound)
        self.slots.append((row, slot))


def of_tables(paths: Iterable[Path], record: type[Record], most: int | None = None) -> Sentences:
    """The sentences of tables of examples or contexts, or the first so many."""
    found = Sentences()
    for row in islice((row for path in paths for row in read_table(path, record)), most):
        assert isinstance(row, Example | Context)
        found.add(row.sense_id, row, row.slot)
    return found


def of_csv(path: Path, language: Language) -> Sentences:
    """The sentences of a CSV file with the columns ``sense_id`` and ``sentence``.

    The target is marked ``[[...]]``, or at the characters ``start`` to ``end``, or else where the
    ``lemma`` first stands.
    """
    found = Sentences()
    with explained(path), path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        lacking = {"sense_id", "sentence"} - set(reader.fieldnames or ())
        if lacking:
            raise InputError(f"{path}:1: no column {' or '.join(sorted(lacking))}")
        for row in _rows(reader, path):
            sound = _sound(row, f"{path}:{reader.line_num}", language)
            found.by_sense.setdefault(row["sense_id"], []).append(sound)
    if not found.by_sense:
        raise InputError(f"{path}: no sentences")
    return found


def _rows(reader: csv.DictReader[str], path: Path) -> Iterator[dict[str, str]]:
    try:
        for row in reader:
            if not row["sense_id"] or not row["sentence"]:
                raise InputError(f"{path}:{reader.line_num}: a row needs a sense_id and a sentence")
            yield row
    except (csv.Error, UnicodeDecodeError) as error:
        raise InputError(f"{path}:{reader.line_num}: not CSV in UTF-8: {error}") from error


def _sound(row: dict[str, str], where: str, language: Language) -> Sound:
    text = row["sentence"]
    if row.get("start") and row.get("end"):
        try:
            start, end = int(row["start"]), int(row["end"])
        except ValueError as error:
            raise InputError(f"{where}: start and end are numbers of characters") from error
        if not 0 <= start < end <= len(text):
            raise InputError(f"{where}: no characters {start} to {end} in the sentence")
        return Sound(text, start, end)
    sound = unmark(text)
    if sound is not None:
        return sound
    plain = normalise(text)
    spans = occurrences(plain, row.get("lemma") or "", None, language) if row.get("lemma") else []
    if not spans:
        raise InputError(f"{where}: mark the target [[...]], or give start and end, or its lemma")
    return Sound(plain, *spans[0])
