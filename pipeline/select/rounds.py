"""Dropping near-duplicates in rounds, so that a model that repeats itself costs no more.

A template used ten thousand times makes fifty million similar pairs. In the order of priority
most of them need never be looked at: once a few of these sentences stay, all later ones are
dropped by them. Each round takes as many contexts as all before it together, drops what resembles
one that stays, and compares only the rest with each other. The outcome is that of one round.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pipeline.select.gram_store import GramStore
from pipeline.select.grams import I64
from pipeline.select.near import thin
from pipeline.select.rows import Rows
from pipeline.select.settings import SelectSettings
from pipeline.select.similar import Pairs, similar_pairs

_FIRST_ROUND = 512


def thin_in_rounds(
    store: GramStore, taking_part: I64, rows: Rows, settings: SelectSettings
) -> Pairs:
    """Drops near-duplicates like :func:`pipeline.select.near.thin` does with all pairs.

    Returns the pairs of which both may stay. Meant for settings that drop across senses.
    """
    threshold = settings.near_duplicate_threshold
    in_order = taking_part[np.argsort(rows.priority[taking_part], kind="stable")]
    flagged: list[Pairs] = []
    staying = np.zeros(len(rows), dtype=np.int8)
    for start, end in _rounds(len(in_order)):
        fresh = in_order[start:end]
        for sides in (staying, None) if start else (None,):
            compared = fresh if sides is None else in_order[:end]
            compared = compared[rows.kept_of(compared)]
            pairs = similar_pairs(store, threshold, rows=compared, sides=sides)
            thin(pairs, rows, settings)
            flagged.append(pairs.where(rows.kept_of(pairs.left) & rows.kept_of(pairs.right)))
        staying[fresh[rows.kept_of(fresh)]] = 1
    return Pairs.joined(flagged)


def _rounds(n_rows: int) -> Iterator[tuple[int, int]]:
    """Bounds of the rounds: the first is fixed, each other one doubles what was taken."""
    start, end = 0, _FIRST_ROUND
    while start < n_rows:
        yield start, min(end, n_rows)
        start, end = end, 2 * end
