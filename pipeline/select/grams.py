"""Bigrams of the units of sentences as sets of 64-bit numbers, a batch of sentences at a time.

The units are those of :func:`schemas.text.units` with case and spelling variants folded, so that
"Hòa khoan tường." and "hoà khoan tường" have one set. A mark before the first and one after the
last unit make the ends count as much as the middle: n units have n + 1 bigrams.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from languages.spelling import Spelling

U64 = NDArray[np.uint64]
I64 = NDArray[np.int64]

_UNIT_OR_END = re.compile(r"[^\W_]+|\x00")
_MAX_CACHED = 200_000
_ODD = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xBF58476D1CE4E5B9)


def digest64(text: str) -> int:
    """The first 64 bits of BLAKE2b: equal in every process and on every machine."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


def digests64(texts: Sequence[str]) -> U64:
    """:func:`digest64` of each text."""
    blake2b = hashlib.blake2b
    data = b"".join(blake2b(text.encode(), digest_size=8).digest() for text in texts)
    return np.frombuffer(data, dtype="<u8").astype(np.uint64)


def mixed(numbers: U64) -> U64:
    """A fixed permutation of the 64-bit numbers that scatters near ones (splitmix64's step)."""
    scattered = (numbers ^ (numbers >> np.uint64(30))) * _MIX
    return scattered ^ (scattered >> np.uint64(31))


@dataclass(frozen=True, slots=True)
class GramBatch:
    """The bigram sets of n sentences: set i is ``grams[offsets[i]:offsets[i + 1]]``, ascending."""

    grams: U64
    offsets: I64
    """(n + 1,)"""
    sequences: U64
    """(n,): a number for the sequence of units; equal for exact duplicates only."""

    @property
    def sizes(self) -> I64:
        """(n,): the number of bigrams of each sentence."""
        return np.diff(self.offsets)


class GramReader:
    """Makes bigram sets of sentences; keeps the numbers of the units it has met lately."""

    def __init__(self, spelling: Spelling) -> None:
        self._fold = spelling.fold
        self._numbers: dict[str, int] = {}

    def read(self, sentences: Sequence[str]) -> GramBatch:
        """The bigram sets of the sentences, in order."""
        if not sentences:
            empty = np.zeros(0, dtype=np.uint64)
            return GramBatch(empty, np.zeros(1, dtype=np.int64), empty)
        cleaned = (sentence.replace("\x00", " ") for sentence in sentences)
        text = unicodedata.normalize("NFC", "\x00".join(["", *cleaned, ""]))
        tokens = self._tokens(self._fold(text.casefold()))
        ends = tokens == 0
        grams = mixed(mixed(tokens[:-1] * _ODD + np.uint64(1)) + tokens[1:])
        row = np.cumsum(ends)[:-1] - 1
        sequences = _sequences(tokens, ends)
        order = np.lexsort((grams, row))
        grams, row = grams[order], row[order]
        first = np.ones(len(grams), dtype=bool)
        first[1:] = (grams[1:] != grams[:-1]) | (row[1:] != row[:-1])
        offsets = np.zeros(len(sentences) + 1, dtype=np.int64)
        np.cumsum(np.bincount(row[first], minlength=len(sentences)), out=offsets[1:])
        return GramBatch(grams[first], offsets, sequences)

    def _tokens(self, text: str) -> U64:
        """A number per unit and 0 per sentence end."""
        if len(self._numbers) > _MAX_CACHED:
            self._numbers.clear()
        numbers = self._numbers
        found = _UNIT_OR_END.findall(text)
        for unit in set(found).difference(numbers):
            numbers[unit] = 0 if unit == "\x00" else digest64(unit) | 1
        return np.fromiter(map(numbers.__getitem__, found), dtype=np.uint64, count=len(found))


def _sequences(tokens: U64, ends: NDArray[np.bool_]) -> U64:
    """A number per sentence that depends on every unit and its place (a sum of mixed pairs)."""
    bounds = np.flatnonzero(ends)
    place = np.arange(len(tokens)) - np.repeat(bounds, np.diff(np.append(bounds, len(tokens))))
    placed = mixed(mixed(tokens) + place.astype(np.uint64) * _ODD)
    sums: U64 = np.add.reduceat(placed, bounds[:-1])
    return sums
