"""One score per candidate out of several signals, weighted by what validation shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from math import isfinite

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import cross_entropy

N_SIGNALS = 6
UNTAUGHT = 5
"""The column that is 1 for a sense without training sentences, else 0."""
_ALWAYS = 4
"""The columns that all models have; the next one needs distilled meanings."""
_ENOUGH = 40
_ENOUGH_OF_A_KIND = 10
_SHRINK = 0.02


@dataclass(frozen=True, slots=True)
class Fusion:
    """Weights of the cross-encoder's score, the cosine, the lexical overlap, the usage and the
    distilled meaning.

    ``untaught`` is added to the score of a sense without training sentences, ``cosine_untaught`` to
    its cosine where that ranks alone: taught senses and others are not on one scale. Raises
    ValueError for a weight that is no number.
    """

    cross_encoder: float
    cosine: float
    overlap: float
    usage: float = 0.0
    distilled: float = 0.0
    untaught: float = 0.0
    cosine_untaught: float = 0.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
                raise ValueError(f"the weight {field.name} is {value!r}, not a number")

    @property
    def weights(self) -> NDArray[np.float32]:
        """Those of the signals, as an array in their order."""
        own = (self.cross_encoder, self.cosine, self.overlap, self.usage, self.distilled)
        return np.array((*own, self.untaught), dtype=np.float32)

    def combine(self, signals: NDArray[np.float32]) -> NDArray[np.float32]:
        """(c,) scores of signals (c, 6)."""
        return np.asarray(signals @ self.weights, dtype=np.float32)


def prior_fusion(cross_encoder: bool, scale: float) -> Fusion:
    """The weights without validation data: both encoders' scores at their own scale."""
    return Fusion(1.0 if cross_encoder else 0.0, scale, 0.0)


def fit_fusion(
    signals: Sequence[NDArray[np.float32]], gold: Sequence[int], prior: Fusion
) -> Fusion:
    """Weights by penalised softmax regression over candidates, near ``prior`` where data is scarce.

    ``signals`` are (c_i, 6) per item, ``gold`` the gold candidate, -1 where it is none. Weights
    are not negative: each signal speaks for a sense, never against it. Fewer than 40 ambiguous
    items leave the prior. What is added to untaught senses is fitted last (:func:`fit_untaught`).
    """
    used = [(s, g) for s, g in zip(signals, gold, strict=True) if g >= 0 and len(s) > 1]
    if len(used) < _ENOUGH:
        return prior
    n, c = len(used), max(len(s) for s, _ in used)
    distilled = any(own[:, _ALWAYS:UNTAUGHT].any() for own, _ in used)
    width = UNTAUGHT if distilled else _ALWAYS
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
    fusion = Fusion(*found)
    kinds = [own[:, UNTAUGHT] > 0 for own, _ in used]
    best = [g for _, g in used]
    return replace(
        fusion,
        untaught=fit_untaught([fusion.combine(own) for own, _ in used], kinds, best),
        cosine_untaught=fit_untaught([own[:, 1] for own, _ in used], kinds, best),
    )


def fit_untaught(
    scores: Sequence[NDArray[np.float32]], kinds: Sequence[NDArray[np.bool_]], gold: Sequence[int]
) -> float:
    """What to add to untaught senses' scores so that neither kind of gold sense loses.

    It makes the harmonic mean of the accuracies on both kinds largest; of equally good numbers,
    that which is nearest to 0. ``kinds`` (c_i,) mark the untaught candidates. 0 where fewer than
    ten items have a gold sense of the one kind, or of the other.
    """
    own = np.array([kind[g] for kind, g in zip(kinds, gold, strict=True)], dtype=bool)
    if min(own.sum(), (~own).sum()) < _ENOUGH_OF_A_KIND:
        return 0.0
    best, right = np.full((2, len(gold)), -np.inf), np.zeros((2, len(gold)), dtype=bool)
    for at, (score, kind, g) in enumerate(zip(scores, kinds, gold, strict=True)):
        for which, columns in enumerate((np.flatnonzero(~kind), np.flatnonzero(kind))):
            if len(columns):
                first = columns[int(np.argmax(score[columns]))]
                best[which, at], right[which, at] = score[first], first == g
    both = np.isfinite(best).all(axis=0)
    turns = np.unique(best[0, both] - best[1, both])
    tried = np.concatenate([[0.0], (turns[1:] + turns[:-1]) / 2])
    means = []
    for number in tried:
        said = np.where(best[1] + number > best[0], right[1], right[0])
        taught, untaught = said[~own].mean(), said[own].mean()
        means.append(2 * taught * untaught / max(taught + untaught, 1e-9))
    top = np.flatnonzero(np.array(means) == max(means))
    return float(tried[top[int(np.argmin(np.abs(tried[top])))]])
