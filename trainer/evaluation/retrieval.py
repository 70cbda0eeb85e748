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

KS = (1, 5, 10)
_LENGTH = float(2**10)
"""Of all vectors here: a product is then a cosine in steps of 2^-20."""
_BLOCK_ROWS = 384
"""Enough for a fast product; what is done with a block finds most of it in the cache."""
_BLOCK_BYTES = 192 << 20
_GROUP = 32
_NOWHERE = 2**40
"""The rank of a gloss that is missing."""


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
    Memory: a copy of the vectors and a block of at most 192 MiB twice.
    """
    own, others = _lengthened(contexts), _lengthened(glosses)
    ids = torch.tensor(synsets, dtype=torch.long)
    n_others = torch.bincount(ids, minlength=1)[ids] - 1
    hits = _neighbour_hits(own, ids, min(max(ks), max(1, len(own) - 1)))
    by_position, shared = _gold_places(own, others, gold_rows, gloss_texts)
    return [_at(k, hits, n_others, by_position.ranks, shared) for k in ks]


@dataclass(frozen=True, slots=True)
class _Places:
    """Where gold glosses stand (n,): how many score higher, how many tie, the paper's rank."""

    higher: Tensor
    tied: Tensor
    ranks: Tensor


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


def _lengthened(vectors: NDArray[np.float32]) -> Tensor:
    """(n, d) copies of the vectors, all as long as ``_LENGTH``; zeros stay."""
    found = torch.tensor(vectors)
    lengths = found.norm(dim=1, keepdim=True).clamp_(min=1e-12)
    return found.div_(lengths).mul_(_LENGTH)


def _blocks(queries: Tensor, columns: Tensor) -> Iterator[tuple[slice, Tensor]]:
    """The rows of each block, and their quantised similarities (rows, columns).

    Columns of -inf follow, up to a whole number of groups.
    """
    n = len(columns)
    width = -(-n // _GROUP) * _GROUP
    rows = max(1, min(_BLOCK_ROWS, len(queries), _BLOCK_BYTES // (4 * width)))
    buffer = torch.full((rows, width), float("-inf"))
    for at in range(0, len(queries), rows):
        part = queries[at : at + rows]
        block = buffer[: len(part)]
        torch.mm(part, columns.T, out=block[:, :n])
        yield slice(at, at + len(part)), block.round_()


def _neighbour_hits(vectors: Tensor, ids: Tensor, most: int) -> Tensor:
    """(n, most) booleans: the neighbour at each place has the item's synset."""
    hits = torch.zeros(len(vectors), most, dtype=torch.bool)
    if len(vectors) < 2:
        return hits
    for rows, block in _blocks(vectors, vectors):
        block.diagonal(rows.start).fill_(float("-inf"))
        hits[rows] = ids[_first(block, most)] == ids[rows, None]
    return hits


def _first(block: Tensor, k: int) -> Tensor:
    """(n, k) columns of the k largest, equal ones by position."""
    values, columns = _largest(block, k + 1)
    if values.shape[1] > k:
        unclear = values[:, k - 1] == values[:, k]
        values, columns = values[:, :k], columns[:, :k]
        for row in torch.nonzero(unclear)[:, 0].tolist():
            # Ties across the border: topk may take any of them, position must decide.
            columns[row] = _first_of_row(block[row], float(values[row, k - 1]), k)
    columns, _ = columns.sort(dim=1)
    order = block.gather(1, columns).sort(dim=1, descending=True, stable=True).indices
    return columns.gather(1, order)


def _largest(block: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """At most k largest values of each row, and columns where they stand.

    They stand in the k groups of columns with the largest maxima, found faster than themselves.
    """
    maxima = block.unflatten(1, (-1, _GROUP)).amax(dim=2)
    groups = maxima.topk(min(k, maxima.shape[1]), dim=1).indices
    columns = (groups[:, :, None] * _GROUP + torch.arange(_GROUP)).flatten(1)
    values, at = block.gather(1, columns).topk(min(k, columns.shape[1]), dim=1)
    return values, columns.gather(1, at)


def _first_of_row(row: Tensor, border: float, k: int) -> Tensor:
    above = torch.nonzero(row > border)[:, 0]
    level = torch.nonzero(row == border)[:, 0]
    return torch.cat([above, level])[:k]


def _gold_places(
    contexts: Tensor, glosses: Tensor, gold_rows: Sequence[int], texts: Sequence[int]
) -> tuple[_Places, _Places]:
    """The places among all glosses, and among one gloss of each text."""
    gold = torch.tensor(gold_rows, dtype=torch.long)
    _, first, text_of = np.unique(np.asarray(texts), return_index=True, return_inverse=True)
    one_each, column = torch.from_numpy(first), torch.from_numpy(text_of)
    all_distinct = len(first) == len(glosses)
    found: list[tuple[_Places, _Places]] = []
    for rows, block in _blocks(contexts, glosses):
        by_position = _places(block, gold[rows])
        shared = by_position
        if not all_distinct:
            merged = torch.where(gold[rows] < 0, -1, column[gold[rows]])
            shared = _places(block[:, one_each], merged)
        found.append((by_position, shared))
    by_position, shared = (_joined(parts) for parts in zip(*found, strict=True))
    return by_position, shared


def _places(block: Tensor, gold: Tensor) -> _Places:
    """The places of the columns ``gold`` (n,) in their rows; nowhere where it is -1."""
    missing = gold < 0
    column = gold.clamp(min=0)[:, None]
    score = block.gather(1, column)
    marks = torch.empty_like(block)  # of floats, which add up far faster than booleans
    higher = torch.gt(block, score, out=marks).sum(dim=1).long()
    tied = torch.eq(block, score, out=marks).sum(dim=1).long() - 1
    ranks = higher + 1
    unclear = torch.nonzero(tied)[:, 0]
    ahead = torch.arange(block.shape[1]) < column[unclear]
    ranks[unclear] += (marks[unclear].bool() & ahead).sum(dim=1)
    return _Places(
        higher.masked_fill(missing, _NOWHERE),
        tied.masked_fill(missing, 0),
        ranks.masked_fill(missing, _NOWHERE),
    )


def _joined(parts: Sequence[_Places]) -> _Places:
    return _Places(
        torch.cat([part.higher for part in parts]),
        torch.cat([part.tied for part in parts]),
        torch.cat([part.ranks for part in parts]),
    )
