"""Retrieval metrics, exact and blockwise (``nearest``).

Scores are cosines, negative ones included, compared at a resolution of 2^-20; the paper's metrics
break ties by position.
Source of the definitions: ViConBERT's code (``recall``, ``precision``, ``f1``, ``ndcg``).
The corrected variants are named apart: ``answerable_recall`` counts only items that have
another context of their synset, ``full_recall`` is the share of those contexts found, and
``gloss_ndcg`` counts equal glosses once and lets ties share their places.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from schemas.evaluation import RetrievalResult
from trainer.evaluation.nearest import NO_SCORE, Vectors, shortlists

KS = (1, 5, 10)
_NOWHERE = 2**40


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
    Memory: half a copy of the vectors and some blocks of at most 96 MiB.
    """
    own, others = Vectors.of(contexts), Vectors.of(glosses)
    ids = torch.tensor(synsets, dtype=torch.long)
    n_others = torch.bincount(ids, minlength=1)[ids] - 1
    hits = _neighbour_hits(own, ids, min(max(ks), max(1, len(own) - 1)))
    gold = torch.tensor(gold_rows, dtype=torch.long)
    by_position = shared = _gold_places(own, others, gold, max(ks))
    _, first, text_of = np.unique(np.asarray(gloss_texts), return_index=True, return_inverse=True)
    if len(first) < len(others):
        merged = torch.where(gold < 0, -1, torch.from_numpy(text_of)[gold])
        shared = _gold_places(own, Vectors.of(glosses[first]), merged, max(ks))
    return [_at(k, hits, n_others, by_position.ranks, shared) for k in ks]


@dataclass(frozen=True, slots=True)
class _Places:
    """Where gold glosses stand (n,): how many score higher, how many tie, the paper's rank."""

    higher: Tensor
    tied: Tensor
    ranks: Tensor

    @classmethod
    def nowhere(cls, n: int) -> _Places:
        """Past every k: of a gloss that is missing, or too far away to count."""
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


def _neighbour_hits(vectors: Vectors, ids: Tensor, most: int) -> Tensor:
    """(n, most) booleans: the neighbour at each place has the item's synset."""
    hits = torch.zeros(len(vectors), most, dtype=torch.bool)
    if len(vectors) < 2:
        return hits
    for part in shortlists(vectors, vectors, most, without_self=True):
        hits[part.rows] = ids[part.first(most)] == ids[part.rows, None]
    return hits


def _gold_places(contexts: Vectors, glosses: Vectors, gold: Tensor, most: int) -> _Places:
    """The places of the glosses ``gold`` (n,) among all, where they are at most ``most``."""
    places = _Places.nowhere(len(gold))
    for part in shortlists(contexts, glosses, min(most, len(glosses))):
        own = gold[part.rows, None]
        is_gold = part.columns == own
        found = is_gold.any(dim=1)
        score = part.scores.masked_fill(~is_gold, NO_SCORE).amax(dim=1, keepdim=True)
        level = (part.scores == score) & ~is_gold
        higher = (part.scores > score).sum(dim=1)
        rows = part.rows[found]
        places.higher[rows] = higher[found]
        places.tied[rows] = level.sum(dim=1)[found]
        places.ranks[rows] = (higher + 1 + (level & (part.columns < own)).sum(dim=1))[found]
    return places
