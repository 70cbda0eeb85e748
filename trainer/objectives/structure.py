"""The structure loss: context vectors keep the distances of their glosses."""

from __future__ import annotations

from torch import Tensor

from trainer.objectives.cosine import cosine


def structure_loss(contexts: Tensor, glosses: Tensor) -> Tensor:
    """mean_ij [ (1 - cos(z_i, z_j)) - (1 - cos(g_i, g_j)) ]^2 over all n x n pairs.

    ``contexts`` (n, d) and the own ``glosses`` (n, e) of the same items. Source: ViConBERT.
    """
    return (cosine(glosses, glosses) - cosine(contexts, contexts)).pow(2).mean()
