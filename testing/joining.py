"""The similarity join of `select` on a few sentences, cut as finely as a test wants."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from languages.find import find_language
from pipeline.engine.arrays import Arrays
from pipeline.engine.pool import LocalPool, Pool
from pipeline.select.grams import GramReader, digests64
from pipeline.select.index import Plan, index_piece
from pipeline.select.opinions import Audits
from pipeline.select.pieces import Piece, Sizes
from pipeline.select.rounds import bounds_of_rounds, buckets
from pipeline.select.sets import ROW, ROWS, SetWriter, sum_counts
from pipeline.select.settings import SelectSettings
from pipeline.select.similar import Search, search
from pipeline.select.task import Selection


def similar_pairs(
    folder: Path,
    sentences: Sequence[str],
    threshold: float,
    *,
    in_a_piece: int = 7,
    n_parts: int = 3,
    first_round: int = 1 << 20,
    pool: Pool | None = None,
) -> dict[tuple[int, int], float]:
    """Vietnamese sentences that resemble each other, and how much, by their numbers.

    Those of a round are found among themselves, and with those of all earlier rounds.
    """
    pool, spelling = pool or LocalPool(), find_language("vi").spelling
    arrays, pieces, priority = (
        Arrays(folder),
        [],
        digests64([str(n) for n, _ in enumerate(sentences)]),
    )
    reader = GramReader(spelling)
    for number, start in enumerate(range(0, len(sentences), in_a_piece)):
        own = sentences[start : start + in_a_piece]
        pieces.append(Piece(number, start, len(own), (number,), None))
        sets = SetWriter(arrays, number, len(sentences))
        sets.add(reader.read(own))
        sets.close()
        rows = np.zeros(len(own), dtype=ROW)
        rows["priority"] = priority[start : start + len(own)]
        arrays.save(f"{ROWS}-{number}", rows)
    if not pieces:
        return {}
    sum_counts(arrays, pieces)
    settings = SelectSettings(near_duplicate_threshold=threshold)
    selection = Selection(
        folder, None, None, Audits(None), settings, spelling, arrays, tuple(pieces), Sizes()
    )
    selection.save_staying(np.ones(len(sentences), dtype=bool))
    plan = Plan(tuple(bounds_of_rounds(buckets(priority), first_round)), n_parts)
    list(pool.each(index_piece, [(selection, piece, plan) for piece in pieces]))
    tasks = [
        (selection, plan, Search(number, with_earlier, range(part, part + 1)))
        for number in range(plan.n_rounds)
        for with_earlier in ((True, False) if number else (False,))
        for part in range(n_parts)
    ]
    return {
        (int(pair["left"]), int(pair["right"])): float(pair["similarity"])
        for pairs in pool.each(search, tasks)
        for pair in pairs
    }
