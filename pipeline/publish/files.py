"""The files of a folder as they would be published: paths, sizes and hashes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from schemas.errors import InputError
from schemas.files import explained

_CHUNK_BYTES = 1 << 20


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
            digest = hashlib.sha1(b"blob %d\0" % self.size, usedforsecurity=False)
            while chunk := file.read(_CHUNK_BYTES):
                digest.update(chunk)
        return digest.hexdigest()


def list_files(folder: Path) -> tuple[LocalFile, ...]:
    """Every file below ``folder``, sorted by path; hidden files and folders are left out.

    Symbolic links are refused: what they point to may lie anywhere on the machine.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; run the stage `release` first")
    found = []
    with explained(folder):
        for source in sorted(folder.rglob("*")):
            path = source.relative_to(folder)
            if any(part.startswith(".") for part in path.parts):
                continue
            if source.is_symlink():
                raise InputError(f"{source}: a link is not published; put the file itself there")
            if source.is_file():
                size = source.stat().st_size
                found.append(LocalFile(path.as_posix(), source, size, sha256_of(source)))
    if not found:
        raise InputError(f"{folder}: the folder is empty; run the stage `release` first")
    return tuple(sorted(found, key=lambda file: file.path))


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's bytes, read piece by piece."""
    with explained(path), open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest_of(files: tuple[LocalFile, ...]) -> str:
    """One hash for a set of files: their paths and contents."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.sha256}  {file.path}\n".encode())
    return digest.hexdigest()
