"""The closed form of the distillers' loss, against numbers by hand and a plain minimiser."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from schemas.errors import InputError
from trainer.distil.linear import fit_linear, linear_map, whitening
from trainer.distil.losses import Distilled, of_one_context, of_one_context_across, of_one_sense
from trainer.distil.triples import NO_ROW, TripleRows
from trainer.meanings.heads import MatrixHead
from trainer.states.standardise import ReadRows, Rows


def test_the_map_of_two_diagonals() -> None:
    """A = diag(3, 1), B = diag(1, 3): W = 2 B (A + B)^-1 = diag(0.5, 1.5)."""
    a, b = np.diag([3.0, 1.0]), np.diag([1.0, 3.0])
    assert np.allclose(linear_map(a, b, 2 * b, 0.0), np.diag([0.5, 1.5]))
    half = linear_map(a, b, 2 * b, 0.5)  # tr(A) / d = 2, so 1 is added to each
    assert np.allclose(half, np.diag([0.4, 1.2]))


def test_without_negatives_the_map_is_nothing() -> None:
    a, zero = np.diag([3.0, 1.0]), np.zeros((2, 2))
    assert not linear_map(a, zero, zero, 0.3).any()


def triples(rows: list[list[int]], across: list[bool]) -> TripleRows:
    senses = np.arange(len(rows), dtype=np.int64)
    return TripleRows((), np.array(rows, dtype=np.int64), np.array(across), senses)


def reader(states: np.ndarray) -> ReadRows:
    def read(rows: Rows) -> np.ndarray:
        return states[np.asarray(rows)]

    return read


def loss(w: Tensor, y: Tensor, rows: np.ndarray, across: np.ndarray, siblings: bool) -> Tensor:
    """The paper's terms with m = W y and c = (2 I - W) y; sums over dimensions, not means."""

    def sides(which: np.ndarray, column: int) -> Distilled:
        own = y[rows[which, column]]
        return Distilled(own, own @ w.T, 2 * own - own @ w.T)

    everyone = np.ones(len(rows), dtype=bool)
    found = of_one_sense(sides(everyone, 0), sides(everyone, 1))
    has = rows[:, 2] != NO_ROW
    one, two = has & ~across, has & across
    if one.any():
        found = found + one.sum() / has.sum() * of_one_context(sides(one, 0), sides(one, 2))
    if two.any():
        own = (sides(two, side) for side in (0, 1, 2))
        found = found + two.sum() / has.sum() * of_one_context_across(*own)
    with_sibling = rows[:, 3] != NO_ROW
    if siblings and with_sibling.any():
        found = found + of_one_context(sides(with_sibling, 0), sides(with_sibling, 3))
    return found


@settings(max_examples=15)
@given(st.integers(0, 1000), st.booleans(), st.booleans())
def test_no_other_map_has_a_smaller_loss(seed: int, two_languages: bool, siblings: bool) -> None:
    """The gradient of the written-out loss is 0 there, and any step away costs something."""
    rng = np.random.default_rng(seed)
    states = rng.normal(size=(20, 2, 3)).astype(np.float32)
    rows = rng.integers(0, 20, size=(12, 4))
    rows[0, 2] = rows[1, 3] = NO_ROW
    across = rng.random(12) < 0.5 if two_languages else np.zeros(12, dtype=bool)
    across[0] = False
    own = triples(rows.tolist(), across.tolist())
    fitted = fit_linear(reader(states), own, 0.0, negatives=True, siblings=siblings)
    w = torch.from_numpy(fitted.astype(np.float64)).requires_grad_()
    y = torch.from_numpy(states.astype(np.float64).mean(axis=1))
    least = loss(w, y, rows, across, siblings)
    least.backward()
    assert w.grad is not None
    assert float(w.grad.abs().max()) < 1e-5
    away = w.detach() + torch.from_numpy(rng.normal(size=(3, 3)) * 0.01)
    assert float(loss(away, y, rows, across, siblings)) > float(least.detach())


def test_source_and_positive_may_change_places() -> None:
    """Where the negatives stand apart from both, only y_s - y_t counts, and not its sign."""
    states = np.random.default_rng(3).normal(size=(4, 1, 3)).astype(np.float32)
    states[1] = -states[0]  # s and t mirror each other, n is the origin
    states[2] = 0.0
    one, other = (
        fit_linear(
            reader(states), triples([[*pair, 2, NO_ROW]], [False]), 0.3,
            negatives=True, siblings=False,
        )
        for pair in ((0, 1), (1, 0))
    )  # fmt: skip
    assert np.allclose(one, other, atol=1e-6)


def test_pairs_apart_are_wanted() -> None:
    states = np.ones((2, 1, 3), dtype=np.float32)
    alone = triples([[0, 1, NO_ROW, NO_ROW]], [False])
    with pytest.raises(InputError, match="neither negatives nor siblings"):
        fit_linear(reader(states), alone, 0.3, negatives=True, siblings=True)


def test_meaning_and_context_make_the_state_again() -> None:
    rng = np.random.default_rng(0)
    states = rng.normal(size=(6, 2, 4)).astype(np.float32)
    head = MatrixHead(rng.normal(size=(4, 4)).astype(np.float32))
    again = (head.meaning(states) + head.context(states)) / 2
    assert np.allclose(again, states.mean(axis=1), atol=1e-5)
    assert np.allclose(MatrixHead().meaning(states), states.mean(axis=1))


def test_whitened_states_have_the_identity_as_covariance() -> None:
    rng = np.random.default_rng(0)
    states = (rng.normal(size=(500, 3)) @ rng.normal(size=(3, 3))).astype(np.float32)
    white = states @ whitening(states, 0.0).T
    assert np.allclose(np.cov(white, rowvar=False, bias=True), np.eye(3), atol=1e-4)
    flat = np.zeros((5, 3), dtype=np.float32)
    flat[:, 0] = [1, 2, 3, 4, 5]
    assert np.allclose(whitening(flat, 0.0), np.diag([0.5**0.5, 0, 0]), atol=1e-6)
