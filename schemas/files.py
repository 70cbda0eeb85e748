"""Files and folders that are whole or absent, JSON files of one record, file errors in one line."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from schemas.errors import RunError, StorageError

if TYPE_CHECKING:
    from pydantic import BaseModel

M = TypeVar("M", bound="BaseModel")

_ADVICE = {
    errno.ENOSPC: "the disk is full: free some space and run again; nothing is lost",
    errno.EDQUOT: "the disk quota is used up: free some space and run again; nothing is lost",
    errno.EROFS: "the file system is read-only: choose another folder",
    errno.EACCES: "no permission: change the folder's rights or choose another folder",
    errno.EPERM: "no permission: change the folder's rights or choose another folder",
    errno.ENOENT: "no such file or folder: check the path",
    errno.ENOTDIR: "a part of the path is a file, not a folder: check the path",
    errno.ENAMETOOLONG: "the path is too long: choose a shorter one",
    errno.EISDIR: "this is a folder, a file is wanted: check the path",
}


def storage_error(path: Path | str, error: OSError) -> StorageError:
    """The one-line form of an operating system's error on a file."""
    advice = _ADVICE.get(error.errno or 0, error.strerror or str(error))
    if isinstance(error, shutil.Error):  # of copytree: (source, target, why) for each failure
        advice = str(error.args[0][0][2])
    return StorageError(f"{path}: {advice}")


@contextmanager
def explained(path: Path | str) -> Iterator[None]:
    """Turns operating system errors of the body into :class:`StorageError` about ``path``."""
    try:
        yield
    except OSError as error:
        raise storage_error(path, error) from error


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path beside ``path`` that takes its place when the body ends well.

    The file is synced before it is renamed, so that a crash leaves the old file or the new one,
    never a part of one. When the body raises, the temporary file is removed.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield temporary
            with open(temporary, "rb") as written:
                os.fsync(written.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Returns when the names in a folder are on disk: a file that was just renamed stays."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def replacing_folder(folder: Path) -> Iterator[Path]:
    """A new, empty folder beside ``folder`` that takes its place when the body ends well.

    When the body or a rename fails, ``folder`` stays as it was and the new one is removed. A kill
    between the two renames leaves the old folder beside its place, as ``.NAME.old``: the next
    call puts it back. Whoever calls sees to it that no two processes replace the same folder.
    """
    place = folder.resolve() if folder.is_symlink() else folder
    new, old = place.with_name(f".{place.name}.new"), place.with_name(f".{place.name}.old")
    with explained(folder):
        if place.exists() and not place.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        if old.exists() and not place.exists():
            old.rename(place)
        shutil.rmtree(new, ignore_errors=True)
        if old.exists():
            old.rename(new)  # what bears the name .old is always whole
            shutil.rmtree(new)
        new.mkdir(parents=True)
    try:
        yield new
        with explained(folder):
            _exchange(new, place, old)
        with suppress(OSError):
            old.rename(new)
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _exchange(new: Path, place: Path, old: Path) -> None:
    """Puts ``new`` in its place and what was there aside; on failure all is as it was."""
    try:
        if place.exists():
            place.rename(old)
        new.rename(place)
    except BaseException:
        if old.exists() and not place.exists():
            old.rename(place)
        raise


def write_text(path: Path, text: str) -> None:
    """Writes a UTF-8 file, whole or not at all, with line feeds as they are in ``text``."""
    with replacing(path) as temporary, open(temporary, "w", encoding="utf-8", newline="") as file:
        file.write(text)


def read_json(
    path: Path, model: type[M], kind: str, advice: str, error: type[RunError] = StorageError
) -> M:
    """The record in a JSON file; where it is none, ``error`` says ``not KIND (why); ADVICE``."""
    from pydantic import ValidationError

    with explained(path):
        content = path.read_bytes()
    try:
        return model.model_validate_json(content)
    except ValidationError as refused:
        first = refused.errors()[0]
        why = ": ".join(filter(None, (".".join(map(str, first["loc"])), first["msg"])))
        raise error(f"{path}: not {kind} ({why}); {advice}") from refused
