"""Bigram sets on disk, each in the order from the rarest bigram to the most frequent."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.select.grams import I64, U64, GramBatch
from schemas.files import explained

_COUNTERS = 1 << 22
_BLOCK = 1 << 16
"""Bigrams read at once; a gap of a page between two wanted sets starts another read."""
_GAP = 512


class GramStore:
    """The bigram sets of sentences 0, 1, 2, ...; in memory 18 bytes a sentence and 16 MB.

    Frequencies are counted in a hashed table of fixed size. They only choose the order, the same
    for all sets, so a collision costs a little speed and no correctness.
    """

    def __init__(self, folder: Path) -> None:
        self._raw = folder / "grams.raw"
        self._ordered = folder / "grams.bin"
        self._counts = np.zeros(_COUNTERS, dtype=np.uint32)
        self._sizes: list[NDArray[np.uint16]] = []
        self._signatures: list[U64] = []
        with explained(self._raw):
            folder.mkdir(parents=True, exist_ok=True)
            self._raw.touch()

    def add(self, batch: GramBatch) -> None:
        """Adds the sets of a batch of sentences."""
        if int(batch.sizes.max(initial=0)) > np.iinfo(np.uint16).max:
            raise ValueError("a sentence has more than 65,535 bigrams")
        with explained(self._raw), open(self._raw, "ab") as file:
            batch.grams.tofile(file)
        slots, counts = np.unique(batch.grams & np.uint64(_COUNTERS - 1), return_counts=True)
        self._counts[slots.astype(np.int64)] += counts.astype(np.uint32)
        self._sizes.append(batch.sizes.astype(np.uint16))
        bits = np.uint64(1) << (batch.grams >> np.uint64(58))
        self._signatures.append(np.bitwise_or.reduceat(bits, batch.offsets[:-1]))

    def finish(self) -> None:
        """Puts every set into the common order; sets can be read from now on."""
        self.sizes = np.concatenate([np.zeros(0, dtype=np.uint16), *self._sizes])
        self.signatures = np.concatenate([np.zeros(0, dtype=np.uint64), *self._signatures])
        """(n,): one bit of 64 per bigram; sets that differ in d bigrams differ in at most d bits"""
        self._sizes, self._signatures = [], []
        self._offsets: I64 = np.zeros(len(self.sizes) + 1, dtype=np.int64)
        np.cumsum(self.sizes, out=self._offsets[1:])
        with explained(self._ordered), open(self._raw, "rb") as raw:
            with open(self._ordered, "wb") as ordered:
                for start in range(0, len(self.sizes), 8192):
                    sizes = self.sizes[start : start + 8192].astype(np.int64)
                    grams = np.fromfile(raw, dtype=np.uint64, count=int(sizes.sum()))
                    self._in_order(grams, sizes).tofile(ordered)
            self._raw.unlink()

    def _in_order(self, grams: U64, sizes: I64) -> U64:
        """Each set by frequency, equal frequencies by the number itself: one order for all sets."""
        counts = self._counts[(grams & np.uint64(_COUNTERS - 1)).astype(np.int64)]
        ranks = (np.minimum(counts, 0xFFFFFF).astype(np.uint64) << np.uint64(40)) | (
            grams >> np.uint64(24)
        )
        return grams[np.lexsort((ranks, np.repeat(np.arange(len(sizes)), sizes)))]

    def read(self, rows: I64) -> tuple[U64, I64]:
        """The sets of ``rows`` (ascending, distinct) one after another, and their offsets."""
        starts, ends = self._offsets[rows], self._offsets[rows + 1]
        sizes = ends - starts
        offsets = np.zeros(len(rows) + 1, dtype=np.int64)
        np.cumsum(sizes, out=offsets[1:])
        grams = np.empty(int(offsets[-1]), dtype=np.uint64)
        breaks = np.ones(len(rows), dtype=bool)
        breaks[1:] = (starts[1:] - ends[:-1] > _GAP) | (
            starts[1:] // _BLOCK != starts[:-1] // _BLOCK
        )
        firsts = np.flatnonzero(breaks)
        with explained(self._ordered), open(self._ordered, "rb") as file:
            for first, last in zip(firsts, np.append(firsts[1:], len(rows)), strict=True):
                file.seek(int(starts[first]) * 8)
                block = np.fromfile(file, np.uint64, int(ends[last - 1] - starts[first]))
                lengths = sizes[first:last]
                local = np.repeat(starts[first:last] - starts[first] - offsets[first:last], lengths)
                span = np.arange(offsets[first], offsets[last])
                grams[offsets[first] : offsets[last]] = block[local + span]
        return grams, offsets

    def close(self) -> None:
        """Deletes the files."""
        self._raw.unlink(missing_ok=True)
        self._ordered.unlink(missing_ok=True)
