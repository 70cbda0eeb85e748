"""The distillers and their losses against numbers by hand (arXiv 2409.08719)."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from schemas.errors import UsageError
from trainer.distil.losses import (
    contrast_of_meanings,
    of_one_context,
    of_one_context_across,
    of_one_sense,
    self_reconstruction,
)
from trainer.meanings.distiller import AttentionDistiller, Distilled


def side(y: float, m: float, c: float) -> Distilled:
    return Distilled(*(torch.tensor([[value]]) for value in (y, m, c)))


# y = (2, 3, 3), m = (1, 2, 5), c = (3, 4, 1) of source, positive and negative
S, T, N = side(2, 1, 3), side(3, 2, 4), side(3, 5, 1)


def test_each_term_is_that_of_the_paper() -> None:
    """rec 0; pos (2.5 - 3)^2 + (2.5 - 2)^2; neg (1 - 2)^2 + (4 - 3)^2; (1 - 3)^2 + (4.5 - 3)^2."""
    assert float(self_reconstruction([S, T, N])) == 0.0
    assert float(of_one_sense(S, T)) == 0.5
    assert float(of_one_context(S, N)) == 2.0
    assert float(of_one_context_across(S, T, N)) == 6.25


def test_terms_are_means_over_rows_and_dimensions() -> None:
    two = [Distilled(*(torch.cat([v, v]).repeat(1, 3) for v in (x.y, x.m, x.c))) for x in (S, T)]
    assert float(of_one_sense(*two)) == 0.5


values = st.floats(-100, 100, width=32)


@given(values, values, values)
def test_without_negatives_an_empty_meaning_has_no_loss(y_s: float, y_t: float, y_n: float) -> None:
    """m = 0 and c = 2 y: rec = pos = 0, and neg = 2 |y_s - y_n|^2, so only negatives forbid it."""
    s, t, n = (side(y, 0, 2 * y) for y in (y_s, y_t, y_n))
    assert float(self_reconstruction([s, t, n])) == 0.0
    assert float(of_one_sense(s, t)) == pytest.approx(0.0)
    assert float(of_one_context(s, n)) == pytest.approx(2 * (y_s - y_n) ** 2, rel=1e-4, abs=1e-4)


def test_the_contrast_counts_siblings_and_skips_the_same_sense() -> None:
    """Two triples of unit meanings, temperature 1: logits (1, 0) and the sibling's -1.

    Row 1: -ln(e / (e + 1 + 1/e)); with both triples of one sense the other positive is left out.
    """
    s, t = torch.eye(2), torch.eye(2)
    sibling = torch.tensor([[-1.0, 0.0]])
    apart = contrast_of_meanings(s, t, sibling, torch.tensor([0, 1]), 1.0)
    e = math.e
    first, second = -math.log(e / (e + 1 + 1 / e)), -math.log(e / (e + 1 + 1))
    assert float(apart) == pytest.approx((first + second) / 2, abs=1e-6)
    together = contrast_of_meanings(s, t, sibling, torch.tensor([4, 4]), 1.0)
    alone = -math.log(e / (e + 1 / e)), -math.log(e / (e + 1))
    assert float(together) == pytest.approx(sum(alone) / 2, abs=1e-6)


@pytest.fixture(scope="module")
def distiller() -> AttentionDistiller:
    torch.manual_seed(0)
    found = AttentionDistiller(16, heads=4)
    found.train(False)
    return found


def outputs(distiller: AttentionDistiller, states: Tensor) -> Tensor:
    with torch.no_grad():
        found = distiller(states)
    return torch.cat([found.m, found.c], dim=1)


def test_the_order_of_layers_and_other_rows_do_not_matter(distiller: AttentionDistiller) -> None:
    states = torch.randn(5, 4, 16, generator=torch.Generator().manual_seed(1))
    whole = outputs(distiller, states)
    assert torch.allclose(outputs(distiller, states[:, [2, 0, 3, 1]]), whole, atol=1e-6)
    assert torch.allclose(outputs(distiller, states[1:2]), whole[1:2], atol=1e-6)
    assert torch.allclose(distiller(states).y, states.mean(dim=1))


@pytest.mark.parametrize("width", [16, 24])
def test_a_distiller_has_the_parameters_of_one_transformer_layer(width: int) -> None:
    """12 d^2 + 13 d each; of 640 numbers both have 9,847,040."""
    own = sum(p.numel() for p in AttentionDistiller(width, heads=8).parameters())
    assert own == 2 * (12 * width**2 + 13 * width)
    assert 2 * (12 * 640**2 + 13 * 640) == 9_847_040


def test_heads_that_do_not_divide_the_width_are_refused() -> None:
    with pytest.raises(UsageError, match="heads = 3 does not divide the states' 16 numbers"):
        AttentionDistiller(16, heads=3)
