"""ViConBERT: a backbone, a target attention and a projection into gloss space."""

from __future__ import annotations

from typing import Any, Self

import torch
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel, PreTrainedModel

from trainer.model.config import ViConBERTConfig
from trainer.model.cross_encoder import N_LIKELIHOODS, CrossEncoderHead, joint_states, likelihoods
from trainer.model.head import ProjectionHead, TargetAttention, masked_mean
from trainer.storage.pretrained import opening_pretrained
from trainer.text.inputs import EncoderInput


class ViConBERT(PreTrainedModel):
    """The sense-aware encoder; making one never reads weights (see :meth:`from_backbone`)."""

    config_class = ViConBERTConfig
    base_model_prefix = "viconbert"

    def __init__(self, config: ViConBERTConfig) -> None:
        super().__init__(config)
        backbone: Any = config.backbone
        self.backbone = AutoModel.from_config(backbone)
        width = int(backbone.get_text_config().hidden_size)
        self.attention = TargetAttention(width, config.heads)
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

    @classmethod
    def from_backbone(
        cls, name_or_path: str, dtype: torch.dtype = torch.float32, **settings: Any
    ) -> Self:
        """A new head over the pretrained backbone of that name or folder."""
        with opening_pretrained(name_or_path):
            backbone = AutoModel.from_pretrained(name_or_path, dtype=dtype)
        config = ViConBERTConfig(backbone=backbone.config.to_dict(), **settings)
        model = cls(config)
        model.backbone.to(dtype)
        model.backbone.load_state_dict(backbone.state_dict())
        return model

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

    def encode(self, batch: EncoderInput) -> Tensor:
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

    def pair_features(self, batch: EncoderInput, sentence_mask: Tensor) -> tuple[Tensor, Tensor]:
        """(B, 2d * layers) states and (B, 2) likelihoods of sentences read after their glosses.

        ``sentence_mask`` (B, L) is true where the sentence stands in its row.
        """
        ids, target = batch.input_ids, batch.target_mask
        output = self.backbone(
            input_ids=ids, attention_mask=batch.attention_mask, output_hidden_states=True
        )
        chosen = [
            output.hidden_states[min(layer, len(output.hidden_states) - 1)].float()
            for layer in self.config.cross_encoder_layers
        ]
        states = torch.cat([joint_states(own, target, sentence_mask) for own in chosen], dim=1)
        if not self.config.likelihood:
            return states, states.new_zeros(len(states), N_LIKELIHOODS)
        weights = self.backbone.get_input_embeddings().weight
        last = output.last_hidden_state
        found = likelihoods(last, ids, target, sentence_mask, weights, self.vocabulary)
        return states, found


def reads_one_way(name_or_path: str) -> bool:
    """Whether the backbone is decoder-only: its tokens see only what stands before them."""
    from transformers.models.auto.modeling_auto import (
        MODEL_FOR_CAUSAL_LM_MAPPING_NAMES,
        MODEL_FOR_MASKED_LM_MAPPING_NAMES,
    )

    with opening_pretrained(name_or_path):
        kind = AutoConfig.from_pretrained(name_or_path).model_type
    return (
        kind in MODEL_FOR_CAUSAL_LM_MAPPING_NAMES and kind not in MODEL_FOR_MASKED_LM_MAPPING_NAMES
    )
