"""The files of a folder as they would be published: a private copy, with sizes and hashes."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from schemas.errors import InputError, ViconwsdError
from schemas.files import explained


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file that is to be published under ``path``, which is relative and uses "/"."""

    path: str
    source: Path
    size: int
    sha256: str

    def git_oid(self) -> str:
        """The object id that git gives to the content, as the Hub lists small files."""
        with explained(self.source), open(self.source, "rb") as file:
            header = b"blob %d\0" % self.size
            digest = hashlib.file_digest(file, lambda: hashlib.sha1(header, usedforsecurity=False))
        return digest.hexdigest()


@contextmanager
def copied(folder: Path, belongs: Callable[[str], bool] | None = None) -> Iterator[Path]:
    """A copy of the folder that nobody else writes to, for as long as the body runs.

    What is checked is what goes out, whatever happens to the folder meanwhile. Hidden files, and
    those whose path does not belong, are left out; links and whatever is no plain file are
    refused. Errors of the body name the folder and not the copy.
    """
    with TemporaryDirectory(prefix="viconwsd-publish-") as temporary:
        copy = Path(temporary) / "files"
        copy.mkdir()
        for path in _paths(folder):
            if belongs is None or belongs(path):
                if not path.isprintable():
                    raise InputError(f"{folder}: the file name {path!r} is no text: rename it")
                _copy(folder / path, copy / path)
        try:
            yield copy
        except ViconwsdError as error:
            raise type(error)(str(error).replace(str(copy), str(folder))) from error


def _paths(folder: Path) -> Iterator[str]:
    """The files below a folder, relative and sorted."""
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder")

    def refuse(error: OSError) -> None:
        raise error

    with explained(folder):
        for here, folders, names in os.walk(folder, onerror=refuse):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in [*folders, *sorted(names)]:
                path = Path(here, name)
                if name.startswith("."):
                    continue
                if path.is_symlink():
                    raise InputError(f"{path}: a link is not published; put the file itself there")
                if name not in folders:
                    yield path.relative_to(folder).as_posix()


def _copy(source: Path, target: Path) -> None:
    """Copies a plain file; O_NONBLOCK, since opening a pipe would wait for its writer."""
    with (
        explained(source),
        open(os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as opened,
    ):
        if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
            raise InputError(f"{source}: not a plain file; move it out of the folder")
        with explained(target):  # a full disk is that of TMPDIR
            target.parent.mkdir(parents=True, exist_ok=True)
            with open(target, "wb") as copy:
                shutil.copyfileobj(opened, copy, 1 << 20)


def list_files(folder: Path) -> tuple[LocalFile, ...]:
    """Every file below ``folder``, sorted by path."""
    found = []
    for path in _paths(folder):
        source = folder / path
        with explained(source), open(source, "rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            found.append(LocalFile(path, source, os.fstat(file.fileno()).st_size, sha256))
    if not found:
        raise InputError(f"{folder}: nothing to publish in this folder")
    return tuple(sorted(found, key=lambda file: file.path))


def digest_of(files: tuple[LocalFile, ...]) -> str:
    """One hash for a set of files: their paths and contents."""
    lines = (f"{file.sha256}  {file.path}\n" for file in files)
    return hashlib.sha256("".join(lines).encode()).hexdigest()
