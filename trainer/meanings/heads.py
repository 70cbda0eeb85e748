"""What makes one vector of a target's standardised states: a matrix, or the trained distillers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from trainer.meanings.distiller import AttentionDistiller

Vectors = NDArray[np.float32]
_BATCH = 256


class Head(Protocol):
    """Meaning and context vectors (n, d) of standardised states (n, layers, d)."""

    def meaning(self, states: Vectors) -> Vectors: ...

    def context(self, states: Vectors) -> Vectors: ...

    def tensors(self) -> dict[str, Tensor]:
        """What :func:`head_of` makes it of again."""
        ...


@dataclass(frozen=True)
class MatrixHead:
    """m = W y and c = (2 I - W) y of the mean state y; without a matrix W = I."""

    matrix: Vectors | None = None

    def meaning(self, states: Vectors) -> Vectors:
        """(n, d)."""
        y = states.mean(axis=1)
        return y if self.matrix is None else np.asarray(y @ self.matrix.T)

    def context(self, states: Vectors) -> Vectors:
        """(n, d)."""
        return np.asarray(2 * states.mean(axis=1) - self.meaning(states))

    def tensors(self) -> dict[str, Tensor]:
        """The matrix, or nothing."""
        return {} if self.matrix is None else {"matrix": torch.from_numpy(self.matrix)}


@dataclass(frozen=True)
class AttentionHead:
    """The trained distillers."""

    distiller: AttentionDistiller

    def meaning(self, states: Vectors) -> Vectors:
        """(n, d)."""
        return self._both(states)[0]

    def context(self, states: Vectors) -> Vectors:
        """(n, d)."""
        return self._both(states)[1]

    @torch.inference_mode()
    def _both(self, states: Vectors) -> tuple[Vectors, Vectors]:
        self.distiller.train(False)
        parts = []
        for batch in torch.from_numpy(states).split(_BATCH):
            found = self.distiller(batch.to(self.distiller.device))
            parts.append((found.m.cpu().numpy(), found.c.cpu().numpy()))
        m, c = (np.concatenate(own) for own in zip(*parts, strict=True))
        return m, c

    def tensors(self) -> dict[str, Tensor]:
        """The weights."""
        return {k: v.detach().cpu().contiguous() for k, v in self.distiller.state_dict().items()}


def head_of(tensors: Mapping[str, Tensor], heads: int) -> Head:
    """The head that these tensors are of; RuntimeError or KeyError where they fit none."""
    if not tensors:
        return MatrixHead()
    if set(tensors) == {"matrix"}:
        return MatrixHead(tensors["matrix"].numpy())
    hidden, width = tensors["meaning.layer.linear1.weight"].shape
    distiller = AttentionDistiller(width, heads, hidden // width)
    distiller.load_state_dict(dict(tensors))
    return AttentionHead(distiller)
