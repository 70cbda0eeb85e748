"""A fair sample of a stream whose length nobody knows: Algorithm R (Vitter 1985)."""

from __future__ import annotations

import hashlib
from array import array

_MASK = (1 << 64) - 1


def seed_of(*names: str) -> int:
    """64 bits of a digest of the names: the same in every process."""
    digest = hashlib.blake2b("\0".join(names).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big")


def mixed_bits(number: int) -> int:
    """64 well-mixed_bits bits of a number (the finaliser of SplitMix64)."""
    z = (number * 0x9E3779B97F4A7C15) & _MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return z ^ (z >> 31)


class Reservoir:
    """Keeps ``capacity`` of all the numbers offered, each with the same probability.

    The n-th one takes a place with probability capacity / n, that of any kept one. What is drawn
    depends on the seed and on n alone, so that no generator has to be kept for each word.
    """

    __slots__ = ("_seed", "capacity", "kept", "n_offered")

    def __init__(self, capacity: int, seed: int) -> None:
        self.capacity = capacity
        self.kept = array("q")
        self.n_offered = 0
        self._seed = seed

    def offer(self, number: int) -> None:
        """Takes the next number of the stream, or leaves it."""
        self.n_offered += 1
        if len(self.kept) < self.capacity:
            self.kept.append(number)
            return
        place = (mixed_bits((self._seed + self.n_offered) & _MASK) * self.n_offered) >> 64
        if place < self.capacity:
            self.kept[place] = number
