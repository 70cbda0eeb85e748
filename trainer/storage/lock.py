"""One training at a time in a folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from schemas.errors import StorageError
from schemas.files import explained


@contextmanager
def training_lock(folder: Path) -> Iterator[None]:
    """Holds the folder for this process; StorageError at once while another one holds it."""
    with explained(folder):
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / "train.lock", timeout=0)
        try:
            lock.acquire()
        except Timeout:
            raise StorageError(
                f"{folder}: another process is training here; wait for it, or stop it first"
            ) from None
    try:
        yield
    finally:
        lock.release()
