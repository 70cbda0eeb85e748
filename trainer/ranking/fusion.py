"""One score per candidate out of several signals, weighted by what validation shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import cross_entropy

N_SIGNALS = 5
_ALWAYS = 4
"""All but the last, which only a model with distilled meanings has."""
_ENOUGH = 40
_SHRINK = 0.02


@dataclass(frozen=True, slots=True)
class Fusion:
    """Weights of the cross-encoder's score, the cosine, the lexical overlap, the usage and the
    distilled meaning."""

    cross_encoder: float
    cosine: float
    overlap: float
    usage: float = 0.0
    distilled: float = 0.0

    @property
    def weights(self) -> NDArray[np.float32]:
        """All of them as an array, in the order of the signals."""
        return np.array(astuple(self), dtype=np.float32)

    def combine(self, signals: NDArray[np.float32]) -> NDArray[np.float32]:
        """(c,) scores of signals (c, 5)."""
        return np.asarray(signals @ self.weights, dtype=np.float32)


def prior_fusion(cross_encoder: bool, scale: float) -> Fusion:
    """The weights without validation data: both encoders' scores at their own scale."""
    return Fusion(1.0 if cross_encoder else 0.0, scale, 0.0)


def fit_fusion(
    signals: Sequence[NDArray[np.float32]], gold: Sequence[int], prior: Fusion
) -> Fusion:
    """Weights by penalised softmax regression over candidates, near ``prior`` where data is scarce.

    ``signals`` are (c_i, 5) per item, ``gold`` the gold candidate, -1 where it is none. Weights
    are not negative: each signal speaks for a sense, never against it. Fewer than 40 ambiguous
    items leave the prior.
    """
    used = [(s, g) for s, g in zip(signals, gold, strict=True) if g >= 0 and len(s) > 1]
    if len(used) < _ENOUGH:
        return prior
    n, c = len(used), max(len(s) for s, _ in used)
    width = N_SIGNALS if any(own[:, _ALWAYS:].any() for own, _ in used) else _ALWAYS
    table = torch.zeros(n, c, width, dtype=torch.double)
    absent = torch.ones(n, c, dtype=torch.bool)
    for row, (own, _) in enumerate(used):
        table[row, : len(own)] = torch.from_numpy((own - own.mean(axis=0))[:, :width]).double()
        absent[row, : len(own)] = False
    target = torch.tensor([g for _, g in used])
    spread = table[~absent].std(dim=0).clamp(min=1e-6)
    start = torch.from_numpy(prior.weights[:width]).double() * spread
    start = torch.where(start > 0, start, torch.full_like(start, 0.1))
    active = table[~absent].abs().amax(dim=0) > 0
    log_weights = start.log().clone().requires_grad_()
    optimiser = torch.optim.LBFGS([log_weights], max_iter=200, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimiser.zero_grad()
        weights = log_weights.exp() * active
        scores = ((table / spread) @ weights).masked_fill(absent, float("-inf"))
        value = cross_entropy(scores, target) + _SHRINK * (log_weights.exp()).pow(2).sum()
        value.backward()
        return value

    optimiser.step(loss)
    found = (log_weights.detach().exp() * active / spread).tolist()
    return Fusion(*found)
