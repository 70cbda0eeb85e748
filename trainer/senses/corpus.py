"""The documents of a corpus: text files, folders and archives of them, or a release's contexts."""

from __future__ import annotations

import hashlib
import lzma
import tarfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from schemas.errors import InputError
from schemas.files import explained, storage_error
from schemas.text import normalise
from trainer.data import Item

LINES = 100
"""A document of a text file is a run of so many of its lines; files of a folder are like it."""
_LONGEST_LINE = 10_000
_ARCHIVES = (".tar", ".tar.xz", ".tar.gz", ".tgz", ".tar.bz2")


@dataclass(frozen=True, slots=True)
class Document:
    """Lines of text, normalised and none of them empty, under a name of their own."""

    name: str
    lines: tuple[str, ...]

    @property
    def size(self) -> int:
        """Its number of characters."""
        return sum(map(len, self.lines))


def documents(paths: Sequence[Path]) -> Iterator[Document]:
    """The documents of files, folders (every ``*.txt`` in them) and tar archives, in order.

    Raises InputError for what is no UTF-8 text, naming it.
    """
    for path in paths:
        if _is_archive(path):
            yield from _archived(path)
        else:
            for file in _files(path):
                with explained(file), open(file, "rb") as raw:
                    yield from _runs(str(file.relative_to(path.parent)), raw, str(file))


def contexts_as_documents(items: Iterable[Item]) -> Iterator[Document]:
    """Each context of a release as a document."""
    for item in items:
        yield Document(item.item_id, (normalise(item.sentence),))


def corpus_digest(paths: Sequence[Path]) -> str:
    """Of the names and bytes of all files."""
    digest = hashlib.blake2b(digest_size=16)
    for path in paths:
        for file in [path] if _is_archive(path) else _files(path):
            with explained(file), open(file, "rb") as raw:
                own = hashlib.file_digest(raw, lambda: hashlib.blake2b(digest_size=16))
            digest.update(file.name.encode() + b"\0" + own.digest())
    return digest.hexdigest()


def _is_archive(path: Path) -> bool:
    return path.is_file() and path.name.lower().endswith(_ARCHIVES)


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = sorted(path.rglob("*.txt"))
    if not found:
        raise InputError(f"{path}: no *.txt in this folder: give text files, or a tar archive")
    return found


def _archived(path: Path) -> Iterator[Document]:
    with _readable(path), tarfile.open(path) as archive:
        for member in archive:
            raw = archive.extractfile(member) if member.isfile() else None
            if raw is not None:
                yield from _runs(member.name, raw, f"{path}: {member.name}")


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except (tarfile.TarError, lzma.LZMAError, zlib.error, EOFError) as error:
        raise InputError(f"{path}: no readable archive ({error}): pack it again") from error
    except OSError as error:  # a damaged gzip stream is one, too
        if error.errno is None:
            raise InputError(f"{path}: no readable archive ({error}): pack it again") from error
        raise storage_error(path, error) from error


def _runs(name: str, raw: IO[bytes], where: str) -> Iterator[Document]:
    """The documents of one text: it whole, or runs of its lines."""
    run: list[str] = []
    first = number = 1
    try:
        for number, line in enumerate(raw, start=1):
            text = line.decode("utf-8-sig" if number == 1 else "utf-8")
            run.extend(_pieces(normalise(text)))
            if number - first + 1 == LINES:
                yield Document(f"{name}:{first}", tuple(run))
                run, first = [], number + 1
    except UnicodeDecodeError as error:
        raise InputError(f"{where}: not UTF-8 ({error.reason}): save it as UTF-8") from error
    if run:
        yield Document(f"{name}:{first}", tuple(run))


def _pieces(line: str) -> Iterator[str]:
    """The line in pieces of 10,000 characters at most, cut at spaces where there are any."""
    while len(line) > _LONGEST_LINE:
        cut = line.rfind(" ", 0, _LONGEST_LINE)
        cut = cut if cut > 0 else _LONGEST_LINE
        yield line[:cut]
        line = line[cut:].lstrip()
    if line:
        yield line
