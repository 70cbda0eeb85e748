"""At most so many contexts of a sense stay."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.engine.pool import Pool
from pipeline.select.codes import SelectCode
from pipeline.select.decisions import Decisions
from pipeline.select.grams import I64
from pipeline.select.pieces import Piece
from pipeline.select.rows import runs
from pipeline.select.sets import ROW, ROWS
from pipeline.select.task import Selection

_RANKED = np.dtype([("row", "<u4"), ("sense", "<i4"), ("priority", "<u8")])


@dataclass(frozen=True, slots=True)
class _Capped:
    over: I64
    """Rows that are too many in their piece alone."""
    open: NDArray[np.void]
    """The others of the senses that other pieces have too, as ``_RANKED``."""


def cap(selection: Selection, decisions: Decisions, pool: Pool) -> None:
    """Drops, of every sense, all but the set number of contexts of the lowest priority numbers."""
    if selection.settings.max_contexts_per_sense is None:
        return
    selection.save_staying(decisions.staying)
    tasks = [(selection, piece) for piece in selection.pieces]
    pieces_with = Counter(sense for found in pool.each(_senses, tasks) for sense in found.tolist())
    several = np.array(sorted(s for s, n in pieces_with.items() if n > 1), dtype=np.int32)
    open_ = [np.zeros(0, dtype=_RANKED)]
    for found in pool.each(_capped, [(*task, several) for task in tasks]):
        decisions.code[found.over] = SelectCode.OVER_CAP.number
        open_.append(found.open)
    left = np.concatenate(open_)
    over = _over(left, selection.settings.max_contexts_per_sense)
    decisions.code[left["row"][over]] = SelectCode.OVER_CAP.number


def _kept(selection: Selection, piece: Piece) -> NDArray[np.void]:
    kept = np.flatnonzero(selection.staying()[piece.rows])
    rows = selection.arrays.load(f"{ROWS}-{piece.number}", ROW)[kept]
    ranked = np.zeros(len(kept), dtype=_RANKED)
    ranked["row"], ranked["sense"], ranked["priority"] = (
        kept + piece.start, rows["sense"], rows["priority"]
    )  # fmt: skip
    return ranked


def _senses(task: tuple[Selection, Piece]) -> I64:
    return np.unique(_kept(*task)["sense"])


def _capped(task: tuple[Selection, Piece, NDArray[np.int32]]) -> _Capped:
    selection, piece, several = task
    kept = _kept(selection, piece)
    over = _over(kept, selection.settings.max_contexts_per_sense or 0)
    return _Capped(
        kept["row"][over].astype(np.int64), kept[~over & np.isin(kept["sense"], several)]
    )


def _over(rows: NDArray[np.void], most: int) -> NDArray[np.bool_]:
    over = np.zeros(len(rows), dtype=bool)
    order = np.lexsort((rows["priority"], rows["sense"]))
    for start, end in runs(rows["sense"][order]):
        over[order[start + most : end]] = True
    return over
