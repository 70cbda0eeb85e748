"""A weighted sum of losses over one joint batch, as the settings say."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

from trainer.objectives.losses import (
    candidate_cross_entropy,
    cosine,
    info_nce,
    reference_loss,
    structure_loss,
)
from trainer.objectives.negatives import GlossTable, false_negatives
from trainer.settings import ObjectiveSettings

_MAX_LOG_SCALE = math.log(100.0)


@dataclass(frozen=True, slots=True)
class JointBatch:
    """Who the n items of a batch are, over all devices.

    ``gloss`` (n,) is each item's row in the gloss table; ``candidates`` (n, c) are the rows of
    its lemma's senses, -1 where there are fewer; the gold row is among them. A gloss row stands
    for a synset.
    """

    gloss: Tensor
    candidates: Tensor


class Objective(nn.Module):
    """The training loss of context vectors against a frozen gloss table."""

    def __init__(self, settings: ObjectiveSettings) -> None:
        super().__init__()
        self.settings = settings
        scale = torch.tensor(math.log(1.0 / settings.temperature))
        self.log_scale: Tensor
        if settings.learned_temperature:
            self.log_scale = nn.Parameter(scale)
        else:
            self.register_buffer("log_scale", scale)

    @property
    def scale(self) -> Tensor:
        """1 / temperature, at most 100."""
        return self.log_scale.clamp(max=_MAX_LOG_SCALE).exp()

    def forward(self, contexts: Tensor, batch: JointBatch, table: GlossTable) -> Tensor:
        """The loss of ``contexts`` (n, d), a scalar."""
        s = self.settings
        own = table.vectors[batch.gloss]
        if s.reference:
            return reference_loss(contexts, own, batch.gloss, s.temperature, s.structure)
        loss = contexts.sum() * 0.0
        if s.contrast or s.reverse:
            loss = loss + self._contrast(contexts, batch, table)
        if s.structure:
            loss = loss + s.structure * structure_loss(contexts, own)
        if s.candidates:
            loss = loss + s.candidates * self._candidates(contexts, batch, table)
        return loss

    def _contrast(self, contexts: Tensor, batch: JointBatch, table: GlossTable) -> Tensor:
        s = self.settings
        columns = batch.gloss
        if s.hard_negatives:
            siblings = batch.candidates[batch.candidates >= 0]
            extra = torch.unique(siblings)
            extra = extra[~torch.isin(extra, columns)]
            columns = torch.cat([columns, extra])
        similarity = cosine(contexts, table.vectors[columns]) * self.scale
        positives = batch.gloss[:, None] == columns[None, :]
        left_out = None
        if s.equal_glosses_apart:
            gold, others = batch.gloss[:, None], columns[None, :]
            left_out = false_negatives(gold, others, table, s.near_equal)
        loss = s.contrast * info_nce(similarity, positives, left_out)
        if s.reverse:
            n = len(batch.gloss)
            back = None if left_out is None else left_out[:, :n].T
            loss = loss + s.reverse * info_nce(similarity[:, :n].T, positives[:, :n].T, back)
        return loss

    def _candidates(self, contexts: Tensor, batch: JointBatch, table: GlossTable) -> Tensor:
        present = batch.candidates >= 0
        rows = batch.candidates.clamp(min=0)
        vectors = normalize(table.vectors[rows], dim=-1)
        logits = torch.einsum("nd,ncd->nc", normalize(contexts, dim=-1), vectors) * self.scale
        is_gold = present & (rows == batch.gloss[:, None])
        gold, near = batch.gloss[:, None], self.settings.near_equal
        allowed = present & ~false_negatives(gold, batch.candidates, table, near)
        return candidate_cross_entropy(logits, is_gold.int().argmax(dim=1), allowed)
