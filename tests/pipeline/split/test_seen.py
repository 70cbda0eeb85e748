"""How seen rows are divided, on rows few enough to count."""

from __future__ import annotations

import numpy as np

from pipeline.split.pins import FREE
from pipeline.split.seen import (
    TEST_SEEN,
    TRAIN,
    VALIDATION,
    Anchors,
    SeenRows,
    quotas,
    rows_by_stratum,
    taken_in_order,
)
from pipeline.split.strata import N_STRATA, stratum
from schemas.records import Polysemy, Pos

ONE = stratum(Pos.NOUN, Polysemy.MONOSEMOUS)
OTHER = stratum(Pos.VERB, Polysemy.MONOSEMOUS)


def counted(
    n_rows: dict[int, int], validation: dict[int, float], test: dict[int, float]
) -> dict[tuple[int, int], int]:
    """Rows by stratum and part, of a sense per stratum whose rows are units of their own."""
    strata = np.array([number for number, rows in n_rows.items() for _ in range(rows)])
    rank = np.linspace(0, 2**63, len(strata)).astype(np.uint64)
    targets = {
        code: [wanted.get(number, 0.0) for number in range(N_STRATA)]
        for code, wanted in ((VALIDATION, validation), (TEST_SEEN, test))
    }
    seen = SeenRows(rank, strata.copy(), strata, np.full(len(strata), FREE, dtype=np.int8))
    anchors, taught = Anchors(N_STRATA), np.zeros(N_STRATA, dtype=bool)
    anchors.add(*seen.nearest(taught))
    sizes, stratum = seen.free(taught, anchors.rank)
    wanted = quotas(rows_by_stratum(sizes, stratum), targets)
    none = np.zeros(N_STRATA, dtype=np.int64)
    validates = taken_in_order(sizes, stratum, none, wanted[VALIDATION])
    left = np.where(validates, 0, sizes)
    tests = taken_in_order(left[::-1], stratum[::-1], none, wanted[TEST_SEEN])[::-1]
    parts = seen.parts(np.where(validates, VALIDATION, np.where(tests, TEST_SEEN, TRAIN)))
    return {
        (number, code): int(((strata == number) & (parts == code)).sum())
        for number in n_rows
        for code in (TRAIN, VALIDATION, TEST_SEEN)
    }


def test_what_one_part_has_taken_the_other_gets_from_another_stratum() -> None:
    """Of five rows of the first one stays in training; three are validation's."""
    found = counted({ONE: 5, OTHER: 9}, {ONE: 3.0}, {ONE: 3.0, OTHER: 1.0})
    assert found == {
        (ONE, TRAIN): 1,
        (ONE, VALIDATION): 3,
        (ONE, TEST_SEEN): 1,
        (OTHER, TRAIN): 6,
        (OTHER, VALIDATION): 0,
        (OTHER, TEST_SEEN): 3,
    }


def test_every_sense_keeps_a_row_for_training() -> None:
    found = counted({ONE: 1, OTHER: 2}, {ONE: 1.0, OTHER: 1.0}, {OTHER: 1.0})
    assert (found[ONE, TRAIN], found[OTHER, TRAIN]) == (1, 1)
