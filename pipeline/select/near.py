"""Contexts with nearly the same sentence: which of them stay, and which stay together.

Where near-duplicates are dropped they are in rounds, so that a model that repeats itself costs no
more. A template used ten thousand times makes fifty million similar pairs. In the order of priority
most of them need never be looked at: once a few of these sentences stay, all later ones are
dropped by them. Each round takes as many contexts as all before it together, drops what resembles
one that stays, and compares only the rest with each other. The outcome is that of one round.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from pipeline.select.codes import SelectCode
from pipeline.select.gram_store import GramStore
from pipeline.select.grams import I64
from pipeline.select.rows import Rows
from pipeline.select.settings import SelectSettings
from pipeline.select.similar import Pairs, similar_pairs

_FIRST_ROUND = 512


def expanded(pairs: Pairs, copies: dict[int, list[int]]) -> Pairs:
    """The pairs with each row also replaced by its exact copies, and the copies among themselves.

    ``copies`` maps a row that took part in the join to all rows with its sentence, itself
    included.
    """
    if not copies:
        return pairs
    left, right, similarity = pairs.left.tolist(), pairs.right.tolist(), pairs.similarity.tolist()
    found = {
        (a, b): score
        for i, j, score in zip(left, right, similarity, strict=True)
        for a in copies.get(i, [i])
        for b in copies.get(j, [j])
    }
    for members in copies.values():
        found.update({(a, b): 1.0 for a in members for b in members if a < b})
    ends = np.array(list(found), dtype=np.int64).reshape(-1, 2)
    return Pairs(ends[:, 0], ends[:, 1], np.array(list(found.values()), dtype=np.float64))


def thin(pairs: Pairs, rows: Rows, settings: SelectSettings) -> None:
    """Drops near-duplicates: in the order of priority, whatever resembles one that stays.

    What stays is thereby fixed by the priorities alone; no two that stay resemble each other
    where the settings say ``drop``.
    """
    in_sense = rows.sense[pairs.left] == rows.sense[pairs.right]
    drops = np.where(
        in_sense,
        settings.near_duplicates_in_sense == "drop",
        settings.duplicates_across_senses == "drop",
    )
    left, right, score = pairs.left[drops], pairs.right[drops], pairs.similarity[drops]
    swap = rows.priority[left] > rows.priority[right]
    better, worse = np.where(swap, right, left), np.where(swap, left, right)
    order = np.lexsort((better, rows.priority[better], worse, rows.priority[worse]))
    for i in order.tolist():
        first, second = int(better[i]), int(worse[i])
        if rows.is_kept(first) and rows.is_kept(second):
            same = rows.sense[first] == rows.sense[second]
            code = (
                SelectCode.NEAR_DUPLICATE_IN_SENSE
                if same
                else SelectCode.NEAR_DUPLICATE_ACROSS_SENSES
            )
            rows.drop(second, code, first, float(score[i]))


def thin_in_rounds(
    store: GramStore, taking_part: I64, rows: Rows, settings: SelectSettings
) -> Pairs:
    """Drops near-duplicates like :func:`thin` does with all pairs.

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


def clusters(pairs: Pairs, rows: Rows) -> dict[int, list[int]]:
    """The groups of rows that stay and resemble each other, directly or through others.

    Maps each of their rows to all rows of its group.
    """
    neighbours: defaultdict[int, list[int]] = defaultdict(list)
    for a, b in zip(pairs.left.tolist(), pairs.right.tolist(), strict=True):
        if rows.is_kept(a) and rows.is_kept(b):
            neighbours[a].append(b)
            neighbours[b].append(a)
    groups: dict[int, list[int]] = {}
    for start in sorted(neighbours):
        if start in groups:
            continue
        members, waiting = {start}, [start]
        while waiting:
            fresh = [row for row in neighbours[waiting.pop()] if row not in members]
            members.update(fresh)
            waiting.extend(fresh)
        groups.update(dict.fromkeys(members, sorted(members)))
    return groups
