"""Retrieval metrics, exact, a block of products at a time.

Scores are cosines, negative ones included, rounded to whole steps of 2^-20: so equal vectors tie
whatever the order of summation. The paper's metrics break ties by position.
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

from schemas.evaluation import RetrievalResult

KS = (1, 5, 10)
_NOWHERE = 2**40
_STEPS = 2.0**20
"""In a cosine of 1: whole numbers up to it are exact in float32."""
_BLOCK_BYTES = 40 << 20
"""Of products at a time, and of what is made of them; larger blocks are no faster."""


def retrieval_metrics(
    contexts: NDArray[np.float32],
    synsets: Sequence[int],
    glosses: NDArray[np.float32],
    gold_rows: Sequence[int],
    gloss_texts: Sequence[int],
    ks: Sequence[int] = KS,
) -> list[RetrievalResult]:
    """All metrics of context vectors (n, d) against each other and gloss vectors (m, d).

    ``synsets`` (n,) number the contexts' synsets; ``gold_rows`` (n,) their glosses' rows, -1 for
    a gloss that is missing (found by nobody); ``gloss_texts`` (m,) number distinct texts.
    Memory: three blocks of at most 40 MiB.
    """
    ids = torch.tensor(synsets, dtype=torch.long)
    n_others = torch.bincount(ids, minlength=1)[ids] - 1
    hits = _neighbour_hits(contexts, ids, min(max(ks), max(1, len(ids) - 1)))
    gold = torch.tensor(gold_rows, dtype=torch.long)
    by_position = shared = _gold_places(contexts, glosses, gold)
    _, first, text_of = np.unique(np.asarray(gloss_texts), return_index=True, return_inverse=True)
    if len(first) < len(glosses):
        merged = torch.where(gold < 0, -1, torch.from_numpy(text_of)[gold])
        shared = _gold_places(contexts, glosses[first], merged)
    return [_at(k, hits, n_others, by_position.ranks, shared) for k in ks]


@dataclass(frozen=True, slots=True)
class _Places:
    """Where gold glosses stand (n,): how many score higher, how many tie, the paper's rank."""

    higher: Tensor
    tied: Tensor
    ranks: Tensor

    @classmethod
    def nowhere(cls, n: int) -> _Places:
        """Past every k: of a gloss that is missing."""
        return cls(*(torch.full((n,), number) for number in (_NOWHERE, 0, _NOWHERE)))


def _at(k: int, hits: Tensor, n_others: Tensor, ranks: Tensor, shared: _Places) -> RetrievalResult:
    found = hits[:, :k].sum(dim=1).double()
    any_hit = (found > 0).double()
    can = n_others > 0
    reachable = n_others.clamp(max=k).clamp(min=1)
    recall = float(any_hit.mean())
    precision = float((found / reachable)[can].mean()) if bool(can.any()) else 0.0
    both = recall + precision
    return RetrievalResult(
        k=k,
        recall=recall,
        precision=precision,
        f1=2 * recall * precision / both if both else 0.0,
        ndcg=float(_gain(ranks.double(), k).mean()),
        answerable_recall=float(any_hit[can].mean()) if bool(can.any()) else 0.0,
        full_recall=float((found[can] / n_others[can]).mean()) if bool(can.any()) else 0.0,
        gloss_ndcg=float(_shared_gain(shared, k).mean()),
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


def _neighbour_hits(contexts: NDArray[np.float32], ids: Tensor, most: int) -> Tensor:
    """(n, most) booleans: the neighbour at each place has the item's synset."""
    hits = torch.zeros(len(ids), most, dtype=torch.bool)
    if len(ids) < 2:
        return hits
    for rows, scores in _score_blocks(contexts, contexts):
        scores.diagonal(int(rows[0])).fill_(float("-inf"))
        hits[rows] = ids[_first(scores, most)] == ids[rows, None]
    return hits


def _gold_places(
    contexts: NDArray[np.float32], glosses: NDArray[np.float32], gold: Tensor
) -> _Places:
    """The places of the glosses ``gold`` (n,) among all."""
    places = _Places.nowhere(len(gold))
    columns = torch.arange(len(glosses))
    for rows, scores in _score_blocks(contexts, glosses):
        known = gold[rows] >= 0
        own = gold[rows, None].clamp(min=0)
        score = scores.gather(1, own)
        # Marks that are numbers are summed several times faster than booleans.
        marks = torch.empty_like(scores)
        higher = torch.gt(scores, score, out=marks).sum(dim=1).long()
        tied = torch.eq(scores, score, out=marks).sum(dim=1).long() - 1
        before = torch.zeros_like(tied)
        some = tied > 0
        before[some] = (marks[some] * (columns < own[some])).sum(dim=1).long()
        places.higher[rows[known]] = higher[known]
        places.tied[rows[known]] = tied[known]
        places.ranks[rows[known]] = (higher + 1 + before)[known]
    return places


def _score_blocks(
    queries: NDArray[np.float32], columns: NDArray[np.float32]
) -> Iterator[tuple[Tensor, Tensor]]:
    """Numbers (r,) of queries and their scores (r, m) with all columns, whole numbers."""
    # Without a copy of vectors that can be written to, as torch wants them; zeros stay zeros.
    left, right = (
        torch.from_numpy(np.require(v, np.float32, ["C", "W"])) for v in (queries, columns)
    )
    scales = [v.norm(dim=1).clamp_(min=1e-12).reciprocal_() for v in (left, right)]
    height = max(1, _BLOCK_BYTES // (4 * max(1, len(right))))
    for rows in torch.arange(len(left)).split(height):
        part = left[rows] * (scales[0][rows, None] * _STEPS)
        yield rows, torch.mm(part, right.T).mul_(scales[1]).round_()


def _first(scores: Tensor, k: int) -> Tensor:
    """(r, k) columns of the k highest scores, the highest first, equal ones by position."""
    top = scores.topk(min(k + 1, scores.shape[1]), dim=1)
    columns = top.indices[:, :k].sort(dim=1).values
    order = scores.gather(1, columns).sort(dim=1, descending=True, stable=True).indices
    found = columns.gather(1, order)
    # Where the next one ties with the last, topk has taken any of them.
    last = top.values[:, k - 1]
    for row in (top.values[:, -1] == last).nonzero()[:, 0].tolist():
        near = (scores[row] >= last[row]).nonzero()[:, 0]
        found[row] = near[scores[row, near].sort(descending=True, stable=True).indices[:k]]
    return found
