"""Prints the rows of a spreadsheet as JSON; run as a process of its own by ``files.py``.

A file from somebody else may be damaged, or one cell far to the right may make a sheet larger than
memory: the library that reads it then ends its process. That must not be the one that imports, so
this one has limits, and imports nothing of the project.

One line for every row with text: [number of the sheet, its name, number of the row, its cells].
Cells are text, without empty ones at the end; a number that a program made of a text is its
shortest text. What cannot be read is a last line {"error": why}.
"""

from __future__ import annotations

import json
import sys
import zipfile
from collections.abc import Iterator

MEMORY = 1 << 30
"""Bytes of address space; 50,000 rows of a blind audit take less than a fifth."""
SECONDS = 300
"""Of CPU; the same rows take one, and a slow machine may be busy."""
UNPACKED = 1 << 30
"""Bytes of all parts of a file together; the same rows take 23 MB."""

Row = tuple[int, str, int, list[str]]


def rows(path: str) -> Iterator[Row]:
    """The rows with text of all sheets that have cells."""
    from python_calamine import CalamineWorkbook, SheetTypeEnum

    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
        if unpacked > UNPACKED:
            raise ValueError(f"its parts unpack to {unpacked >> 20:,} MB")
    with CalamineWorkbook.from_path(path) as book:
        for place, sheet in enumerate(book.sheets_metadata):
            if sheet.typ != SheetTypeEnum.WorkSheet:  # a chart
                continue
            for number, cells in enumerate(book.get_sheet_by_index(place).iter_rows(), start=1):
                texts = [_text(cell) for cell in cells]
                while texts and not texts[-1]:
                    texts.pop()
                if texts:
                    yield place, sheet.name, number, texts


def _text(cell: object) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def print_rows(path: str) -> None:
    """Prints the rows, or why there are none."""
    try:
        import resource
    except ImportError:  # on Windows a process has no such limits
        pass
    else:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    try:
        for row in rows(path):
            sys.stdout.write(json.dumps(row) + "\n")
    except BaseException as error:
        sys.stdout.write(json.dumps({"error": str(error) or type(error).__name__}) + "\n")


if __name__ == "__main__":
    print_rows(sys.argv[1])
