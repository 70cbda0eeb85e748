"""ViConBERT: a backbone, the target's attention over its states, a projection to gloss space."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from transformers import AutoModel, PreTrainedModel

from trainer.model.config import ViConBERTConfig
from trainer.model.cross_encoder import CrossEncoderHead
from trainer.text.inputs import EncoderInput


def masked_mean(states: Tensor, mask: Tensor) -> Tensor:
    """(B, d) means of ``states`` (B, L, d) over the positions where ``mask`` (B, L) is true."""
    weights = mask.to(states.dtype)
    weights = weights / weights.sum(dim=1, keepdim=True).clamp(min=1.0)
    return (weights.unsqueeze(1) @ states).squeeze(1)


class TargetAttention(nn.Module):
    """c = MultiHeadAttention(query = target mean, key = value = H); no residual, no norm.

    Source: ViConBERT. Unlike its public code, keys on padding get no weight, so that a vector
    does not depend on the other rows of its batch. With ``mapped`` the query is ``query_map`` times
    the target mean: its distilled meaning, as arXiv 2409.08719 has it in closed form.
    """

    def __init__(self, width: int, n_heads: int, mapped: bool = False) -> None:
        super().__init__()
        self.query_map: Tensor | None
        self.register_buffer("query_map", torch.eye(width) if mapped else None)
        self.attention = nn.MultiheadAttention(width, n_heads, batch_first=True)

    def forward(self, states: Tensor, attention_mask: Tensor, target_mask: Tensor) -> Tensor:
        """(B, d) from states (B, L, d) and two masks (B, L)."""
        query = masked_mean(states, target_mask)
        if self.query_map is not None:
            query = query @ self.query_map.T
        query = query.unsqueeze(1)
        # With keys and values as one tensor an ONNX graph keeps the length it was traced at.
        values = states.view_as(states) if torch.onnx.is_in_onnx_export() else states
        context, _ = self.attention(
            query,
            states,
            values,
            key_padding_mask=attention_mask == 0,
            need_weights=False,
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


class ViConBERT(PreTrainedModel):
    """The sense-aware encoder; making one never reads weights."""

    config_class = ViConBERTConfig
    base_model_prefix = "viconbert"

    def __init__(self, config: ViConBERTConfig) -> None:
        super().__init__(config)
        backbone: Any = config.backbone
        self.backbone = AutoModel.from_config(backbone)
        width = int(backbone.get_text_config().hidden_size)
        self.attention = TargetAttention(width, config.heads, config.distilled_query)
        self.head = ProjectionHead(
            width, config.head_width, config.gloss_width, config.blocks, config.dropout
        )
        self.cross_encoder = None
        if config.cross_encoder:
            self.cross_encoder = CrossEncoderHead(
                2 * width * len(config.cross_encoder_layers),
                config.cross_encoder_width,
                config.cross_encoder_dropout,
                config.likelihood,
            )
        self.centre: Tensor
        self.spread: Tensor
        self.register_buffer("centre", torch.zeros(width))
        self.register_buffer("spread", torch.ones(width))
        self.vocabulary: Tensor
        self.register_buffer("vocabulary", torch.zeros(config.n_vocabulary, dtype=torch.long))
        self.post_init()  # type: ignore[no-untyped-call]

    def _init_weights(self, module: nn.Module) -> None:
        """Only the head's linear layers get fresh weights; backbones initialise themselves."""
        if isinstance(module, nn.Linear) and any(
            module is own for own in (*self.head.modules(), *self.attention.modules())
        ):
            nn.init.xavier_uniform_(module.weight)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        elif isinstance(module, nn.LayerNorm):
            nn.init.ones_(module.weight)
            nn.init.zeros_(module.bias)

    def states(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """(B, L, d) hidden states of the configured layer."""
        wanted = self.config.layer
        output = self.backbone(
            input_ids=input_ids, attention_mask=attention_mask, output_hidden_states=wanted != -1
        )
        chosen = output.last_hidden_state if wanted == -1 else output.hidden_states[wanted]
        states: Tensor = chosen.to(self.head.project_in.weight.dtype)
        return states

    def target_means(self, batch: EncoderInput) -> Tensor:
        """(B, d) means of the backbone's states over the target: the frozen baseline."""
        return masked_mean(self.states(batch.input_ids, batch.attention_mask), batch.target_mask)

    def forward(self, input_ids: Tensor, attention_mask: Tensor, target_mask: Tensor) -> Tensor:
        """(B, gloss_width) sense vectors of the targets; all inputs are (B, L)."""
        return self.vectors(self.states(input_ids, attention_mask), attention_mask, target_mask)

    def encode_batch(self, batch: EncoderInput) -> Tensor:
        """(B, gloss_width) sense vectors; the backbone only reads where the batch has no states."""
        states = batch.states
        if states is None:
            states = self.states(batch.input_ids, batch.attention_mask)
        return self.vectors(states, batch.attention_mask, batch.target_mask)

    def vectors(self, states: Tensor, attention_mask: Tensor, target_mask: Tensor) -> Tensor:
        """(B, gloss_width) sense vectors from the backbone's states (B, L, d), of any precision."""
        states = (states.to(self.head.project_in.weight.dtype) - self.centre) / self.spread
        found: Tensor = self.head(self.attention(states, attention_mask, target_mask))
        return found

    def standardise(self, targets: Tensor) -> None:
        """Has the head see states standardised by those of some targets (n, d).

        For a backbone that is frozen, wholly or below its upper layers: nothing else brings its
        states to a scale that a head can learn from (a few of a pretrained decoder's numbers are
        a hundred times larger than the rest).
        """
        self.centre.copy_(targets.mean(dim=0))
        self.spread.copy_(targets.std(dim=0, correction=0).clamp(min=1e-4))
