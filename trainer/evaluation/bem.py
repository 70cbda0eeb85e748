"""A context-gloss bi-encoder trained in the manner of BEM (arXiv 2005.02590), as a baseline."""

from __future__ import annotations

import copy
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from trainer.data import InventoryEntry, Item
from trainer.data.dataset import ambiguous_items
from trainer.model.vicon import masked_mean
from trainer.objectives import GlossTable, candidate_cross_entropy, false_negatives
from trainer.progress import progress_of
from trainer.settings import TrainSettings
from trainer.text.pieces import Tokenized
from trainer.training.components import Components
from trainer.training.dataset import TrainingSet, training_set

_BATCH = 32


class BemScorer:
    """Two encoders, one for contexts and one for glosses; the score is their dot product.

    Both start as the components' untrained backbone and learn by cross entropy over each item's
    candidates, false negatives left out. Where the settings freeze the backbone, a linear
    layer on each side learns, on standardised states that are computed once; where they train its
    upper layers, these learn on both sides.
    """

    def __init__(self, components: Components, settings: TrainSettings) -> None:
        self._components = components
        self._settings = settings
        model = components.model
        self._contexts = model.backbone
        self._glosses = (
            model.backbone if settings.freeze_backbone else copy.deepcopy(model.backbone)
        )
        width = int(model.config.backbone.get_text_config().hidden_size)
        self._width = width
        self._sides = nn.ModuleList([nn.Linear(width, width), nn.Linear(width, width)])
        for side in self._sides:
            nn.init.eye_(side.weight)  # type: ignore[arg-type]
            nn.init.zeros_(side.bias)  # type: ignore[arg-type]
        self._sides.to(model.device)
        numbers = components.inventory.text_numbers
        self._table = GlossTable.of(components.gloss_vectors, numbers, torch.device("cpu"))
        self._tokenized = [
            components.inputs.tokenize_text(text) for text in components.inventory.glosses
        ]
        self._known: dict[Tokenized, Tensor] = {}
        self._scales = [(torch.zeros(width), torch.ones(width))] * 2

    def _encode(self, rows: Sequence[Tokenized], side: int) -> Tensor:
        means = self._means(rows, side)
        centre, spread = (moment.to(means.device) for moment in self._scales[side])
        found: Tensor = self._sides[side]((means - centre) / spread)
        return found

    def _means(self, rows: Sequence[Tokenized], side: int) -> Tensor:
        """(n, d) means of the states over the targets; a frozen backbone reads each row once."""
        if not self._settings.freeze_backbone:
            return self._read(rows, side)
        unknown = [row for row in dict.fromkeys(rows) if row not in self._known]
        with torch.inference_mode(False):
            self._known.update(zip(unknown, self._untrained(unknown, side), strict=True))
        return torch.stack([self._known[row] for row in rows])

    @torch.no_grad()
    def _untrained(self, rows: Sequence[Tokenized], side: int) -> list[Tensor]:
        """The mean (d,) of each row, without gradients."""
        found: list[Tensor] = []
        with progress_of("encoding texts", len(rows)) as advance:
            for at in range(0, len(rows), _BATCH):
                found += self._read(rows[at : at + _BATCH], side)
                advance(min(_BATCH, len(rows) - at))
        return found

    def _read(self, rows: Sequence[Tokenized], side: int) -> Tensor:
        model = self._components.model
        batch = self._components.inputs.batch(rows).to(model.device)
        backbone = self._glosses if side else self._contexts
        wanted = model.config.layer
        output = backbone(
            input_ids=batch.input_ids,
            attention_mask=batch.attention_mask,
            output_hidden_states=wanted != -1,
        )
        states = output.last_hidden_state if wanted == -1 else output.hidden_states[wanted]
        return masked_mean(states, batch.target_mask).to(torch.float32)

    def _standardise(self, contexts: Sequence[Tokenized]) -> None:
        for side, rows in enumerate((contexts, self._tokenized)):
            frozen = self._settings.freeze_backbone
            means = self._means(rows, side) if frozen else torch.stack(self._untrained(rows, side))
            spread = means.std(dim=0, correction=0).clamp(min=1e-4)
            self._scales[side] = (means.mean(dim=0), spread)

    def train(self, items: Sequence[Item], epochs: int) -> None:
        """Learns from the items that have competing candidates."""
        inventory = self._components.inventory
        hard = ambiguous_items(items, inventory)
        if not hard:
            return
        training = training_set(hard, inventory, self._components.inputs)
        if self._settings.standardised:
            self._standardise(training.tokenized)
        modules = nn.ModuleList([self._sides])
        if not self._settings.freeze_backbone:
            modules.extend([self._contexts, self._glosses])
        modules.train()
        optimiser = torch.optim.AdamW(
            [
                {"params": self._sides.parameters(), "lr": self._settings.head_learning_rate},
                {
                    "params": [p for m in modules[1:] for p in m.parameters()],
                    "lr": self._settings.encoder_learning_rate,
                },
            ]
        )
        generator = torch.Generator().manual_seed(self._settings.seed)
        with progress_of("training the bi-encoder", epochs * len(hard)) as advance:
            for _ in range(epochs):
                order = torch.randperm(len(hard), generator=generator)
                for batch in order.split(_BATCH):
                    loss = self._loss(training, batch.tolist())
                    optimiser.zero_grad()
                    loss.backward()
                    optimiser.step()
                    advance(len(batch))
        modules.eval()

    def _loss(self, training: TrainingSet, rows: list[int]) -> Tensor:
        candidates = training.candidates[rows]
        needed = torch.unique(candidates[candidates >= 0])
        columns = torch.searchsorted(needed, candidates.clamp(min=0))
        vectors = self._encode([training.tokenized[i] for i in rows], 0)
        glosses = self._encode([self._tokenized[i] for i in needed.tolist()], 1)
        present = (candidates >= 0).to(vectors.device)
        own = glosses[columns.clamp(max=len(needed) - 1).to(vectors.device)]
        logits = torch.einsum("nd,ncd->nc", vectors, own) / vectors.shape[1] ** 0.5
        gold = (candidates == training.gloss[rows][:, None]).int().argmax(dim=1)
        near = self._settings.objective.near_equal
        false = false_negatives(training.gloss[rows][:, None], candidates, self._table, near)
        allowed = present & ~false.to(vectors.device)
        return candidate_cross_entropy(logits, gold.to(vectors.device), allowed)

    @torch.inference_mode()
    def scores(
        self, items: Sequence[Item], candidates: Sequence[tuple[InventoryEntry, ...]]
    ) -> list[NDArray[np.float32]]:
        """For each item one dot product per candidate."""
        inputs, inventory = self._components.inputs, self._components.inventory
        vectors = self._all(inputs.tokenize_all([item.marked for item in items]), 0)
        rows = sorted({inventory.row_of[e.synset_id] for own in candidates for e in own})
        glosses = dict(zip(rows, self._all([self._tokenized[r] for r in rows], 1), strict=True))
        return [
            np.array(
                [vector @ glosses[inventory.row_of[entry.synset_id]] for entry in own],
                dtype=np.float32,
            )
            for vector, own in zip(vectors, candidates, strict=True)
        ]

    def _all(self, rows_of: Sequence[Tokenized], side: int) -> NDArray[np.float32]:
        order = sorted(range(len(rows_of)), key=lambda i: len(rows_of[i].ids))
        out = np.zeros((len(rows_of), self._width), dtype=np.float32)
        with progress_of("encoding texts", len(order)) as advance:
            for at in range(0, len(order), 4 * _BATCH):
                rows = order[at : at + 4 * _BATCH]
                out[rows] = self._encode([rows_of[i] for i in rows], side).cpu().numpy()
                advance(len(rows))
        return out
