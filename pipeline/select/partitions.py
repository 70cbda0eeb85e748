"""Records spread over files by their key, so that equal keys can be met a file at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from schemas.files import explained

Rows = NDArray[np.void]
"""A structured array with a field ``key`` (uint64)."""

_RECORDS_PER_FILE = 1_000_000
_MAX_FILES = 512
_BUFFERED = 1_000_000


class Partitions:
    """A bucket file per slice of the key space; each holds about a million records.

    Memory is bounded by the buffer and by one file, however many records there are (up to
    512 million; beyond that the files grow).
    """

    def __init__(self, folder: Path, dtype: np.dtype[np.void], expected: int) -> None:
        self._folder = folder
        self._dtype = dtype
        wanted = max(1, -(-expected // _RECORDS_PER_FILE))
        self._bits = min(int(wanted - 1).bit_length(), _MAX_FILES.bit_length() - 1)
        self._buffer: list[Rows] = []
        self._buffered = 0
        with explained(folder):
            folder.mkdir(parents=True)

    def write(self, records: Rows) -> None:
        """Adds records; their keys must be well scattered."""
        if not len(records):
            return
        self._buffer.append(records)
        self._buffered += len(records)
        if self._buffered >= _BUFFERED:
            self._flush()

    def _flush(self) -> None:
        if not self._buffer:
            return
        records = np.concatenate(self._buffer)
        self._buffer, self._buffered = [], 0
        number = self._number(records["key"])
        order = np.argsort(number, kind="stable")
        records, number = records[order], number[order]
        starts = np.flatnonzero(np.append(True, number[1:] != number[:-1]))
        for start, end in zip(starts, np.append(starts[1:], len(records)), strict=True):
            path = self._path(int(number[start]))
            with explained(path), open(path, "ab") as file:
                records[start:end].tofile(file)

    def _number(self, keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
        if not self._bits:
            return np.zeros(len(keys), dtype=np.uint64)
        return keys >> np.uint64(64 - self._bits)

    def _path(self, number: int) -> Path:
        return self._folder / f"{number:04d}.bin"

    def files(self) -> Iterator[Rows]:
        """The records, file by file in the order of the keys' slices; each file is then deleted."""
        self._flush()
        for number in range(1 << self._bits):
            path = self._path(number)
            if path.exists():
                with explained(path):
                    records = np.fromfile(path, dtype=self._dtype)
                    path.unlink()
                yield records
        with explained(self._folder):
            self._folder.rmdir()
