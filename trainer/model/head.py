"""From the target's context vector to the space of the gloss vectors."""

from __future__ import annotations

from torch import Tensor, nn


class Block(nn.Module):
    """x + GELU(Dropout(LayerNorm(W x))). Source: ViConBERT's code."""

    def __init__(self, width: int, dropout: float) -> None:
        super().__init__()
        self.linear = nn.Linear(width, width)
        self.norm = nn.LayerNorm(width)
        self.dropout = nn.Dropout(dropout)
        self.activation = nn.GELU()

    def forward(self, x: Tensor) -> Tensor:
        """(B, width) to (B, width)."""
        change: Tensor = self.activation(self.dropout(self.norm(self.linear(x))))
        return x + change


class ProjectionHead(nn.Module):
    """z = W_out(block^n(W_in c)): (B, d) to (B, gloss_width)."""

    def __init__(
        self, in_width: int, width: int, out_width: int, n_blocks: int, dropout: float
    ) -> None:
        super().__init__()
        self.project_in = nn.Linear(in_width, width)
        self.blocks = nn.ModuleList(Block(width, dropout) for _ in range(n_blocks))
        self.project_out = nn.Linear(width, out_width)

    def forward(self, context: Tensor) -> Tensor:
        """(B, in_width) to (B, out_width)."""
        x: Tensor = self.project_in(context)
        for block in self.blocks:
            x = block(x)
        out: Tensor = self.project_out(x)
        return out
