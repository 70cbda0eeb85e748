"""Rows by part of rank: where each may go once the places of the senses are known, and goes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.select.grams import I64, U64
from pipeline.split.heldout import Place
from pipeline.split.pins import FREE, Parts
from pipeline.split.rows import Splitting
from pipeline.split.seen import (
    TEST_SEEN,
    TRAIN,
    VALIDATION,
    SeenRows,
    rows_by_stratum,
    taken_in_order,
)

STRADDLING, OFF, APART, UNSUPPORTED = 5, 6, 7, 8
"""What stands in the place of a part of rows that are left out."""
UNSEEN = {Place.UNSEEN_SENSE: 3, Place.UNSEEN_LEMMA: 4}
DECIDED = np.dtype([("row", "<u4"), ("sense", "<i4"), ("part", "i1"), ("pinned", "?")])
DECISIONS = "decided"
_PLACE_OF = np.array([Place.SEEN, Place.SEEN, Place.SEEN, Place.UNSEEN_SENSE, Place.UNSEEN_LEMMA])
"""By part."""


@dataclass(frozen=True, slots=True)
class SensePlaces:
    """What is true of all rows of a sense; (n senses,) each."""

    place: NDArray[np.int8]
    stratum: I64
    left_out: NDArray[np.bool_]
    """Whether its new rows have no place beside the rows of an earlier release."""
    off: tuple[bool, bool]
    """Whether no row may go into test_unseen_sense, into test_unseen_lemma."""


@dataclass(frozen=True, slots=True)
class Quotas:
    """What is decided of all seen rows together."""

    taught: NDArray[np.bool_]
    """(n senses,): those with a pinned row in training."""
    anchor: U64
    """(n senses,): the rank of the unit that is kept in training."""
    validation: I64
    """(strata,): rows that are wanted; so ``test``."""
    test: I64


@dataclass(frozen=True, slots=True)
class _Placed:
    rows: NDArray[np.void]
    """As ``ROW``."""
    parts: Parts
    seen: I64
    """Which of the rows are of seen senses."""
    of_seen: SeenRows


def pinned_in_part(
    task: tuple[Splitting, SensePlaces, int],
) -> tuple[I64, dict[int, I64]]:
    """The senses that pinned rows of training teach; pinned rows by stratum, by part."""
    seen = _placed(*task).of_seen
    return seen.taught, {code: seen.pinned_rows(code) for code in (VALIDATION, TEST_SEEN)}


def nearest_in_part(
    task: tuple[Splitting, SensePlaces, int, NDArray[np.bool_]],
) -> tuple[I64, U64, U64]:
    """As :meth:`SeenRows.nearest`."""
    splitting, places, part, taught = task
    return _placed(splitting, places, part).of_seen.nearest(taught)


def free_in_part(task: tuple[Splitting, SensePlaces, int, Quotas]) -> I64:
    """(strata,): rows that may validate or test."""
    splitting, places, part, quotas = task
    seen = _placed(splitting, places, part).of_seen
    return rows_by_stratum(*seen.free(quotas.taught, quotas.anchor))


def left_in_part(task: tuple[Splitting, SensePlaces, int, Quotas, I64]) -> I64:
    """(strata,): free rows that do not validate, where ``before`` are free in earlier parts."""
    splitting, places, part, quotas, before = task
    sizes, stratum = _placed(splitting, places, part).of_seen.free(quotas.taught, quotas.anchor)
    validates = taken_in_order(sizes, stratum, before, quotas.validation)
    return rows_by_stratum(np.where(validates, 0, sizes), stratum)


def decide_part(task: tuple[Splitting, SensePlaces, int, Quotas, I64, I64]) -> I64:
    """Leaves the parts of the rows, by piece; returns the senses that training has.

    ``before`` rows by stratum are free in earlier parts, and ``behind`` are left in later ones.
    """
    splitting, places, part, quotas, before, behind = task
    placed = _placed(splitting, places, part)
    sizes, stratum = placed.of_seen.free(quotas.taught, quotas.anchor)
    validates = taken_in_order(sizes, stratum, before, quotas.validation)
    left = np.where(validates, 0, sizes)
    tests = taken_in_order(left[::-1], stratum[::-1], behind, quotas.test)[::-1]
    taken = np.where(validates, VALIDATION, np.where(tests, TEST_SEEN, TRAIN))
    parts, of_seen = placed.parts, placed.of_seen.parts(taken)
    parts[placed.seen] = np.where(of_seen == FREE, STRADDLING, of_seen)
    decided = np.zeros(len(parts), dtype=DECIDED)
    decided["row"], decided["sense"] = placed.rows["row"], placed.rows["sense"]
    decided["part"], decided["pinned"] = parts, placed.rows["pin"] != FREE
    starts = np.array([piece.start for piece in splitting.pieces])
    piece = np.searchsorted(starts, decided["row"], side="right") - 1
    splitting.arrays.save_in_parts(f"{DECISIONS}-{part}", decided, piece, len(starts))
    return np.unique(decided["sense"][parts == TRAIN])


def _placed(splitting: Splitting, places: SensePlaces, part: int) -> _Placed:
    """The rows of a part, each where its sense and its pin want it; seen ones undivided."""
    rows = splitting.rows(part)
    sense, pin = rows["sense"].astype(np.int64), rows["pin"]
    pinned, place = pin != FREE, places.place[sense]
    parts = np.zeros(len(rows), dtype=np.int8)
    for (unseen, number), off in zip(UNSEEN.items(), places.off, strict=True):
        parts[place == unseen] = OFF if off else number
    parts[pinned] = pin[pinned]
    parts[pinned & (_PLACE_OF[pin] != place)] = UNSUPPORTED
    parts[places.left_out[sense] & ~pinned] = APART
    taking_part = np.flatnonzero((parts != UNSUPPORTED) & (parts != APART))
    units, unit = np.unique(rows["rank"][taking_part], return_inverse=True)
    straddling = _straddling(unit, place[taking_part], pinned[taking_part], len(units))
    parts[taking_part[straddling]] = STRADDLING
    seen = np.flatnonzero((place == Place.SEEN) & (parts < STRADDLING))
    of_seen = SeenRows(rows["rank"][seen], sense[seen], places.stratum[sense[seen]], pin[seen])
    return _Placed(rows, parts, seen, of_seen)


def _straddling(
    unit: I64, row_place: Parts, pinned: NDArray[np.bool_], n_units: int
) -> NDArray[np.bool_]:
    """The rows to leave out so that no unit stands in two places.

    Pinned rows stay, then seen ones, then unseen lemmas: leaving out only unseen rows changes
    nobody's definition. Beside pinned rows in two places nothing else of their unit stays.
    """
    preference = np.where(pinned, -1, np.array([0, 2, 1])[row_place])
    best = np.full(n_units, 2)
    np.minimum.at(best, unit, preference)
    straddling: NDArray[np.bool_] = preference > best[unit]
    least, most = np.full(n_units, len(Place)), np.full(n_units, -1)
    np.minimum.at(least, unit[pinned], row_place[pinned])
    np.maximum.at(most, unit[pinned], row_place[pinned])
    follows = ~pinned & (least[unit] == most[unit]) & (row_place == most[unit])
    straddling &= ~follows
    return straddling
