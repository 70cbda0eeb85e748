"""From a backbone's states to a sense vector: the target's attention, then a projection."""

from __future__ import annotations

from torch import Tensor, nn


def masked_mean(states: Tensor, mask: Tensor) -> Tensor:
    """(B, d) means of ``states`` (B, L, d) over the positions where ``mask`` (B, L) is true."""
    weights = mask.to(states.dtype)
    weights = weights / weights.sum(dim=1, keepdim=True).clamp(min=1.0)
    return (weights.unsqueeze(1) @ states).squeeze(1)


class TargetAttention(nn.Module):
    """c = MultiHeadAttention(query = target mean, key = value = H); no residual, no norm.

    Source: ViConBERT. Unlike its public code, keys on padding get no weight, so that a vector
    does not depend on the other rows of its batch.
    """

    def __init__(self, width: int, n_heads: int) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(width, n_heads, batch_first=True)

    def forward(self, states: Tensor, attention_mask: Tensor, target_mask: Tensor) -> Tensor:
        """(B, d) from states (B, L, d) and two masks (B, L)."""
        query = masked_mean(states, target_mask).unsqueeze(1)
        context, _ = self.attention(
            query, states, states, key_padding_mask=attention_mask == 0, need_weights=False
        )
        found: Tensor = context.squeeze(1)
        return found


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
