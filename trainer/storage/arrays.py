"""NumPy files that this package wrote: a damaged one is an error that names it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile, ZipInfo

import numpy as np
from numpy.typing import NDArray

from schemas.errors import InputError
from schemas.files import explained, replacing


def mapped_array(path: Path) -> NDArray[Any]:
    """The array of a ``.npy`` file, read-only and never copied whole into memory."""
    with _undamaged(path):
        return np.lib.format.open_memmap(path, mode="r")


def named_arrays(path: Path, *names: str) -> tuple[NDArray[Any], ...]:
    """The arrays of those names in a ``.npz`` file."""
    # numpy leaves a file open that it cannot read.
    with _undamaged(path), open(path, "rb") as file, np.load(file, allow_pickle=False) as arrays:
        return tuple(arrays[name] for name in names)


def save_named_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Writes a ``.npz`` file whole or not at all; equal arrays give equal bytes."""
    with replacing(path) as temporary, ZipFile(temporary, "w") as file:
        for name, array in arrays.items():
            with file.open(ZipInfo(f"{name}.npy"), "w", force_zip64=True) as inner:
                np.lib.format.write_array(inner, np.asarray(array), allow_pickle=False)


@contextmanager
def _undamaged(path: Path) -> Iterator[None]:
    try:
        with explained(path):
            yield
    except (ValueError, KeyError, EOFError, BadZipFile) as error:
        raise InputError(f"{path}: damaged ({error}): delete it and start again") from error
