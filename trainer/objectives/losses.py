"""The losses: pure functions of vectors and of who belongs to whom."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, normalize


def cosine(left: Tensor, right: Tensor) -> Tensor:
    """(n, m) cosines of the rows of ``left`` (n, d) and ``right`` (m, d); zero rows give 0."""
    return torch.matmul(normalize(left, dim=-1), normalize(right, dim=-1).T)


def info_nce(similarity: Tensor, positives: Tensor, left_out: Tensor | None = None) -> Tensor:
    """- mean_i log( sum_{j in P(i)} exp(s_ij) / sum_j exp(s_ij) ), over rows with a positive.

    ``similarity`` (n, m) is divided by the temperature already; ``positives`` (n, m) marks P(i);
    columns in ``left_out`` (n, m) stand in neither sum. Source: ViConBERT (arXiv 2511.12249),
    where i is a positive of itself. Rows without a positive carry no information and are not
    counted; a batch of such rows has the loss 0.
    """
    if left_out is not None:
        similarity = similarity.masked_fill(left_out, float("-inf"))
        positives = positives & ~left_out
    usable = positives.any(dim=1)
    if not bool(usable.any()):
        return (similarity.nan_to_num() * 0.0).sum()
    similarity, positives = similarity[usable], positives[usable]
    numerator = similarity.masked_fill(~positives, float("-inf")).logsumexp(dim=1)
    return (similarity.logsumexp(dim=1) - numerator).mean()


def structure_loss(contexts: Tensor, glosses: Tensor) -> Tensor:
    """mean_ij [ (1 - cos(z_i, z_j)) - (1 - cos(g_i, g_j)) ]^2 over all n x n pairs.

    ``contexts`` (n, d) and the own ``glosses`` (n, e) of the same items: context vectors keep
    the distances of their glosses. Source: ViConBERT.
    """
    return (cosine(glosses, glosses) - cosine(contexts, contexts)).pow(2).mean()


def candidate_cross_entropy(logits: Tensor, gold: Tensor, allowed: Tensor) -> Tensor:
    """- mean_i log softmax over i's candidates at its gold sense; 0 where nothing competes.

    ``logits`` (n, c); ``gold`` (n,) columns; ``allowed`` (n, c) is False on padding and on false
    negatives; the gold column is True. Rows with one allowed candidate teach nothing and are not
    counted. Source: BEM (arXiv 2005.02590).
    """
    ambiguous = allowed.sum(dim=1) > 1
    if not bool(ambiguous.any()):
        return logits.sum() * 0.0
    logits = logits.masked_fill(~allowed, float("-inf"))
    return cross_entropy(logits[ambiguous], gold[ambiguous])


def reference_loss(
    contexts: Tensor,
    glosses: Tensor,
    synsets: Tensor,
    temperature: float = 0.2,
    structure_weight: float = 1.0,
) -> Tensor:
    """The loss of ViConBERT's public code with its faults, for comparison only.

    j = i stands in neither sum, and an item without another positive in its batch gets minus its
    largest similarity to a negative: minimising that pulls it towards its hardest negative (a
    sign error, kept here). Equal glosses of other synsets are negatives. ``contexts`` (n, d),
    ``glosses`` (n, d), ``synsets`` (n,).
    """
    n = len(contexts)
    similarity = cosine(contexts, glosses) / temperature
    itself = torch.eye(n, dtype=torch.bool, device=contexts.device)
    positives = (synsets[:, None] == synsets[None, :]) & ~itself
    others = similarity.masked_fill(itself, float("-inf"))
    lone = ~positives.any(dim=1)
    losses = []
    if bool((~lone).any()):
        rows, marks = others[~lone], positives[~lone]
        numerator = rows.masked_fill(~marks, float("-inf")).logsumexp(dim=1)
        losses.append(rows.logsumexp(dim=1) - numerator)
    if bool(lone.any()) and n > 1:
        losses.append(-others[lone].max(dim=1).values)
    contrast = torch.cat(losses).mean() if losses else similarity.sum() * 0.0
    return contrast + structure_weight * structure_loss(contexts, glosses)
