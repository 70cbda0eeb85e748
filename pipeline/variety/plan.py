"""Which slot each sentence of a sense gets: drawn from a digest, the same for ever."""

from __future__ import annotations

import hashlib
from bisect import bisect
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from itertools import accumulate

from languages.language import Language
from languages.slots import DIMENSIONS, DOMAINS, Choice, Choices
from pipeline.variety.settings import SlotSettings
from schemas.errors import UsageError
from schemas.ids import content_digest
from schemas.records import Pos, Slot

_WHOLE = 1 << 64
_PRIMES = (2, 3, 7, 13, 19, 29, 31, 23)
_STEPS = {
    dimension: int(prime**0.5 % 1 * 2**52) << 12
    for dimension, prime in zip(DIMENSIONS, _PRIMES, strict=True)
}
_UNKNOWN_SUPERSENSE = "noun.tops"


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
    linearly independent over the rationals). A number's slot depends on nothing but the sense,
    the number and the table.
    """

    def __init__(self, language: Language, settings: SlotSettings) -> None:
        table = language.slots
        self._choices: dict[str, dict[str, Choice]] = {
            dimension: dict(getattr(table, dimension))
            for dimension in DIMENSIONS
            if dimension not in ("domain", "function")
        }
        self._choices["domain"] = {name: Choice(wish) for name, wish in table.domain.items()}
        self._choices["function"] = {
            name: choice for choices in table.function.values() for name, choice in choices.items()
        }
        self._functions = {
            pos: self._weighted("function", choices, settings)
            for pos, choices in table.function.items()
        }
        weighted = {
            dimension: self._weighted(dimension, choices, settings)
            for dimension, choices in self._choices.items()
        }
        self._weights = weighted
        self._function_texts = table.function
        self._row = cache(self._row_of)
        for dimension in DIMENSIONS:  # what cannot be drawn is refused at once
            given = {"domain": tuple(DOMAINS), "function": tuple(Pos)}.get(dimension, ("",))
            for each in given:
                self._row(dimension, each, None)

    def slot(self, sense_id: str, number: int, pos: Pos, supersense: str) -> Slot:
        """What the sentence of a number is asked to be like."""
        places = _places(sense_id)
        drawn: dict[str, str] = {}
        allowed: dict[str, tuple[str, ...]] = {}
        for dimension, place in zip(DIMENSIONS, places, strict=True):
            given = {"domain": supersense, "function": pos.value}.get(dimension, "")
            row = self._row(dimension, given, allowed.get(dimension))
            name = row.at((place + number * _STEPS[dimension]) % _WHOLE)
            drawn[dimension] = name
            allowed |= self._choice(dimension, name, pos).only
        return Slot(number=number, **drawn)

    def wish(self, slot: Slot, pos: Pos) -> str:
        """How a prompt asks for a slot: some words for whatever is not left open."""
        wishes = (self._choice(each, getattr(slot, each), pos).wish for each in DIMENSIONS)
        return "; ".join(wish for wish in wishes if wish)

    def decisive(self) -> dict[str, object]:
        """All that can change a slot or its wish, for fingerprints."""
        functions = {
            pos.value: {name: asdict(choice) for name, choice in choices.items()}
            for pos, choices in self._function_texts.items()
        }
        texts = {
            dimension: {name: asdict(choice) for name, choice in choices.items()}
            for dimension, choices in self._choices.items()
            if dimension != "function"
        }
        of_pos = {pos.value: dict(weights) for pos, weights in self._functions.items()}
        return {
            "weights": self._weights | {"function": of_pos},
            "table": content_digest(repr((texts, functions, DOMAINS))),
        }

    def _choice(self, dimension: str, name: str, pos: Pos) -> Choice:
        of = self._function_texts[pos] if dimension == "function" else self._choices[dimension]
        return of[name]

    def _weighted(
        self, dimension: str, choices: Choices, settings: SlotSettings
    ) -> dict[str, float]:
        own: Mapping[str, float] = getattr(settings, dimension)
        known = self._choices[dimension]
        for name in own:
            if name not in known:
                raise UsageError(
                    f"[contexts.slots.{dimension}] has no {name!r}; there are "
                    f"{', '.join(sorted(known))}"
                )
        return {name: own.get(name, choice.weight) for name, choice in choices.items()}

    def _row_of(self, dimension: str, given: str, allowed: tuple[str, ...] | None) -> _Row:
        """What may be drawn; a limit that leaves nothing is no limit."""
        weights = self._weights[dimension]
        if dimension == "function":
            weights = self._functions[Pos(given)]
        elif dimension == "domain":
            names = DOMAINS.get(given.casefold(), DOMAINS[_UNKNOWN_SUPERSENSE])
            weights = {name: weights[name] for name in names}
        drawable = {name: weight for name, weight in weights.items() if weight}
        limited = {name: drawable[name] for name in allowed or () if name in drawable} or drawable
        if not limited:
            of = f" of {given}" if given else ""
            raise UsageError(f"[contexts.slots.{dimension}] leaves nothing to ask{of}")
        return _Row(tuple(limited), tuple(accumulate(limited.values())))


def _places(sense_id: str) -> tuple[int, ...]:
    """Where the sequence of each dimension begins for a sense."""
    digest = hashlib.blake2b(sense_id.encode(), digest_size=8 * len(DIMENSIONS)).digest()
    return tuple(
        int.from_bytes(digest[start : start + 8], "big") for start in range(0, len(digest), 8)
    )
