"""Cross entropy over the candidate senses of each target, as the disambiguator decides."""

from __future__ import annotations

from torch import Tensor
from torch.nn.functional import cross_entropy


def candidate_cross_entropy(logits: Tensor, gold: Tensor, allowed: Tensor) -> Tensor:
    """- mean_i log softmax over i's candidates at its gold sense; 0 where nothing competes.

    ``logits`` (n, c); ``gold`` (n,) columns; ``allowed`` (n, c) is False on padding and on
    candidates that must not be negatives (they mean what the gold one means: ``echoes``); the
    gold column is True. Rows with one allowed candidate teach nothing and are not counted.
    Source: BEM (arXiv 2005.02590).
    """
    contested = allowed.sum(dim=1) > 1
    if not bool(contested.any()):
        return logits.sum() * 0.0
    logits = logits.masked_fill(~allowed, float("-inf"))
    return cross_entropy(logits[contested], gold[contested])
