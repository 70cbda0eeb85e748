"""Vectors of many tokenised sentences, in batches of similar length."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from trainer.progress import Advance, progress_of, untold
from trainer.text.inputs import EncoderInput, InputMaker, MarkedSentence
from trainer.text.pieces import Tokenized

if TYPE_CHECKING:
    from transformers import PreTrainedModel

    from trainer.model.vicon import ViConBERT

AddStates = Callable[[EncoderInput, Sequence[int]], EncoderInput]
"""Adds a frozen backbone's states, computed before, to the batch of those rows."""


def sense_vectors(
    model: ViConBERT, inputs: InputMaker, sentences: Sequence[MarkedSentence], batch_size: int = 128
) -> NDArray[np.float32]:
    """(n, gloss_width) sense vectors of marked sentences; the model's mode is left as it was."""
    return encode_all(model, inputs, inputs.tokenize_all(sentences), batch_size)


def encode_all(
    model: ViConBERT,
    inputs: InputMaker,
    tokenized: Sequence[Tokenized],
    batch_size: int = 128,
    add_states: AddStates | None = None,
) -> NDArray[np.float32]:
    """(n, gloss_width) sense vectors of sentences that are tokenised already."""
    width = model.config.gloss_width
    encode = model.encode_batch
    return in_batches(model, encode, (width,), inputs, tokenized, batch_size, add_states)


def mean_states(
    model: ViConBERT, inputs: InputMaker, tokenized: Sequence[Tokenized], batch_size: int = 128
) -> NDArray[np.float32]:
    """(n, d) means of the backbone's states over the targets."""
    width = int(model.config.backbone.get_text_config().hidden_size)
    return in_batches(model, model.target_means, (width,), inputs, tokenized, batch_size)


@contextmanager
def evaluating(module: nn.Module) -> Iterator[None]:
    """Has the module compute as it is used, and puts it back into its mode.

    A module that is in that mode already is not walked through: that would be a twentieth of what a
    single question costs.
    """
    training = module.training
    if training:
        module.train(False)
    try:
        yield
    finally:
        if training:
            module.train(True)


@torch.inference_mode()
def in_batches(
    module: PreTrainedModel,
    encode: Callable[[EncoderInput], Tensor],
    shape: tuple[int, ...],
    inputs: InputMaker,
    tokenized: Sequence[Tokenized],
    batch_size: int,
    add_states: AddStates | None = None,
    advance: Advance = untold,
) -> NDArray[np.float32]:
    """(n, *shape) of what ``encode`` gives for a batch, in the order of the sentences.

    The module's mode is left as it was.
    """
    out = np.zeros((len(tokenized), *shape), dtype=np.float32)
    order = sorted(range(len(tokenized)), key=lambda i: len(tokenized[i].ids))
    with evaluating(module), progress_of("encoding texts", len(tokenized)) as own:
        for at in range(0, len(order), batch_size):
            rows = order[at : at + batch_size]
            batch = inputs.batch([tokenized[i] for i in rows])
            if add_states is not None:
                batch = add_states(batch, rows)
            out[rows] = encode(batch.to(module.device)).float().cpu().numpy()
            own(len(rows))
            advance(len(rows))
    return out
