"""Contexts with nearly the same sentence: which of them stay, and which stay together."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from pipeline.select.codes import SelectCode
from pipeline.select.rows import Rows
from pipeline.select.settings import SelectSettings
from pipeline.select.similar import Pairs


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
