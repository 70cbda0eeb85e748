"""The target's query over its sentence, padding masked."""

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
