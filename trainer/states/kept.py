"""A teacher's states of many targets on disk: read once, mapped into memory."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from schemas.ids import content_digest
from schemas.numbers import counted
from trainer.progress import progress_of
from trainer.states.standardise import ReadRows, Rows, Standardiser
from trainer.states.teacher import Teacher
from trainer.storage import parts
from trainer.storage.arrays import mapped_array
from trainer.storage.parts import Parts, as_stored, from_stored, of_part
from trainer.text.pieces import Tokenized


@dataclass(frozen=True)
class TeacherStates:
    """(n, layers, width) states of n targets, in files of 1,024 rows.

    They are as the backbone made them, in its own precision, or standardised (and reduced) by
    ``standardiser``, in half precision.
    """

    files: Parts
    dtype: torch.dtype
    standardiser: Standardiser | None = None

    def __len__(self) -> int:
        return self.files.n

    @cached_property
    def _arrays(self) -> list[NDArray[np.generic]]:
        return [mapped_array(path) for path in self.files.paths]

    def rows(self, rows: Rows) -> NDArray[np.float32]:
        """(rows, layers, width) of those targets, in the order they are asked for."""
        wanted = np.asarray(rows, dtype=np.int64)
        found = np.empty((len(wanted), *self._arrays[0].shape[1:]), dtype=np.float32)
        for number in np.unique(wanted // parts.ROWS):
            here = np.nonzero(wanted // parts.ROWS == number)[0]
            own = self._arrays[number][wanted[here] - number * parts.ROWS]
            found[here] = from_stored(own, self.dtype).float().numpy()
        return found


def gigabytes(teacher: Teacher, n: int) -> float:
    """What the unreduced states of n targets take on disk."""
    return n * len(teacher.layers) * teacher.width * teacher.dtype.itemsize / 1e9


def teacher_states(
    teacher: Teacher,
    tokenized: Sequence[Tokenized],
    folder: Path,
    standardiser: Standardiser | None = None,
) -> TeacherStates:
    """The states of the targets, from ``folder`` or computed into it.

    A killed run goes on at its last file of 1,024 targets and ends with equal bytes: each file is
    batched by itself. The folder inside is named by a digest of the weights, layers, ids and
    target places, and of the standardiser, so that it can never be stale.
    """
    made = Parts(folder / _fingerprint(teacher, tokenized, standardiser), len(tokenized))
    dtype = teacher.dtype if standardiser is None else torch.float16
    missing = made.missing()
    n = sum(len(of_part(tokenized, number)) for number in missing)
    with progress_of(f"reading {counted(n, 'target')}", n) as advance:
        for number in missing:
            found = teacher.read(of_part(tokenized, number), advance)
            if standardiser is not None:
                found = standardiser.apply(found)
            made.write(number, as_stored(torch.from_numpy(found).to(dtype)))
    return TeacherStates(made, dtype, standardiser)


def _fingerprint(
    teacher: Teacher, tokenized: Sequence[Tokenized], standardiser: Standardiser | None
) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for row in tokenized:
        place = [len(row.ids), row.start, row.end, *row.ids]
        digest.update(np.array(place, dtype=np.int64).tobytes())
    scale = "" if standardiser is None else standardiser.digest
    layers, dtype = repr(teacher.layers), repr(teacher.dtype)
    return content_digest(teacher.digest, layers, dtype, digest.hexdigest(), scale)[:32]


def standardised_rows(
    teacher: Teacher, tokenized: Sequence[Tokenized], folder: Path, standardiser: Standardiser
) -> ReadRows:
    """Reads standardised states (rows, layers, kept) of those targets, which ``folder`` keeps.

    Where the standardiser reduces, the reduced states are kept; else the backbone's own, so that
    another standardiser needs no new reading.
    """
    if standardiser.components is not None:
        return teacher_states(teacher, tokenized, folder, standardiser).rows
    raw = teacher_states(teacher, tokenized, folder)
    return lambda rows: standardiser.apply(raw.rows(rows))


def in_a_row(parts: Sequence[tuple[int, ReadRows]]) -> ReadRows:
    """One reader of several, each of so many rows, numbered on from one to the next."""
    starts = np.cumsum([0, *(n for n, _ in parts)])

    def read(rows: Rows) -> NDArray[np.float32]:
        wanted = np.asarray(rows, dtype=np.int64)
        own = np.searchsorted(starts, wanted, side="right") - 1
        found: NDArray[np.float32] | None = None
        for number in np.unique(own):
            here = own == number
            states = parts[number][1](wanted[here] - starts[number])
            if found is None:
                found = np.empty((len(wanted), *states.shape[1:]), dtype=np.float32)
            found[here] = states
        assert found is not None
        return found

    return read
