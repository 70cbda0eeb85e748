"""The losses of the distillers: reconstruction crosswise, and a contrast.

Source: arXiv 2409.08719 and its code. A target's states are taken apart into a meaning m and a
context c, of which R(m, c) = (m + c) / 2 makes the mean state y again; across a pair of one sense
the meanings change places, across a pair of one sentence the contexts do.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from trainer.meanings.distiller import Distilled


def rebuilt(meaning: Tensor, context: Tensor) -> Tensor:
    """R(m, c), the mean of both."""
    return (meaning + context) / 2


def _error(meaning: Tensor, context: Tensor, state: Tensor) -> Tensor:
    return functional.mse_loss(rebuilt(meaning, context), state)


def self_reconstruction(sides: Sequence[Distilled]) -> Tensor:
    """The sum over the sides of |R(m_x, c_x) - y_x|^2."""
    return torch.stack([_error(x.m, x.c, x.y) for x in sides]).sum()


def of_one_sense(s: Distilled, t: Distilled) -> Tensor:
    """|R(m_s, c_t) - y_t|^2 + |R(m_t, c_s) - y_s|^2: the meanings can change places."""
    return _error(s.m, t.c, t.y) + _error(t.m, s.c, s.y)


def of_one_context(s: Distilled, n: Distilled) -> Tensor:
    """|R(m_s, c_n) - y_s|^2 + |R(m_n, c_s) - y_n|^2: the contexts can."""
    return _error(s.m, n.c, s.y) + _error(n.m, s.c, n.y)


def of_one_context_across(s: Distilled, t: Distilled, n: Distilled) -> Tensor:
    """|R(m_s, c_n) - y_t|^2 + |R(m_n, c_t) - y_n|^2: n is the translation t with another word."""
    return _error(s.m, n.c, t.y) + _error(n.m, t.c, n.y)


def contrast_of_meanings(
    s: Tensor, t: Tensor, siblings: Tensor, senses: Tensor, temperature: float
) -> Tensor:
    """InfoNCE of meanings (n, d): each s seeks its t among all t and the siblings (k, d).

    Other triples of the same sense (``senses`` (n,)) are no negatives.
    """
    s, others = (
        functional.normalize(s, dim=1),
        functional.normalize(torch.cat([t, siblings]), dim=1),
    )
    logits = s @ others.T / temperature
    same = senses[:, None] == senses[None, :]
    same.fill_diagonal_(False)
    hidden = functional.pad(same, (0, len(siblings)))
    gold = torch.arange(len(s), device=s.device)
    return functional.cross_entropy(logits.masked_fill(hidden, float("-inf")), gold)
