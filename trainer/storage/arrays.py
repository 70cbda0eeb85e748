"""NumPy files that this package wrote: a damaged one is an error that names it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from schemas.errors import InputError
from schemas.files import explained


def mapped_array(path: Path) -> NDArray[Any]:
    """The array of a ``.npy`` file, read-only and never copied whole into memory."""
    with _undamaged(path):
        return np.lib.format.open_memmap(path, mode="r")


def named_arrays(path: Path, *names: str) -> tuple[NDArray[Any], ...]:
    """The arrays of those names in a ``.npz`` file."""
    # numpy leaves a file open that it cannot read.
    with _undamaged(path), open(path, "rb") as file, np.load(file, allow_pickle=False) as arrays:
        return tuple(arrays[name] for name in names)


@contextmanager
def _undamaged(path: Path) -> Iterator[None]:
    try:
        with explained(path):
            yield
    except (ValueError, KeyError, EOFError, BadZipFile) as error:
        raise InputError(f"{path}: damaged ({error}): delete it and start again") from error
