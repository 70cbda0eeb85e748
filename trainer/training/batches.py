"""Batches that keep the contexts of a sense, and the senses of a lemma, together."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

Index = list[int]
_POOL_BATCHES = 16


def length_cuts(lengths: Sequence[int], fewest: int = 8, stretch: float = 1.25) -> list[int]:
    """Where to cut rows of rising length, 0 and n included.

    A part has at least ``fewest`` rows (the last may have fewer) and ends before a row that is
    more than ``stretch`` times as long as its first.
    """
    cuts = [0]
    for at, length in enumerate(lengths):
        if at - cuts[-1] >= fewest and length > stretch * lengths[cuts[-1]]:
            cuts.append(at)
    return [*cuts, len(lengths)]


def chunk_cuts(lengths: Sequence[int], rows: int) -> list[int]:
    """Where to cut rows of rising length into chunks of equal work, 0 and n included.

    A chunk holds as many tokens, padded to its longest row, as ``rows`` rows of mean length do,
    and at least one row: the longest rows of a large batch then need no more memory than any.
    """
    room = rows * sum(lengths) / max(1, len(lengths))
    cuts = [0]
    for at, length in enumerate(lengths):
        if at > cuts[-1] and (at - cuts[-1] + 1) * length > room:
            cuts.append(at)
    return [*cuts, len(lengths)]


class GroupedBatches:
    """Every item once an epoch, in groups of one synset; the order is a function of the epoch.

    A synset's contexts are dealt into groups of at most ``group`` that differ in size by at
    most one, so none is dropped. With ``siblings`` the groups of a lemma's senses stand side by
    side and act as negatives of each other. With ``buckets`` neighbours have similar lengths.
    """

    def __init__(
        self,
        synsets: Sequence[int],
        lemmas: Sequence[int],
        lengths: Sequence[int],
        batch_size: int,
        *,
        group: int = 4,
        siblings: bool = True,
        buckets: bool = True,
        seed: int = 0,
    ) -> None:
        self.batch_size = batch_size
        self._group = group
        self._buckets = buckets
        self._seed = seed
        self._lengths = np.asarray(lengths)
        self._n = len(synsets)
        families: dict[int, dict[int, Index]] = {}
        for at, (synset, lemma) in enumerate(zip(synsets, lemmas, strict=True)):
            family = lemma if siblings else synset
            families.setdefault(family, {}).setdefault(synset, []).append(at)
        self._families = [list(family.values()) for family in families.values()]

    def __len__(self) -> int:
        """The exact number of batches of every epoch."""
        return math.ceil(self._n / self.batch_size)

    def epoch(self, epoch: int) -> list[Index]:
        """The batches of an epoch; all but the last cut have ``batch_size`` items."""
        rng = np.random.default_rng((self._seed, epoch))
        units = [unit for family in self._families for unit in self._units(family, rng)]
        units = [units[i] for i in rng.permutation(len(units))]
        if self._buckets:
            units = self._by_length(units)
        flat = [item for unit in units for item in unit]
        cuts = [flat[at : at + self.batch_size] for at in range(0, self._n, self.batch_size)]
        return [cuts[i] for i in rng.permutation(len(cuts))]

    def _units(self, family: list[Index], rng: np.random.Generator) -> list[Index]:
        """The family's rounds: one group of each of its senses that has one left."""
        rounds: list[Index] = []
        for items in family:
            shuffled = rng.permutation(items)
            groups = np.array_split(shuffled, math.ceil(len(items) / self._group))
            for at, members in enumerate(groups):
                if at == len(rounds):
                    rounds.append([])
                rounds[at].extend(int(i) for i in members)
        return rounds

    def _by_length(self, units: list[Index]) -> list[Index]:
        ordered: list[Index] = []
        pool: list[Index] = []
        n_pooled = 0
        for unit in units:
            pool.append(unit)
            n_pooled += len(unit)
            if n_pooled >= _POOL_BATCHES * self.batch_size:
                ordered.extend(sorted(pool, key=self._mean_length))
                pool, n_pooled = [], 0
        return ordered + sorted(pool, key=self._mean_length)

    def _mean_length(self, unit: Index) -> float:
        return float(self._lengths[unit].mean())
