"""Contexts with the same sentence: contradictions, duplicates within and across senses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from pipeline.select.codes import SelectCode
from pipeline.select.opinions import AGREES
from pipeline.select.rows import Rows, runs
from pipeline.select.settings import Action


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
            rows.drop(row, SelectCode.DUPLICATE_IN_SENSE, staying[sense], 1.0)
        elif staying and across_senses == "drop":
            first = next(iter(staying.values()))
            rows.drop(row, SelectCode.DUPLICATE_ACROSS_SENSES, first, 1.0)
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
                rows.drop(row, SelectCode.CONTRADICTORY, (confirming or against)[0], 1.0)
