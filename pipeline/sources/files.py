"""Text out of files and archives: UTF-8 only, with the place of the first wrong byte."""

from __future__ import annotations

import lzma
import re
import tarfile
import zlib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path, PurePosixPath

from schemas.errors import InputError
from schemas.files import storage_error

_LINE_END = re.compile(r"\r\n|\n|\r")
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_CP1258_TONES = frozenset(b"\xcc\xd2\xde\xec\xf2")


def read_bytes(path: Path) -> bytes:
    """The bytes of a file the user named."""
    try:
        return path.read_bytes()
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
        for file in sorted(path.glob("*.csv")):
            yield str(file), file.stem, read_bytes(file)
    elif path.name.endswith(".csv"):
        yield str(path), path.stem, read_bytes(path)
    else:
        yield from _members(path)


def _members(path: Path) -> Iterator[tuple[str, str, bytes]]:
    seen: dict[str, str] = {}
    try:
        with tarfile.open(path) as archive:
            for member in archive:
                name = PurePosixPath(member.name)
                if not member.isfile() or name.suffix != ".csv" or name.name.startswith("._"):
                    continue
                if name.name in seen:
                    raise InputError(f"{path}: holds {seen[name.name]} and {name}; keep one")
                seen[name.name] = str(name)
                content = archive.extractfile(member)
                assert content is not None  # only links and folders have none
                yield f"{path}:{name}", name.stem, content.read()
    except tarfile.ReadError as error:
        raise InputError(
            f"{path}: neither a folder nor a readable archive; "
            "give a folder of CSV files or a .tar.xz of one"
        ) from error
    except (EOFError, lzma.LZMAError, zlib.error) as error:
        raise InputError(f"{path}: the archive is damaged ({error}); download it again") from error
    except OSError as error:
        raise InputError(str(storage_error(path, error))) from error
