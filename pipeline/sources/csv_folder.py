"""A WordNet as CSV files named after supersenses, in two forms.

With ids: ``id,lemma,lemma,...`` where ids are numbers, unique over all files. As first
published: ``lemma, lemma, ...`` without ids, which are then made from content.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from languages.language import Language
from pipeline.sources.content_ids import content_ids
from pipeline.sources.files import csv_files, decode, numbered_lines
from pipeline.sources.interface import Lexicon, SourceDescription, SourceSynset
from pipeline.sources.supersenses import pos_of, supersense_of_file
from schemas.errors import InputError
from schemas.ids import synset_id

_NUMBER = re.compile(r"[0-9]+")
_OTHER_SEPARATOR = re.compile(r"\s*[0-9]+\s*[;\t|]|[^,]*\t[^,]*$")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a file."""

    where: str
    supersense: str
    cells: tuple[str, ...]


def read_csv_source(path: Path, language: Language, prefix: str | None = None) -> Lexicon:
    """The synsets of a folder, a .tar(.gz|.xz) archive or a single CSV file.

    The form is that of most rows; a row of the other form is then an error.
    """
    rows = _rows(path)
    n_numbered = sum(_is_number(row.cells[0]) for row in rows)
    known = language.wordnet
    prefix = prefix or known.prefix
    synsets = _with_ids(rows, prefix) if 2 * n_numbered > len(rows) else _without_ids(rows, prefix)
    return Lexicon(SourceDescription(known.name, known.url, known.licence), synsets)


def _rows(path: Path) -> list[Row]:
    if not path.exists():
        raise InputError(f"{path}: no such file or folder; check [source] path")
    rows: list[Row] = []
    n_files = 0
    for where, stem, data in csv_files(path):
        n_files += 1
        supersense = supersense_of_file(stem, where)
        for number, line in numbered_lines(decode(data, where)):
            place = f"{where}, line {number}"
            rows.append(Row(place, supersense, _cells(line, place)))
    if not n_files:
        raise InputError(f"{path}: holds no .csv file; give the folder that holds them")
    if not rows:
        raise InputError(f"{path}: its {n_files} CSV files are empty")
    return rows


def _cells(line: str, where: str) -> tuple[str, ...]:
    if _OTHER_SEPARATOR.match(line):
        raise InputError(f"{where}: columns are separated by commas, not so here: {line[:60]!r}")
    if '"' not in line:
        return tuple(line.split(","))
    try:
        (cells,) = csv.reader([line], strict=True, skipinitialspace=True)
    except csv.Error as error:
        raise InputError(f"{where}: malformed CSV ({error}): {line[:60]!r}") from error
    return tuple(cells)


def _is_number(cell: str) -> bool:
    return _NUMBER.fullmatch(cell.strip()) is not None


def _with_ids(rows: Sequence[Row], prefix: str) -> tuple[SourceSynset, ...]:
    places: dict[str, str] = {}
    synsets = []
    for row in rows:
        number, *lemmas = row.cells
        number = number.strip()
        if not _is_number(number):
            raise InputError(f"{row.where}: {number!r} is not an id; the first column is a number")
        if not lemmas:
            raise InputError(f"{row.where}: id {number} has no lemma; wanted: id,lemma,lemma,...")
        if number in places:
            raise InputError(f"{row.where}: id {number} is already that of {places[number]}")
        places[number] = row.where
        synsets.append(_synset(synset_id(prefix, number), row, lemmas))
    return tuple(synsets)


def _without_ids(rows: Sequence[Row], prefix: str) -> tuple[SourceSynset, ...]:
    ids = content_ids([(row.supersense, row.cells) for row in rows])
    return tuple(
        _synset(synset_id(prefix, local), row, row.cells)
        for local, row in zip(ids, rows, strict=True)
    )


def _synset(identifier: str, row: Row, lemmas: Sequence[str]) -> SourceSynset:
    return SourceSynset(
        synset_id=identifier,
        pos=pos_of(row.supersense),
        supersense=row.supersense,
        lemmas=tuple(lemmas),
    )
