"""Reads the tables of a file that came back: .xlsx, .ods, .xls or .csv, as whoever saved it.

A cell is text; a number that a program made of a text is written back as its shortest text. A
table is a sheet that has the header of row keys in one of its first rows, under whatever name.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from languages.audit import AuditTexts
from schemas.errors import InputError
from schemas.files import explained

SPREADSHEETS = (".xlsx", ".xlsm", ".xls", ".ods")
TEXTS = (".csv", ".tsv", ".txt")

_HEADER_WITHIN = 30
_BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


@dataclass(frozen=True, slots=True)
class FoundTable:
    """A sheet's header cells and its rows below, each with its number in the file."""

    sheet: str
    header: tuple[str, ...]
    rows: Iterator[tuple[int, list[str]]]


def read_tables(path: Path, texts: AuditTexts) -> Iterator[FoundTable]:
    """The tables of a file that have a column of row keys, one after the other.

    Raises :class:`InputError` for a file of another kind and for one without such a table.
    """
    suffix = path.suffix.casefold()
    if suffix in SPREADSHEETS:
        sheets = _spreadsheet(path)
    elif suffix in TEXTS:
        sheets = iter([("", _csv(path, texts))])
    else:
        raise InputError(f"{path}: unknown kind of file; save it as .xlsx, .ods or .csv (UTF-8)")
    found = False
    for name, rows in sheets:
        header = _header(rows, texts)
        if header is not None:
            found = True
            yield FoundTable(name, header, rows)
    if not found:
        raise InputError(
            f"{path}: no sheet has the column {texts.columns.key!r}; import the workbook of an "
            "audit, with its header row"
        )


def _header(rows: Iterator[tuple[int, list[str]]], texts: AuditTexts) -> tuple[str, ...] | None:
    """Takes rows up to the header; None if the first rows hold none."""
    key = texts.fold(texts.columns.key)
    for _, (_, cells) in zip(range(_HEADER_WITHIN), rows, strict=False):
        if any(texts.fold(cell) == key for cell in cells):
            return tuple(cells)
    return None


def _spreadsheet(path: Path) -> Iterator[tuple[str, Iterator[tuple[int, list[str]]]]]:
    from python_calamine import CalamineError, CalamineWorkbook

    with explained(path), open(path, "rb"):
        pass  # calamine's errors do not tell a missing file from a broken one
    try:
        with CalamineWorkbook.from_path(str(path)) as book:
            for name in book.sheet_names:
                sheet = book.get_sheet_by_name(name)
                yield name, _numbered(sheet.iter_rows())
    except (CalamineError, OSError) as error:
        raise InputError(
            f"{path}: cannot be read as a spreadsheet ({error}); open it and save it again "
            "without a password, as .xlsx or .ods"
        ) from error


def _numbered(rows: Iterator[list[Any]]) -> Iterator[tuple[int, list[str]]]:
    for number, row in enumerate(rows, start=1):
        yield number, [_text(cell) for cell in row]


def _text(cell: object) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _csv(path: Path, texts: AuditTexts) -> Iterator[tuple[int, list[str]]]:
    text = _decoded(path)
    separator = _separator(text, texts)
    # A text with line breaks inside its quotes needs them as they are: no universal newlines.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    number = 1
    try:
        for row in reader:
            yield number, row
            number = reader.line_num + 1
    except csv.Error as error:
        raise InputError(
            f"{path}: not a table of text at line {reader.line_num} ({error}); save it as .xlsx"
        ) from error


def _decoded(path: Path) -> str:
    with explained(path):
        data = path.read_bytes()
    encoding = next((name for bom, name in _BOMS if data.startswith(bom)), "utf-8")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path}: not UTF-8 at byte {error.start}; save it as “CSV UTF-8”, as other kinds of "
            "CSV lose Vietnamese letters"
        ) from error


def _separator(text: str, texts: AuditTexts) -> str:
    """The separator of the header line: of comma, semicolon and tab the one it has most of."""
    key = texts.fold(texts.columns.key)
    for line in text.splitlines()[:_HEADER_WITHIN]:
        if key in texts.fold(line):
            return max(",;\t", key=line.count)
    return ","
