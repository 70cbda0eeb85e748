"""All words' usages, a stack of words at a time, kept on disk so that a killed run goes on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.progress import progress_of
from trainer.senses.clustering import Usages, cluster_words
from trainer.senses.kmeans import Floats
from trainer.senses.picks import Picks
from trainer.senses.settings import SensesSettings
from trainer.storage.arrays import named_arrays, save_named_arrays

_STACK_BYTES = 32e6
_STACK_WORDS = 512
_ARRAYS = ("units", "numbers", "centres", "mass", "examples", "rows", "labels", "left", "total")


@dataclass(frozen=True)
class ClusteredWords:
    """The usages of all words that have a vector, in the order of the words.

    ``examples`` (T, m) are rows of the picks, nearest to their centre first, -1 where there are
    no more. ``left`` and ``total`` are the squared distances of the vectors from their centres
    and from their words' means, summed.
    """

    units: NDArray[np.int64]
    usages: tuple[Usages, ...]
    examples: NDArray[np.int64]
    usage_of: NDArray[np.int32]
    """Each taught pick's usage, numbered within its word; -1 where it has no vector."""
    left: float
    total: float


def clustered_words(
    picks: Picks,
    vectors: NDArray[np.float16],
    n_senses: Sequence[int],
    settings: SensesSettings,
    folder: Path,
) -> ClusteredWords:
    """Clusters the taught vectors of every word; ``n_senses`` are those of the inventory."""
    rows = _rows_with_vectors(picks, vectors)
    stacks = list(_stacks([len(own) for own in rows], vectors.shape[1]))
    paths = [folder / f"{number:05d}.npz" for number in range(len(stacks))]
    with progress_of("clustering words", sum(map(len, stacks))) as advance:
        for stack, path in zip(stacks, paths, strict=True):
            if not path.exists():
                own = [rows[unit] for unit in stack]
                names = [picks.units[unit] for unit in stack]
                points = np.stack([vectors[part] for part in own]).astype(np.float32)
                found = cluster_words(points, names, [n_senses[unit] for unit in stack], settings)
                _write(path, stack, own, points, found, settings.examples)
            advance(len(stack))
    return _joined([named_arrays(path, *_ARRAYS) for path in paths], picks.n_taught)


def _rows_with_vectors(picks: Picks, vectors: NDArray[np.float16]) -> list[NDArray[np.int64]]:
    there = np.isfinite(vectors[: picks.n_taught, 0])
    bounds = picks.bounds
    return [np.flatnonzero(there[start:end]) + start for start, end in pairwise(bounds)]


def _stacks(numbers: Sequence[int], width: int) -> Iterator[list[int]]:
    """Words with equally many vectors, few enough of them for the memory."""
    alike: dict[int, list[int]] = {}
    for unit, n in enumerate(numbers):
        if n:
            alike.setdefault(n, []).append(unit)
    for n, units in sorted(alike.items()):
        most = max(1, min(_STACK_WORDS, int(_STACK_BYTES / (4 * n * width))))
        yield from (units[at : at + most] for at in range(0, len(units), most))


def _write(
    path: Path,
    stack: Sequence[int],
    rows: Sequence[NDArray[np.int64]],
    points: Floats,
    found: Sequence[Usages],
    n_examples: int,
) -> None:
    examples, left, total = [], 0.0, 0.0
    for own, at, usages in zip(rows, points, found, strict=True):
        distances = np.square(at - usages.centres[usages.labels], dtype=np.float64).sum(axis=1)
        left += float(distances.sum())
        total += float(np.square(at - at.mean(axis=0), dtype=np.float64).sum())
        for usage in range(len(usages.mass)):
            inside = np.flatnonzero(usages.labels == usage)
            nearest = own[inside[np.argsort(distances[inside], kind="stable")][:n_examples]]
            padding = np.full(n_examples - len(nearest), -1)
            examples.append(np.concatenate([nearest, padding]))
    arrays = (
        np.array(stack),
        np.array([len(usages.mass) for usages in found]),
        np.concatenate([usages.centres for usages in found]),
        np.concatenate([usages.mass for usages in found]),
        np.stack(examples),
        np.concatenate(rows),
        np.concatenate([usages.labels for usages in found]),
        np.array(left),
        np.array(total),
    )
    save_named_arrays(path, dict(zip(_ARRAYS, arrays, strict=True)))


def _joined(parts: Sequence[tuple[NDArray[Any], ...]], n_taught: int) -> ClusteredWords:
    units, numbers, centres, mass, examples, rows, labels = (
        np.concatenate(column) for column in list(zip(*parts, strict=True))[:7]
    )
    usage_of = np.full(n_taught, -1, dtype=np.int32)
    usage_of[rows] = labels
    ends = np.cumsum(numbers)
    order = np.argsort(units)
    none = np.zeros(0, dtype=np.int64)
    slices = [slice(int(ends[at] - numbers[at]), int(ends[at])) for at in order]
    usages = tuple(Usages(centres[own], mass[own], none) for own in slices)
    left, total = (float(sum(float(part[at]) for part in parts)) for at in (7, 8))
    ordered = np.concatenate([examples[own] for own in slices])
    return ClusteredWords(units[order], usages, ordered, usage_of, left, total)
