"""Retrieval metrics, exact and blockwise.

Scores are cosines, negative ones included, compared at a resolution of 2^-20, so that equal
vectors tie whatever the order of summation; the paper's metrics break ties by position.
Source of the definitions: ViConBERT's code (``recall``, ``precision``, ``f1``, ``ndcg``).
The corrected variants are named apart: ``answerable_recall`` counts only items that have
another context of their synset, ``full_recall`` is the share of those contexts found, and
``gloss_ndcg`` counts equal glosses once and lets ties share their places.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import normalize

KS = (1, 5, 10)
_RESOLUTION = float(2**20)
_BLOCK_BYTES = 192 << 20


@dataclass(frozen=True, slots=True)
class Retrieval:
    """The metrics at one k; all between 0 and 1."""

    k: int
    recall: float
    precision: float
    f1: float
    ndcg: float
    answerable_recall: float
    full_recall: float
    gloss_ndcg: float


def retrieval_metrics(
    contexts: NDArray[np.float32],
    synsets: Sequence[int],
    glosses: NDArray[np.float32],
    gold_rows: Sequence[int],
    gloss_texts: Sequence[int],
    ks: Sequence[int] = KS,
) -> list[Retrieval]:
    """All metrics of context vectors (n, d) against each other and gloss vectors (m, d).

    ``synsets`` (n,) number the contexts' synsets; ``gold_rows`` (n,) their glosses' rows, -1 for
    a gloss that is missing (found by nobody); ``gloss_texts`` (m,) number distinct texts.
    Memory: the vectors and a block of at most 192 MiB a few times.
    """
    unit = normalize(torch.from_numpy(np.ascontiguousarray(contexts)), dim=1)
    ids = torch.tensor(synsets, dtype=torch.long)
    n_others = torch.bincount(ids, minlength=1)[ids] - 1
    most = min(max(ks), max(1, len(unit) - 1))
    hits = _neighbour_hits(unit, ids, most) if len(unit) > 1 else torch.zeros(len(unit), most)
    unit_glosses = normalize(torch.from_numpy(np.array(glosses)), dim=1)
    gold = torch.tensor(gold_rows, dtype=torch.long)
    places = _gold_places(unit, unit_glosses, gold)
    kept = np.unique(np.asarray(gloss_texts), return_index=True)[1]
    if len(kept) == len(unit_glosses):  # every text stands once: the same places
        return [_at(k, hits, n_others, places.first_by_position, places) for k in ks]
    texts = {int(gloss_texts[row]): at for at, row in enumerate(kept)}
    merged = torch.tensor(
        [texts[int(gloss_texts[row])] if row >= 0 else -1 for row in gold_rows], dtype=torch.long
    )
    shared = _gold_places(unit, unit_glosses[torch.from_numpy(kept)], merged)
    return [_at(k, hits, n_others, places.first_by_position, shared) for k in ks]


@dataclass(frozen=True, slots=True)
class _Places:
    """Where gold glosses stand: how many score higher, how many tie, and the paper's rank."""

    higher: Tensor
    tied: Tensor
    first_by_position: Tensor


def _at(k: int, hits: Tensor, n_others: Tensor, ranks: Tensor, shared: _Places) -> Retrieval:
    found = hits[:, :k].sum(dim=1).double()
    any_hit = (found > 0).double()
    can = n_others > 0
    reachable = n_others.clamp(max=k).clamp(min=1)
    recall = float(any_hit.mean())
    precision = float((found / reachable)[can].mean()) if bool(can.any()) else 0.0
    both = recall + precision
    return Retrieval(
        k,
        recall,
        precision,
        2 * recall * precision / both if both else 0.0,
        float(_gain(ranks.double(), k).mean()),
        float(any_hit[can].mean()) if bool(can.any()) else 0.0,
        float((found[can] / n_others[can]).mean()) if bool(can.any()) else 0.0,
        float(_shared_gain(shared, k).mean()),
    )


def _gain(rank: Tensor, k: int) -> Tensor:
    return torch.where(rank <= k, 1.0 / torch.log2(rank + 1), torch.zeros_like(rank))


def _shared_gain(places: _Places, k: int) -> Tensor:
    """The mean gain over the places higher + 1 ... higher + 1 + tied."""
    gains = torch.zeros(k + 1, dtype=torch.double)
    gains[1:] = _gain(torch.arange(1, k + 1, dtype=torch.double), k)
    summed = gains.cumsum(0)
    first = places.higher.clamp(max=k)
    last = (places.higher + 1 + places.tied).clamp(max=k)
    return (summed[last] - summed[first]) / (places.tied + 1)


def _blocks(queries: Tensor, columns: Tensor) -> Iterator[tuple[int, Tensor]]:
    """Blocks of quantised similarities, each with the row it starts at."""
    rows = max(1, _BLOCK_BYTES // (4 * max(1, len(columns))))
    buffer = torch.empty((min(rows, len(queries)), len(columns)))
    for at in range(0, len(queries), rows):
        part = queries[at : at + rows]
        block = torch.mm(part, columns.T, out=buffer[: len(part)])
        yield at, block.mul_(_RESOLUTION).round_()


def _neighbour_hits(unit: Tensor, ids: Tensor, most: int) -> Tensor:
    """(n, most) booleans: the neighbour at each place has the item's synset."""
    hits = torch.zeros(len(unit), most, dtype=torch.bool)
    for at, block in _blocks(unit, unit):
        n = len(block)
        own = torch.arange(at, at + n)
        block[torch.arange(n), own] = float("-inf")
        hits[at : at + n] = ids[_first(block, most)] == ids[own][:, None]
    return hits


def _first(block: Tensor, k: int) -> Tensor:
    """(n, k) columns of the k largest, equal ones by position."""
    wider = min(k + 1, block.shape[1])
    values, columns = block.topk(wider, dim=1)
    if wider > k:
        unclear = values[:, k - 1] == values[:, k]
        values, columns = values[:, :k], columns[:, :k]
        for row in torch.nonzero(unclear)[:, 0].tolist():
            # Ties across the border: topk may take any of them, position must decide.
            columns[row] = _first_of_row(block[row], float(values[row, k - 1]), k)
    columns, _ = columns.sort(dim=1)
    order = block.gather(1, columns).sort(dim=1, descending=True, stable=True).indices
    return columns.gather(1, order)


def _first_of_row(row: Tensor, border: float, k: int) -> Tensor:
    above = torch.nonzero(row > border)[:, 0]
    level = torch.nonzero(row == border)[:, 0]
    return torch.cat([above, level])[:k]


def _gold_places(unit: Tensor, glosses: Tensor, gold: Tensor) -> _Places:
    n, m = len(unit), len(glosses)
    higher = torch.full((n,), m, dtype=torch.long)
    tied = torch.zeros(n, dtype=torch.long)
    ranks = torch.full((n,), m + 1, dtype=torch.long)
    known = torch.nonzero(gold >= 0)[:, 0]
    for at, block in _blocks(unit[known], glosses):
        rows = known[at : at + len(block)]
        score = block.gather(1, gold[rows][:, None])
        above = (block > score).sum(dim=1)
        equal = block == score
        level = equal.sum(dim=1) - 1
        ranks[rows] = above + 1
        for i in torch.nonzero(level)[:, 0].tolist():
            ranks[rows[i]] += equal[i, : int(gold[rows[i]])].sum()
        higher[rows], tied[rows] = above, level
    return _Places(higher, tied, ranks)
