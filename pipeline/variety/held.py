"""Which wishes of a slot a sentence fulfils: those that can be told without reading it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from languages.language import Language
from languages.slots import ANY
from schemas.records import Slot, Target
from schemas.text import units

_MARKS = {"question": "?", "exclamation": "!", "request": ".!…"}
_CLOSING = "”\"»’') "
_THIRDS = ("start", "middle", "end")


@dataclass(frozen=True, slots=True)
class Held:
    """How many sentences were asked for something that can be told, and how many are so."""

    asked: int
    held: int


def facts(row: Target, slot: Slot, language: Language) -> dict[str, bool]:
    """Length, place of the target and type of sentence: as asked, or not; what was open is no fact.

    The length is in its band. The target's middle lies in the third of the units that was asked
    for. The type is told by the final mark alone.
    """
    n = len(units(row.sentence))
    found = {}
    if slot.length != ANY:
        least, most = language.slots.bands[slot.length]
        found["length"] = least <= n <= most
    if slot.sentence != ANY:
        ends = row.sentence.rstrip(_CLOSING)[-1:]
        found["sentence"] = bool(ends) and ends in _MARKS[slot.sentence]
    if slot.position != ANY:
        before = len(units(row.sentence[: row.target_start]))
        middle = before + len(units(row.target)) / 2
        found["position"] = _THIRDS[min(2, int(3 * middle / max(1, n)))] == slot.position
    return found


def held(rows: Iterable[tuple[Target, Slot | None]], language: Language) -> dict[str, Held]:
    """By kind of wish; rows without a slot were asked for nothing."""
    asked: Counter[str] = Counter()
    kept: Counter[str] = Counter()
    for row, slot in rows:
        if slot is not None:
            for kind, holds in facts(row, slot, language).items():
                asked[kind] += 1
                kept[kind] += holds
    return {kind: Held(asked[kind], kept[kind]) for kind in sorted(asked)}
