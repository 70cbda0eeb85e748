"""The fast reader: the first layers of a model's backbone under a head of its own, and E."""

from __future__ import annotations

import copy
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import normalize

from schemas.errors import UsageError
from trainer.model import ViConBERT
from trainer.model.build import config_of
from trainer.model.layers import backbone_layers
from trainer.model.vicon import ProjectionHead, TargetAttention


def first_layers(model: ViConBERT, n_layers: int | None, seed: int) -> ViConBERT:
    """The model over its backbone's first layers (None: half of them), with a fresh head.

    Weights of the backbone are shared with ``model`` until somebody trains them. Raises UsageError
    where there are fewer layers than that.
    """
    own_tensors = (*model.backbone.parameters(), *model.backbone.buffers())
    student = copy.deepcopy(model, {id(tensor): tensor for tensor in own_tensors})
    layers = backbone_layers(student.backbone)
    n = -(-len(layers) // 2) if n_layers is None else n_layers
    if n > len(layers):
        raise UsageError(
            f"[senses.bank.student] layers is {n}, but the model's backbone has {len(layers)}: "
            "lower it"
        )
    del layers[n:]
    for whole in (student.backbone.config, student.config.backbone):
        text = whole.get_text_config()
        text.num_hidden_layers = n
        if getattr(text, "layer_types", None):
            text.layer_types = text.layer_types[:n]
    config = config_of(student)
    config.layer, config.cross_encoder = -1, False
    student.cross_encoder = None
    width = int(student.backbone.config.get_text_config().hidden_size)
    torch.manual_seed(seed)
    student.attention = TargetAttention(width, config.heads)
    student.head = ProjectionHead(
        width, config.head_width, config.gloss_width, config.blocks, config.dropout
    )
    return student


def tune(student: ViConBERT) -> None:
    """Has the student's layers learn, as weights of its own."""
    student.backbone = copy.deepcopy(student.backbone)
    student.backbone.requires_grad_(False)
    backbone_layers(student.backbone).requires_grad_(True)


class SenseTable(nn.Module):
    """E: a vector for every sense, that starts at ``anchors`` (S, w)."""

    def __init__(self, anchors: Tensor) -> None:
        super().__init__()
        self.anchors: Tensor
        self.register_buffer("anchors", anchors, persistent=False)
        self.vectors = nn.Parameter(anchors.clone())

    def forward(self, contexts: Tensor, rows: Tensor) -> Tensor:
        """(n, c) cosines of contexts (n, w) and the senses ``rows`` (n, c), -1 where is none."""
        senses = normalize(self.vectors[rows.clamp(min=0)], dim=-1)
        return torch.einsum("nd,ncd->nc", normalize(contexts, dim=-1), senses)

    def moved(self, rows: Tensor) -> Tensor:
        """The mean squared distance of those senses from their anchors, summed over width."""
        own = torch.unique(rows[rows >= 0])
        return (self.vectors[own] - self.anchors[own]).square().sum(dim=1).mean()


def shares_loss(logits: Tensor, shares: Tensor, present: Tensor, weights: Tensor) -> Tensor:
    """- sum_i w_i sum_j p_ij log softmax(logits_i)_j / sum_i w_i over the present candidates.

    ``logits`` and ``shares`` are (n, c), ``weights`` (n,). Padding has no part in either sum, nor
    a share of 0 there a product with -inf.
    """
    logs = logits.masked_fill(~present, float("-inf")).log_softmax(dim=1)
    losses = -(shares * logs.masked_fill(~present, 0.0)).sum(dim=1)
    return (losses * weights).sum() / weights.sum()


def padded_shares(
    rows: Sequence[Sequence[int]], shares: Sequence[NDArray[np.float64]]
) -> tuple[Tensor, Tensor]:
    """(n, c) rows, -1 where there is none, and (n, c) shares, 0 there."""
    width = max(map(len, rows), default=1)
    numbers = torch.full((len(rows), width), -1, dtype=torch.long)
    found = torch.zeros(len(rows), width)
    for at, (own, p) in enumerate(zip(rows, shares, strict=True)):
        numbers[at, : len(own)] = torch.tensor(own)
        found[at, : len(own)] = torch.from_numpy(p)
    return numbers, found
