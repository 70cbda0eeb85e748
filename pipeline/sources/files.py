"""Text out of files: UTF-8 only, with the place of the first wrong byte."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path, PurePosixPath

from pipeline.sources.archives import Room, ordinary, tar_files
from schemas.errors import InputError
from schemas.files import storage_error

_LINE_END = re.compile(r"\r\n|\n|\r")
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_CP1258_TONES = frozenset(b"\xcc\xd2\xde\xec\xf2")


def read_bytes(path: Path) -> bytes:
    """The bytes of a file the user named, if it has an end and is not too large for a source."""
    try:
        return ordinary(path).read_bytes()
    except OSError as error:
        raise InputError(str(storage_error(path, error))) from error


def decode(data: bytes, where: str) -> str:
    """UTF-8 text, with or without a byte order mark; InputError says what else it looks like."""
    if data.startswith(_UTF16_MARKS) or data.count(0) * 10 > len(data) > 0:
        raise InputError(f"{where}, line 1: this is UTF-16, UTF-8 is wanted; save it as UTF-8")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        start = error.start + (3 if data.startswith(b"\xef\xbb\xbf") else 0)
        line = len(_LINE_END.findall(data[:start].decode("latin-1"))) + 1
        guess = "; it looks like Windows-1258" if _looks_like_cp1258(data) else ""
        raise InputError(
            f"{where}, line {line}: byte {start} (0x{data[start]:02x}) is not UTF-8{guess}; "
            "save the file as UTF-8"
        ) from error


def _looks_like_cp1258(data: bytes) -> bool:
    """Windows-1258 writes a tone as a byte of its own behind a letter, UTF-8 never does so."""
    try:
        data.decode("cp1258")
    except UnicodeDecodeError:
        return False
    return any(byte in _CP1258_TONES and chr(before).isalpha() for before, byte in pairwise(data))


def numbered_lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines that are not blank, each with its number from 1, without their ends."""
    for number, line in enumerate(_LINE_END.split(text), 1):
        if line.strip():
            yield number, line


def csv_files(path: Path) -> Iterator[tuple[str, str, bytes]]:
    """The CSV files of a folder or a tar archive by name: (where, stem, bytes), names unique."""
    if path.is_dir():
        room = Room(path)
        for file in sorted(path.glob("*.csv")):
            if not file.resolve().is_relative_to(path.resolve()):
                raise InputError(f"{file}: a link out of the folder; put the file itself here")
            data = read_bytes(file)
            room.take(len(data))
            yield str(file), file.stem, data
    elif path.name.endswith(".csv"):
        yield str(path), path.stem, read_bytes(path)
    else:
        yield from _members(path)


def _members(path: Path) -> Iterator[tuple[str, str, bytes]]:
    seen: dict[str, PurePosixPath] = {}
    for name, data in tar_files(path):
        if name.suffix != ".csv" or name.name.startswith("._"):
            continue
        if name.name in seen:
            raise InputError(f"{path}: holds {seen[name.name]} and {name}; keep one")
        seen[name.name] = name
        yield f"{path}:{name}", name.stem, data
