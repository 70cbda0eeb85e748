"""Reads the tables of a file that came back: .xlsx, .ods, .xls or .csv, as whoever saved it.

A cell is text. A table is a sheet that has the header of row keys in one of its first rows, under
whatever name.
"""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from audits.answers import spreadsheet
from languages.audit import AuditTexts
from schemas.errors import InputError
from schemas.files import explained

SPREADSHEETS = (".xlsx", ".xlsm", ".xls", ".ods")
TEXTS = (".csv", ".tsv", ".txt")
PAGES = (".html", ".htm", ".mhtml", ".mht")
LARGEST_FILE = 1 << 27
"""Bytes; 50,000 rows of a blind audit take 11 MB as text."""

_HEADER_WITHIN = 30
"""The header may have so many rows above it: a title, the progress, notes."""
_BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)

Rows = Iterator[tuple[int, list[str]]]
"""Each with its number in the file, from 1."""


@dataclass(frozen=True, slots=True)
class FoundTable:
    """A sheet's header cells and its rows below."""

    sheet: str
    header: tuple[str, ...]
    rows: Rows


def read_tables(path: Path, texts: AuditTexts) -> Iterator[FoundTable]:
    """The tables of a file that have a column of row keys, one after the other.

    Raises :class:`InputError` for a file of another kind and for one without such a table.
    """
    sized(path, LARGEST_FILE, "sheet has", "copy its rows into a new file")
    suffix = path.suffix.casefold()
    if suffix in SPREADSHEETS:
        sheets = _spreadsheet(path)
    elif suffix in TEXTS:
        sheets = iter([("", _csv(path, texts))])
    elif suffix in PAGES:
        raise InputError(
            f"{path}: a page itself, which holds no answers; ask for the .json file that “save "
            "file” gives, in the browser in which it was answered"
        )
    else:
        raise InputError(
            f"{path}: unknown kind of file; a sheet is saved as .xlsx, .ods or .csv (UTF-8), and "
            "a page's answers are a .json file"
        )
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


def sized(path: Path, largest: int, what: str, advice: str) -> None:
    """Raises :class:`InputError` for what is no file, and for one that is too large."""
    with explained(path):
        size = path.stat().st_size
    if not path.is_file():
        raise InputError(f"{path}: not a file; give the file that the annotator sent")
    if size > largest:
        raise InputError(
            f"{path}: {size >> 20:,} MB, more than any {what} ({largest >> 20:,} MB); {advice}"
        )


def _header(rows: Rows, texts: AuditTexts) -> tuple[str, ...] | None:
    """Takes rows up to the header; None if the first rows hold none."""
    key = texts.fold(texts.columns.key)
    for _, (_, cells) in zip(range(_HEADER_WITHIN), rows, strict=False):
        if any(texts.fold(cell) == key for cell in cells):
            return tuple(cells)
    return None


def _spreadsheet(path: Path) -> Iterator[tuple[str, Rows]]:
    """The sheets of a spreadsheet by name, as :mod:`audits.answers.spreadsheet` reads them."""
    for (_, name), rows in groupby(_read_apart(path), key=lambda row: row[:2]):
        yield name, ((number, cells) for _, _, number, cells in rows)


def _read_apart(path: Path) -> Iterator[spreadsheet.Row]:
    error = ""
    command = [sys.executable, "-P", spreadsheet.__file__, str(path)]
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as reader:
        try:
            for line in reader.stdout or ():
                row = json.loads(line)
                if isinstance(row, dict):
                    error = " ".join(row["error"].split())
                else:
                    yield row
        except BaseException:
            reader.kill()
            raise
    if error:
        raise InputError(
            f"{path}: cannot be read as a spreadsheet: {_in_words(path)} ({error}); open it and "
            "save it again without a password, as .xlsx or .ods"
        )
    if reader.returncode:
        raise InputError(
            f"{path}: cannot be read within {spreadsheet.MEMORY >> 20:,} MB and "
            f"{spreadsheet.SECONDS} s; something may stand far below or to the right of the rows: "
            "copy the rows into a new file"
        )


def _in_words(path: Path) -> str:
    """What most likely happened to a spreadsheet that cannot be read, by how it begins."""
    with explained(path), open(path, "rb") as file:
        head = file.read(512)
    if not head:
        return "it is empty"
    if head.startswith(b"PK"):
        return (
            "a part of it is damaged"
            if zipfile.is_zipfile(path)
            else "its end is missing, as when it was sent or loaded in part only"
        )
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return "it has a password, or is damaged"
    if head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
        return "it is a web page under a spreadsheet's name"
    return "it is something else under a spreadsheet's name"


def _csv(path: Path, texts: AuditTexts) -> Rows:
    text = decoded(path, "save it as “CSV UTF-8”, as other kinds of CSV lose letters")
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


def decoded(path: Path, advice: str) -> str:
    """The text of a file, which begins with a byte order mark or is UTF-8."""
    with explained(path):
        data = path.read_bytes()
    encoding = next((name for bom, name in _BOMS if data.startswith(bom)), "utf-8")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path}: not {encoding.removesuffix('-sig').upper()} at byte {error.start}; {advice}"
        ) from error


def _separator(text: str, texts: AuditTexts) -> str:
    """The separator of the header line: of comma, semicolon and tab the one it has most of."""
    key = texts.fold(texts.columns.key)
    for line in text.splitlines()[:_HEADER_WITHIN]:
        if key in texts.fold(line):
            return max(",;\t", key=line.count)
    return ","
