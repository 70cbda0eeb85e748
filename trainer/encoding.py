"""Vectors of many placed sentences, in batches of similar length."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from trainer.text.inputs import EncoderInput, InputMaker, Marked
from trainer.text.pieces import Placed
from trainer.work import work

if TYPE_CHECKING:
    from trainer.model import ViConBERT

Vectorise = Callable[[EncoderInput], Tensor]
Known = Callable[[EncoderInput, Sequence[int]], EncoderInput]
"""Adds a frozen backbone's states, computed before, to the batch of those rows."""


def encoded(model: ViConBERT, batch: EncoderInput) -> Tensor:
    """(B, gloss_width) sense vectors; the backbone only reads where its states are not known."""
    found: Tensor
    if batch.states is None:
        found = model(batch.input_ids, batch.attention_mask, batch.target_mask)
    else:
        found = model.vectors(batch.states, batch.attention_mask, batch.target_mask)
    return found


@torch.inference_mode()
def vectors_of(
    vectorise: Vectorise,
    width: int,
    inputs: InputMaker,
    placed: Sequence[Placed],
    device: torch.device,
    batch_size: int = 128,
    known: Known | None = None,
) -> NDArray[np.float32]:
    """(n, width) vectors, one per placed sentence, in their order."""
    out = np.zeros((len(placed), width), dtype=np.float32)
    order = sorted(range(len(placed)), key=lambda i: len(placed[i].ids))
    with work("encoding texts", len(placed)) as done:
        for at in range(0, len(order), batch_size):
            rows = order[at : at + batch_size]
            batch = inputs.batch([placed[i] for i in rows])
            if known is not None:
                batch = known(batch, rows)
            out[rows] = vectorise(batch.to(device)).float().cpu().numpy()
            done(len(rows))
    return out


def sense_vectors(
    model: ViConBERT, inputs: InputMaker, sentences: Sequence[Marked], batch_size: int = 128
) -> NDArray[np.float32]:
    """(n, gloss_width) sense vectors of marked sentences; the model's mode is left as it was."""
    return placed_vectors(model, inputs, inputs.place_all(sentences), batch_size)


def placed_vectors(
    model: ViConBERT,
    inputs: InputMaker,
    placed: Sequence[Placed],
    batch_size: int = 128,
    known: Known | None = None,
) -> NDArray[np.float32]:
    """(n, gloss_width) sense vectors of sentences that are placed already."""
    training = model.training
    model.train(False)
    try:
        return vectors_of(
            partial(encoded, model),
            model.config.gloss_width,
            inputs,
            placed,
            model.device,
            batch_size,
            known,
        )
    finally:
        model.train(training)


def frozen_vectors(
    model: ViConBERT, inputs: InputMaker, placed: Sequence[Placed], batch_size: int = 128
) -> NDArray[np.float32]:
    """(n, d) means of the backbone's states over the targets."""
    training = model.training
    model.train(False)
    width = int(model.config.backbone.get_text_config().hidden_size)
    try:
        return vectors_of(
            lambda b: model.target_means(b.input_ids, b.attention_mask, b.target_mask),
            width,
            inputs,
            placed,
            model.device,
            batch_size,
        )
    finally:
        model.train(training)
