"""The distillers of arXiv 2409.08719: attention over a target's layers, for meaning and context."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from schemas.errors import UsageError


@dataclass(frozen=True, slots=True)
class Distilled:
    """Of n targets the mean state ``y``, the meaning ``m`` and the context ``c``, each (n, d)."""

    y: Tensor
    m: Tensor
    c: Tensor

    def of(self, rows: Tensor) -> Distilled:
        """Those of some targets."""
        return Distilled(self.y[rows], self.m[rows], self.c[rows])


def check_heads(width: int, heads: int) -> None:
    """Raises UsageError where the heads cannot share the states' numbers evenly."""
    if width % heads:
        raise UsageError(f"heads = {heads} does not divide the states' {width} numbers")


class LayerDistiller(nn.Module):
    """One transformer layer over the layers of one target, then their mean.

    The layers have no places, so that their order does not matter. Parameters: 12 d^2 + 13 d at
    ``feed_forward = 4``.
    """

    def __init__(self, width: int, heads: int, feed_forward: int, dropout: float) -> None:
        super().__init__()
        check_heads(width, heads)
        self.layer = nn.TransformerEncoderLayer(
            width, heads, feed_forward * width, dropout, activation="gelu", batch_first=True
        )

    def forward(self, states: Tensor) -> Tensor:
        """(n, d) from (n, layers, d)."""
        found: Tensor = self.layer(states).mean(dim=1)
        return found


class AttentionDistiller(nn.Module):
    """A distiller of the meaning and one of the context."""

    def __init__(
        self, width: int, heads: int = 8, feed_forward: int = 4, dropout: float = 0.1
    ) -> None:
        super().__init__()
        self.shape = {"width": width, "heads": heads, "feed_forward": feed_forward}
        self.meaning = LayerDistiller(width, heads, feed_forward, dropout)
        self.context = LayerDistiller(width, heads, feed_forward, dropout)

    def forward(self, states: Tensor) -> Distilled:
        """Of standardised states (n, layers, d)."""
        return Distilled(states.mean(dim=1), self.meaning(states), self.context(states))

    @property
    def device(self) -> torch.device:
        """Where its weights lie."""
        return next(self.parameters()).device
