"""Large batches on small devices: gradients of a joint loss, computed chunk by chunk."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor

from trainer.text.inputs import EncoderInput

Chunk = Sequence[EncoderInput]
"""Parts of similar length, encoded one after the other, in the memory of them all."""

Encode = Callable[[EncoderInput], Tensor]
Loss = Callable[[Tensor], Tensor]
Autocast = Callable[[], AbstractContextManager[object]]


def backward(
    encode: Encode,
    chunks: Sequence[Chunk],
    loss_of: Loss,
    weight: float = 1.0,
    autocast: Autocast = nullcontext,
) -> float:
    """Adds ``weight`` times the gradients of ``loss_of(all vectors)``; returns the loss.

    There is at least one chunk; a process without rows has one without rows, so that every
    process calls ``loss_of`` once. One chunk is differentiated directly. Several are encoded
    without a graph first, the loss gives the gradient of every vector, and each chunk is encoded
    again, under the same random state, to carry its part back (gradient caching, arXiv
    2101.06983). The result is the gradient of the whole batch, in the memory of one chunk.
    """
    if len(chunks) == 1:
        with autocast():
            vectors = _encoded(encode, chunks[0])
        loss = loss_of(vectors.float())
        (loss * weight).backward()
        return float(loss.detach())
    states, parts = [], []
    with torch.no_grad():
        for chunk in chunks:
            states.append(_random_state(chunk[0].input_ids.device))
            with autocast():
                parts.append(_encoded(encode, chunk).float())
    joint = torch.cat(parts).requires_grad_()
    loss = loss_of(joint)
    (loss * weight).backward()
    assert joint.grad is not None
    at = 0
    for chunk, state in zip(chunks, states, strict=True):
        _set_random_state(state, chunk[0].input_ids.device)
        with autocast():
            vectors = _encoded(encode, chunk)
        vectors.float().backward(joint.grad[at : at + len(vectors)])
        at += len(vectors)
    return float(loss.detach())


def _encoded(encode: Encode, chunk: Chunk) -> Tensor:
    return torch.cat([encode(part) for part in chunk])


def _random_state(device: torch.device) -> Tensor:
    if device.type == "cuda":
        return torch.cuda.get_rng_state(device)
    return torch.get_rng_state()


def _set_random_state(state: Tensor, device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.set_rng_state(state, device)
    else:
        torch.set_rng_state(state)
