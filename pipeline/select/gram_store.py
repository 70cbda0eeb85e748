"""Bigram sets of all sentences, each in the order from the rarest bigram to the most frequent."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipeline.select.grams import I64, U64, GramBatch

_COUNTERS = 1 << 22
_AT_ONCE = 8192


class GramStore:
    """The bigram sets of sentences 0, 1, 2, ...: 8 bytes a bigram, 18 a sentence, and 16 MB.

    Frequencies are counted in a hashed table of fixed size. They only choose the order, the same
    for all sets, so a collision costs a little speed and no correctness.
    """

    def __init__(self) -> None:
        self._counts = np.zeros(_COUNTERS, dtype=np.uint32)
        self._grams = bytearray()
        self._sizes: list[NDArray[np.uint16]] = []
        self._signatures: list[U64] = []

    def add(self, batch: GramBatch) -> None:
        """Adds the sets of a batch of sentences."""
        if int(batch.sizes.max(initial=0)) > np.iinfo(np.uint16).max:
            raise ValueError("a sentence has more than 65,535 bigrams")
        self._grams += batch.grams.tobytes()
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
        self.offsets: I64 = np.append(0, np.cumsum(self.sizes, dtype=np.int64))
        """(n + 1,): set i is ``grams[offsets[i]:offsets[i + 1]]``"""
        self.grams = np.frombuffer(self._grams, dtype=np.uint64)
        for start in range(0, len(self.sizes), _AT_ONCE):
            sizes = self.sizes[start : start + _AT_ONCE]
            some = slice(self.offsets[start], self.offsets[start + len(sizes)])
            self.grams[some] = self._in_order(self.grams[some], sizes)

    def _in_order(self, grams: U64, sizes: NDArray[np.uint16]) -> U64:
        """Each set by frequency, equal frequencies by the number itself: one order for all sets."""
        counts = self._counts[(grams & np.uint64(_COUNTERS - 1)).astype(np.int64)]
        ranks = (np.minimum(counts, 0xFFFFFF).astype(np.uint64) << np.uint64(40)) | (
            grams >> np.uint64(24)
        )
        return grams[np.lexsort((ranks, np.repeat(np.arange(len(sizes)), sizes)))]
