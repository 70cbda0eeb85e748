"""Retrieval metrics the way ViConBERT's public code takes them, rebuilt as a baseline.

Its evaluation multiplies 1,000 contexts at a time with all contexts, keeps the ten nearest, and
then visits every item once per k in a Python loop of small tensor operations; NDCG comes from
an exact inner-product search over the glosses and a second such loop.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import normalize

from trainer.evaluation.retrieval import KS

Vectors = NDArray[np.float32]
Metrics = list[tuple[float, float, float, float]]
"""For each k: recall, precision, F1 and NDCG."""

_CHUNK = 1000


class Sums:
    """What the loops add up, one item and k at a time."""

    def __init__(self, synsets: Sequence[int], gold: Sequence[int]) -> None:
        self.labels = torch.tensor(synsets)
        self.gold = gold
        self.sizes = Counter(synsets)
        self.recall = dict.fromkeys(KS, 0.0)
        self.precision = dict.fromkeys(KS, 0.0)
        self.n_many = dict.fromkeys(KS, 0)
        self.gain = dict.fromkeys(KS, 0.0)

    def add_neighbours(self, item: int, nearest: Tensor, k: int) -> None:
        """Recall and precision of one item from its nearest contexts."""
        matches = self.labels[nearest[:k]] == self.labels[item]
        self.recall[k] += matches.any().item()
        others = self.sizes[int(self.labels[item].item())] - 1
        if others:
            self.precision[k] += matches.float().sum().item() / min(k, others)
            self.n_many[k] += 1

    def add_glosses(self, item: int, ranked: list[int], k: int) -> None:
        """NDCG of one item from its nearest glosses, of which one is right."""
        hits = np.array([float(gloss == self.gold[item]) for gloss in ranked[:k]])
        best = max(1, int(hits.sum()))
        ideal = (np.ones(best) / np.log2(np.arange(2, best + 2))).sum()
        self.gain[k] += float((hits / np.log2(np.arange(2, k + 2))).sum() / ideal)

    def metrics(self) -> Metrics:
        n, found = len(self.labels), []
        for k in KS:
            r, p = self.recall[k] / n, self.precision[k] / max(1, self.n_many[k])
            found.append((r, p, 2 * r * p / (r + p) if r + p else 0.0, self.gain[k] / n))
        return found


def in_chunks(z: Vectors, synsets: Sequence[int], g: Vectors, gold: Sequence[int]) -> Metrics:
    """What the public evaluation runs: products in chunks, then loops over k and items."""
    contexts, glosses = _unit(z), _unit(g)
    sums, n, most = Sums(synsets, gold), len(z), max(KS)
    nearest = torch.empty((n, most), dtype=torch.long)
    ranked = torch.empty((n, most), dtype=torch.long)
    for at in range(0, n, _CHUNK):
        rows = torch.arange(at, min(at + _CHUNK, n))
        scores = torch.mm(contexts[rows], contexts.T)
        scores[rows - at, rows] = float("-inf")
        nearest[rows] = scores.topk(most, dim=1).indices
    for k in KS:
        for item in range(n):
            sums.add_neighbours(item, nearest[item], k)
    for at in range(0, n, _CHUNK):
        rows = torch.arange(at, min(at + _CHUNK, n))
        ranked[rows] = torch.mm(contexts[rows], glosses.T).topk(most, dim=1).indices
    for item in range(n):
        found = ranked[item].tolist()
        for k in KS:
            sums.add_glosses(item, found, k)
    return sums.metrics()


def _unit(vectors: Vectors) -> Tensor:
    return normalize(torch.from_numpy(vectors), dim=1)
