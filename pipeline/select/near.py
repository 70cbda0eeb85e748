"""Contexts with nearly the same sentence: which of them stay, and which stay together.

Where near-duplicates are dropped they are in rounds, so that a model that repeats itself costs no
more. A template used ten thousand times makes fifty million similar pairs. In the order of priority
most of them need never be looked at: once a few of these sentences stay, all later ones are
dropped by them. Each round takes three times as many contexts as all before it together, drops what
resembles one that stays, and compares only the rest with each other. The outcome is that of one
round.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from pipeline.engine.pool import Pool
from pipeline.select.codes import SelectCode
from pipeline.select.decisions import DROP, Decisions
from pipeline.select.grams import I64
from pipeline.select.index import Plan
from pipeline.select.settings import SelectSettings
from pipeline.select.similar import PAIR, Pairs, Search, joined, search
from pipeline.select.task import Selection


def thin_in_rounds(
    selection: Selection,
    plan: Plan,
    n_postings: I64,
    copies: NDArray[np.void],
    decisions: Decisions,
    pool: Pool,
) -> Pairs:
    """Drops near-duplicates; returns the pairs of which both may stay.

    ``n_postings`` is by slot of the plan. ``copies`` are the rows that took no part in the join,
    because another one with their sentence did: they resemble whatever that one does.
    """
    flagged: list[Pairs] = []
    by_round = n_postings.reshape(plan.n_rounds, plan.n_parts)
    for number in range(plan.n_rounds):
        for with_earlier in (True, False) if number else (False,):
            selection.save_staying(decisions.staying)
            size = by_round[: number + 1].sum(axis=0) if with_earlier else by_round[number]
            tasks = [
                (selection, plan, Search(number, with_earlier, parts))
                for parts in _neighbours(size, selection.sizes.postings_in_a_part)
            ]
            pairs = expanded(joined(list(pool.each(search, tasks))), copies)
            thin(pairs, decisions, selection.settings)
            both = decisions.stays(pairs["left"]) & decisions.stays(pairs["right"])
            flagged.append(pairs[both])
    return joined(flagged)


def _neighbours(sizes: I64, most: int) -> Iterator[range]:
    """All parts, as many at a time as have no more than ``most`` postings, or one."""
    first, total = 0, 0
    for part, size in enumerate(sizes.tolist()):
        if part > first and total + size > most:
            yield range(first, part)
            first, total = part, 0
        total += size
    yield range(first, len(sizes))


def expanded(pairs: Pairs, copies: NDArray[np.void]) -> Pairs:
    """The pairs with each row also replaced by its copies, and the copies among themselves."""
    if not len(copies):
        return pairs
    members: defaultdict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for first, *member in copies[["first", "row", "priority", "sense"]].tolist():
        members[first].append(tuple(member))
    found = {}
    for a, b, score, a_priority, b_priority, a_sense, b_sense in pairs.tolist():
        for one in members.get(a, [(a, a_priority, a_sense)]):
            for other in members.get(b, [(b, b_priority, b_sense)]):
                found[min(one, other), max(one, other)] = score
    for group in members.values():
        found.update({(one, other): 1.0 for one in group for other in group if one < other})
    rows = [
        (one[0], other[0], score, one[1], other[1], one[2], other[2])
        for (one, other), score in found.items()
    ]
    return joined([np.array(rows, dtype=PAIR)])


def thin(pairs: Pairs, decisions: Decisions, settings: SelectSettings) -> None:
    """Drops near-duplicates: in the order of priority, whatever resembles one that stays.

    What stays is thereby fixed by the priorities alone; no two that stay resemble each other
    where the settings say ``drop``.
    """
    in_sense = pairs["left_sense"] == pairs["right_sense"]
    wanted = np.where(
        in_sense,
        settings.near_duplicates_in_sense == "drop",
        settings.duplicates_across_senses == "drop",
    )
    some, same = pairs[wanted], in_sense[wanted]
    swap = some["left_priority"] > some["right_priority"]
    better, worse = (
        np.where(swap, some[a], some[b]) for a, b in (("right", "left"), ("left", "right"))
    )
    ranks = some["left_priority"], some["right_priority"]
    order = np.lexsort((better, np.minimum(*ranks), worse, np.maximum(*ranks)))
    dropped: dict[int, tuple[int, int]] = {}
    for at, kept, other in zip(
        order.tolist(), better[order].tolist(), worse[order].tolist(), strict=True
    ):
        if kept not in dropped and other not in dropped:
            dropped[other] = kept, at
    drops = np.zeros(len(dropped), dtype=DROP)
    if dropped:
        drops["row"] = list(dropped)
        drops["partner"], at = np.array(list(dropped.values()), dtype=np.int64).T
        drops["similarity"] = some["similarity"][at]
        drops["code"] = np.where(
            same[at],
            SelectCode.NEAR_DUPLICATE_IN_SENSE.number,
            SelectCode.NEAR_DUPLICATE_ACROSS_SENSES.number,
        )
    decisions.drop(drops)


def clusters(pairs: Pairs, decisions: Decisions) -> dict[int, list[int]]:
    """The groups of rows that stay and resemble each other, directly or through others.

    Maps each of their rows to all rows of its group.
    """
    neighbours: defaultdict[int, list[int]] = defaultdict(list)
    both = pairs[decisions.stays(pairs["left"]) & decisions.stays(pairs["right"])]
    for a, b in zip(both["left"].tolist(), both["right"].tolist(), strict=True):
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
