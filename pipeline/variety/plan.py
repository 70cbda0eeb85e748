"""Which slot each sentence of a sense gets: drawn from a digest, the same for ever."""

from __future__ import annotations

import hashlib
import struct
from bisect import bisect
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import accumulate

from languages.language import Language
from languages.slots import ANY, DIMENSIONS, DOMAINS, LIMITS, WEIGHTS, Wishes
from pipeline.variety.settings import SlotSettings
from schemas.errors import UsageError
from schemas.ids import content_digest
from schemas.records import Pos, Slot

_WHOLE = 1 << 64
_UNKNOWN_SUPERSENSE = "noun.tops"
_KEPT = 1 << 13  # of the latest slots and senses: each is asked for twice, in the prompt and after


def _steps(*primes: int) -> dict[str, int]:
    return {
        dimension: int(prime**0.5 % 1 * 2**52) << 12
        for dimension, prime in zip(DIMENSIONS, primes, strict=True)
    }


_VALUE_STEPS = _steps(2, 3, 7, 13, 19, 29, 31, 23)
_TURN_STEPS = _steps(37, 41, 43, 47, 53, 59, 61, 67)


@dataclass(frozen=True, slots=True)
class _Row:
    """The values of a dimension that may be drawn, with their weights summed up."""

    names: tuple[str, ...]
    sums: tuple[float, ...]

    def at(self, place: int) -> str:
        """The value at a place of 2**64."""
        return self.names[bisect(self.sums, place / _WHOLE * self.sums[-1], hi=len(self.names) - 1)]


class SlotPlan:
    """The slots of all senses, and the words in which a prompt asks for them.

    The values of a dimension follow each other in a Kronecker sequence: place n of a sense is
    ``u + n * frac(sqrt(p))`` modulo 1, with u from a digest of the sense's id and a prime p for
    each dimension. So each run of neighbouring numbers has every value nearly as often as its
    weight says, and no two dimensions go in step (Weyl 1916: square roots of distinct primes are
    linearly independent over the rationals). Of what is drawn the walk of life is asked, and as
    many others as the settings allow, chosen by further such sequences; the rest is left open. A
    number's slot depends on nothing but the sense, the number and the table.
    """

    def __init__(self, language: Language, settings: SlotSettings) -> None:
        table = language.slots
        self._at_most = settings.at_most
        self._wishes: dict[tuple[str, str], Wishes] = {
            ("function", pos.value): {ANY: "", **wishes} for pos, wishes in table.function.items()
        }
        for dimension in DIMENSIONS:
            if dimension != "function":
                wishes = getattr(table, dimension)
                self._wishes[dimension, ""] = wishes if dimension == "domain" else {
                    ANY: "", **wishes
                }  # fmt: skip
        self._weights = {at: _weighted(*at, self._wishes, settings) for at in self._wishes}
        for dimension in DIMENSIONS:
            _check_names(dimension, self._wishes, settings)
        self._row = cache(self._row_of)
        self._slot = lru_cache(maxsize=_KEPT)(self._slot_of)
        for dimension in DIMENSIONS:  # what cannot be drawn is refused at once
            given = {"domain": tuple(DOMAINS), "function": tuple(Pos)}.get(dimension, ("",))
            for each in given:
                self._row(dimension, each, None)

    def slot(self, sense_id: str, number: int, pos: Pos, supersense: str) -> Slot:
        """What the sentence of a number is asked to be like."""
        return self._slot(sense_id, number, pos, supersense)

    def _slot_of(self, sense_id: str, number: int, pos: Pos, supersense: str) -> Slot:
        drawn: dict[str, str] = {}
        allowed: dict[str, tuple[str, ...]] = {}
        for dimension, place in _places(sense_id, number, _VALUE_STEPS).items():
            given = {"domain": supersense, "function": pos.value}.get(dimension, "")
            drawn[dimension] = self._row(dimension, given, allowed.get(dimension)).at(place)
            allowed |= LIMITS.get(drawn[dimension], {})
        turns = _places(f"{sense_id}\0asked", number, _TURN_STEPS)
        others = [each for each in DIMENSIONS[1:] if drawn[each] != ANY]
        for dimension in sorted(others, key=turns.__getitem__)[self._at_most - 1 :]:
            drawn[dimension] = ANY
        return Slot(number=number, **drawn)

    def wish(self, slot: Slot, pos: Pos) -> str:
        """How a prompt asks for a slot: some words for whatever is not left open."""
        wishes = (
            self._wishes[each, pos.value if each == "function" else ""][getattr(slot, each)]
            for each in DIMENSIONS
        )
        return "; ".join(wish for wish in wishes if wish)

    def decisive(self) -> dict[str, object]:
        """All that can change a slot or its wish, for fingerprints."""
        weights = {"/".join(filter(None, at)): each for at, each in self._weights.items()}
        texts = sorted((at, *wishes.items()) for at, wishes in self._wishes.items())
        return {
            "at_most": self._at_most,
            "weights": weights,
            "table": content_digest(repr((texts, DOMAINS, LIMITS))),
        }

    def _row_of(self, dimension: str, given: str, allowed: tuple[str, ...] | None) -> _Row:
        """What may be drawn; a limit that leaves nothing is no limit."""
        weights = self._weights[dimension, given if dimension == "function" else ""]
        if dimension == "domain":
            names = DOMAINS.get(given.casefold(), DOMAINS[_UNKNOWN_SUPERSENSE])
            weights = {name: weights[name] for name in names}
        drawable = {name: weight for name, weight in weights.items() if weight}
        limited = {name: drawable[name] for name in allowed or () if name in drawable} or drawable
        if not limited:
            of = f" of {given}" if given else ""
            raise UsageError(f"[contexts.slots.{dimension}] leaves nothing to ask{of}")
        return _Row(tuple(limited), tuple(accumulate(limited.values())))


_AllWishes = Mapping[tuple[str, str], Wishes]


def _weighted(
    dimension: str, pos: str, wishes: _AllWishes, settings: SlotSettings
) -> dict[str, float]:
    own: Mapping[str, float] = getattr(settings, dimension)
    usual = WEIGHTS.get(dimension, {})
    return {name: own.get(name, usual.get(name, 1.0)) for name in wishes[dimension, pos]}


def _check_names(dimension: str, wishes: _AllWishes, settings: SlotSettings) -> None:
    known = {name for (of, _), names in wishes.items() if of == dimension for name in names}
    for name in getattr(settings, dimension):
        if name not in known:
            raise UsageError(
                f"[contexts.slots.{dimension}] has no {name!r}; "
                f"there are {', '.join(sorted(known))}"
            )


def _places(text: str, number: int, steps: Mapping[str, int]) -> dict[str, int]:
    """Where a number stands in the sequence of each dimension, of 2**64."""
    return {
        dimension: (start + number * step) % _WHOLE
        for start, (dimension, step) in zip(_starts(text), steps.items(), strict=True)
    }


@lru_cache(maxsize=_KEPT)
def _starts(text: str) -> tuple[int, ...]:
    """Where the sequences of a text begin, of 2**64."""
    digest = hashlib.blake2b(text.encode(), digest_size=8 * len(DIMENSIONS)).digest()
    return struct.unpack(f">{len(DIMENSIONS)}Q", digest)
