"""Joint readings of every candidate gloss of every item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from trainer.data import InventoryEntry, Item
from trainer.model import ViConBERT
from trainer.model.reading import N_LIKELIHOODS
from trainer.text.inputs import InputMaker, Marked, PlacedPair
from trainer.work import Done, unheard

Ask = tuple[Marked, InventoryEntry]
READING = "reading glosses with sentences"
"""The work's title; it counts pairs."""


@dataclass(frozen=True, slots=True)
class Readings:
    """n pairs: states (n, 2d * layers) in half precision, likelihoods (n, 2)."""

    states: NDArray[np.float16]
    likelihoods: NDArray[np.float32]


def asks_of(items: Sequence[Item], candidates: Sequence[tuple[InventoryEntry, ...]]) -> list[Ask]:
    """Each item with each of its candidates, item by item."""
    return [
        (item.marked, entry) for item, own in zip(items, candidates, strict=True) for entry in own
    ]


@torch.inference_mode()
def read_pairs(
    model: ViConBERT,
    inputs: InputMaker,
    asks: Sequence[Ask],
    done: Done = unheard,
    tokens_per_batch: int = 2048,
) -> Readings:
    """The readings of (sentence, sense) pairs, in batches of similar length; ``done`` counts."""
    placed = [inputs.place_pair(e.lemma, e.gloss or "", marked) for marked, e in asks]
    width = 2 * int(model.config.backbone.get_text_config().hidden_size)
    width *= len(model.config.reading_layers)
    states = np.zeros((len(asks), width), dtype=np.float16)
    found = np.zeros((len(asks), N_LIKELIHOODS), dtype=np.float32)
    order = sorted(range(len(asks)), key=lambda i: (-len(placed[i].placed.ids), i))
    training = model.training
    model.train(False)
    at = 0
    while at < len(order):
        n = max(1, tokens_per_batch // len(placed[order[at]].placed.ids))
        rows = order[at : at + n]
        own = [placed[i] for i in rows]
        batch = inputs.batch([pair.placed for pair in own]).to(model.device)
        sentence = _sentence_mask(own, batch.input_ids.shape[1]).to(model.device)
        joint, likelihood = model.read(
            batch.input_ids, batch.attention_mask, batch.target_mask, sentence
        )
        states[rows] = joint.half().cpu().numpy()
        found[rows] = likelihood.float().cpu().numpy()
        at += n
        done(len(rows))
    model.train(training)
    return Readings(states, found)


def _sentence_mask(pairs: Sequence[PlacedPair], length: int) -> torch.Tensor:
    mask = torch.zeros(len(pairs), length, dtype=torch.bool)
    for at, pair in enumerate(pairs):
        mask[at, pair.start : pair.end] = True
    return mask
