"""Cosine similarity between two sets of vectors."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import normalize


def cosine(left: Tensor, right: Tensor) -> Tensor:
    """(n, m) cosines of the rows of ``left`` (n, d) and ``right`` (m, d); zero rows give 0."""
    return torch.matmul(normalize(left, dim=-1), normalize(right, dim=-1).T)
