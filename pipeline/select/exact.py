"""Contexts with the same sentence: contradictions, duplicates within and across senses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.select.codes import SelectCode
from pipeline.select.decisions import DROP
from pipeline.select.opinions import AGREES
from pipeline.select.rows import Rows, runs
from pipeline.select.settings import Action
from pipeline.select.task import Selection

SENTENCES = "sentences"
SAME = np.dtype(
    [
        ("sentence", "<u8"), ("priority", "<u8"), ("row", "<u4"), ("sense", "<i4"),
        ("lemma", "<i4"), ("place", "<u2"), ("judged", "i1"),
    ]
)  # fmt: skip
"""A context by the number of its sentence; ``place``: how many units precede the target."""
COPY = np.dtype([("first", "<u4"), ("row", "<u4"), ("priority", "<u8"), ("sense", "<i4")])
"""A row whose sentence several senses keep, and the first of these rows."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of the equal sentences of a part."""

    drops: NDArray[np.void]
    """As ``DROP``."""
    copies: NDArray[np.void]
    """As ``COPY``, the first ones included."""


def settle_part(task: tuple[Selection, int]) -> Settled:
    """Compares the sentences of one part, which are equal to none of another."""
    selection, part = task
    found = selection.arrays.load_part(selection.names(SENTENCES), SAME, part)
    rows = Rows.of(found)
    copies: list[NDArray[np.void]] = [np.zeros(0, dtype=COPY)]
    for group in same_sentences(rows):
        staying = settle(group, rows, selection.settings.duplicates_across_senses)
        if len(staying) > 1:
            some = found[sorted(staying)]
            own = np.zeros(len(some), dtype=COPY)
            own["first"] = some["row"].min()
            for name in ("row", "priority", "sense"):
                own[name] = some[name]
            copies.append(own)
    dropped = np.flatnonzero(~rows.kept_mask)
    drops = np.zeros(len(dropped), dtype=DROP)
    drops["row"], drops["code"] = found["row"][dropped], rows.code[dropped]
    drops["partner"] = found["row"][rows.partner[dropped]]
    drops["similarity"] = 1.0
    return Settled(drops, np.concatenate(copies))


def same_sentences(rows: Rows) -> Iterator[list[tuple[int, int]]]:
    """Two or more kept (row, place) with one sentence, in no particular order of groups."""
    kept = rows.kept
    kept = kept[np.argsort(rows.sentence[kept], kind="stable")]
    for start, end in runs(rows.sentence[kept]):
        if end - start > 1:
            some = kept[start:end]
            yield list(zip(some.tolist(), rows.place[some].tolist(), strict=True))


def settle(group: list[tuple[int, int]], rows: Rows, across_senses: Action) -> list[int]:
    """Drops from ``rows`` what cannot stay of contexts with one sentence; returns what stays.

    With ``across_senses="drop"`` at most one stays, with ``"flag"`` at most one per sense.
    """
    _drop_contradictions(group, rows)
    staying: dict[int, int] = {}
    in_order = sorted((row for row, _ in group if rows.is_kept(row)), key=rows.priority.item)
    for row in in_order:
        sense = int(rows.sense[row])
        if sense in staying:
            rows.drop(row, SelectCode.DUPLICATE_IN_SENSE, staying[sense])
        elif staying and across_senses == "drop":
            first = next(iter(staying.values()))
            rows.drop(row, SelectCode.DUPLICATE_ACROSS_SENSES, first)
        else:
            staying[sense] = row
    return list(staying.values())


def _drop_contradictions(group: list[tuple[int, int]], rows: Rows) -> None:
    by_target: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    for row, place in group:
        if rows.is_kept(row):
            by_target[int(rows.lemma[row]), place].append(row)
    for uses in by_target.values():
        senses = {int(rows.sense[row]) for row in uses}
        if len(senses) == 1:
            continue
        confirmed = {int(rows.sense[row]) for row in uses if rows.judged[row] == AGREES}
        winner = confirmed.pop() if len(confirmed) == 1 else None
        for row in uses:
            against = [other for other in uses if rows.sense[other] != rows.sense[row]]
            confirming = [other for other in against if rows.sense[other] == winner]
            if rows.sense[row] != winner:
                rows.drop(row, SelectCode.CONTRADICTORY, (confirming or against)[0])
