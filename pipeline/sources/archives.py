"""Archives and compressed files of a source, unpacked no further than a WordNet can be large.

A file of one megabyte can unpack to gigabytes, and a pipe or a device has no end; neither may take
the memory or the disk of whoever runs a source.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import stat
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any

from schemas.errors import InputError
from schemas.files import storage_error

MAX_BYTES = 1 << 29
"""Of a source, unpacked: five times the largest WordNet there is as XML."""

_OPENERS: dict[bytes, Any] = {b"\x1f\x8b": gzip.open, b"\xfd7zXZ": lzma.open, b"BZh": bz2.open}
_TAR_MAGIC, _TAR_MAGIC_AT = b"ustar", 257
_CHUNK = 1 << 16


class Room:
    """What a source may still take; InputError where there is no more."""

    def __init__(self, where: Path) -> None:
        self._where = where
        self._left = MAX_BYTES

    def take(self, n_bytes: int) -> None:
        """Counts bytes before they are kept."""
        self._left -= n_bytes
        if self._left < 0:
            raise InputError(
                f"{self._where}: more than {MAX_BYTES >> 20} MB once it is unpacked, which no "
                "WordNet has; check what it holds"
            )


class _Unpacked:
    """A stream whose bytes are counted as they are read."""

    def __init__(self, stream: IO[bytes], room: Room) -> None:
        self._stream = stream
        self._room = room

    def read(self, size: int = _CHUNK) -> bytes:
        data = self._stream.read(min(size, _CHUNK))
        self._room.take(len(data))
        return data


def ordinary(path: Path) -> Path:
    """The path, unless it is a device, a pipe or a socket (those have no end), or a huge file."""
    try:
        status = path.stat()
    except OSError:
        return path  # whoever reads it says what is wrong
    if stat.S_ISREG(status.st_mode):
        Room(path).take(status.st_size)
    elif not stat.S_ISDIR(status.st_mode):
        raise InputError(f"{path}: neither a file nor a folder")
    return path


def is_packed(path: Path) -> bool:
    """Whether a file is compressed or a tar archive, whatever its name."""
    with _readable(path), open(path, "rb") as file:
        start = file.read(_TAR_MAGIC_AT + len(_TAR_MAGIC))
    return start.startswith(tuple(_OPENERS)) or start[_TAR_MAGIC_AT:] == _TAR_MAGIC


def tar_files(path: Path) -> Iterator[tuple[PurePosixPath, bytes]]:
    """The ordinary files of an archive in its order; links and folders are passed over."""
    with (
        _readable(path),
        _unpacked(path) as stream,
        tarfile.open(fileobj=stream, mode="r|") as archive,  # type: ignore[call-overload]
    ):
        for member in archive:
            content = archive.extractfile(member) if member.isfile() else None
            if content is not None:
                yield PurePosixPath(member.name), content.read()


def unpack(path: Path, folder: Path) -> Path:
    """Unpacks a compressed file or an archive into a folder: the file, or the folder.

    Names of an archive keep their last two parts, so that nothing is written outside of it.
    """
    with _readable(path), _unpacked(path) as stream:
        start = b""
        while len(start) < tarfile.BLOCKSIZE and (more := stream.read(tarfile.BLOCKSIZE)):
            start += more
        if start[_TAR_MAGIC_AT:].startswith(_TAR_MAGIC):
            for name, data in tar_files(path):
                parts = [part for part in name.parts if part not in ("/", "..")]
                target = folder.joinpath(*parts[-2:])
                target.parent.mkdir(exist_ok=True)
                target.write_bytes(data)
            return folder
        target = folder / f"{path.stem}.unpacked"
        with open(target, "wb") as file:
            file.write(start)
            while more := stream.read():
                file.write(more)
        return target


@contextmanager
def _unpacked(path: Path) -> Iterator[_Unpacked]:
    with open(ordinary(path), "rb") as file:
        start = file.read(6)
    opener = next((o for magic, o in _OPENERS.items() if start.startswith(magic)), open)
    with opener(path, "rb") as stream:
        yield _Unpacked(stream, Room(path))


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except tarfile.ReadError as error:
        raise InputError(
            f"{path}: neither a folder nor a readable archive; "
            "give a folder of CSV files or a .tar.xz of one"
        ) from error
    except (EOFError, lzma.LZMAError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(f"{path}: the archive is damaged ({error}); download it again") from error
    except OSError as error:
        raise InputError(str(storage_error(path, error))) from error
