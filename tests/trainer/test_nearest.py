"""Shortlists against all products, with ties, duplicates, and vectors that lie close together."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from trainer.evaluation import nearest
from trainer.evaluation.nearest import NO_SCORE, Vectors, low_precision, shortlists

PRECISIONS = sorted({torch.float32, low_precision()}, key=str)


def whole_vectors(n: int, width: int, spread: float, seed: int) -> Tensor:
    """(n, width) vectors of whole numbers, shorter than 2^10: float32 products are exact.

    ``spread`` 0 makes them all equal, large ones point everywhere.
    """
    rng = np.random.default_rng(seed)
    drawn = rng.normal(size=width) + spread * rng.normal(size=(n, width))
    return (
        torch.from_numpy(drawn / np.linalg.norm(drawn, axis=1, keepdims=True) * 1020)
        .round()
        .float()
    )


def as_they_are(vectors: Tensor) -> Vectors:
    """Vectors that are not scaled, so that whole numbers stay whole."""
    return Vectors(vectors, torch.ones(len(vectors)))


def plain(queries: Tensor, columns: Tensor, without_self: bool) -> Tensor:
    """(n, m) scores, all of them, in 64-bit whole numbers."""
    scores = queries.long() @ columns.long().T
    if without_self:
        scores.fill_diagonal_(NO_SCORE)
    return scores


@settings(deadline=None, max_examples=60)
@given(
    k=st.integers(1, 3),
    more=st.integers(0, 300),
    width=st.integers(2, 40),
    spread=st.sampled_from([0.0, 0.001, 0.05, 1.0, 30.0]),
    copies=st.sampled_from([0, 3, 40]),
    without_self=st.booleans(),
    precision=st.sampled_from(PRECISIONS),
    seed=st.integers(0, 9999),
)
def test_the_first_k_and_all_that_tie_with_the_last_of_them(
    k: int,
    more: int,
    width: int,
    spread: float,
    copies: int,
    without_self: bool,
    precision: torch.dtype,
    seed: int,
) -> None:
    columns = whole_vectors(k * 256 + more, width, spread, seed)
    columns[seed % 7 : copies * 5 : 5] = columns[1].clone()
    queries = columns if without_self else whole_vectors(25, width, spread, seed + 1)
    scores = plain(queries, columns, without_self)
    seen = []
    own, others = as_they_are(queries), as_they_are(columns)
    for part in shortlists(own, others, k, without_self=without_self, precision=precision):
        expected = scores[part.rows].sort(dim=1, descending=True, stable=True)
        assert torch.equal(part.first(k), expected.indices[:, :k])
        for row, listed, listed_scores in zip(part.rows, part.columns, part.scores, strict=True):
            there = listed < len(columns)
            assert torch.equal(scores[row, listed[there]], listed_scores[there])
            assert bool((listed_scores[~there] == NO_SCORE).all())
            kth = expected.values[part.rows == row, k - 1]
            wanted = torch.nonzero(scores[row] >= kth)[:, 0]
            assert set(wanted.tolist()) <= set(listed.tolist())
        seen += part.rows.tolist()
    assert sorted(seen) == list(range(len(queries)))


def test_a_row_with_hundreds_of_equal_columns_is_scored_whole() -> None:
    """And the rows beside it are not."""
    columns = whole_vectors(6000, 16, 1.0, 0)
    columns[:5000] = columns[0].clone()
    queries = torch.cat([columns[:1], -columns[:1]])
    own, others = as_they_are(queries), as_they_are(columns)
    found = {int(row): part for part in shortlists(own, others, 2) for row in part.rows}
    assert found[0].columns.shape[1] == 6000
    assert found[1].columns.shape[1] < 100
    assert found[0].first(2).tolist() == [[0, 1]]


def test_a_block_whose_rows_are_all_scored_whole() -> None:
    columns = as_they_are(whole_vectors(1, 16, 1.0, 0).repeat(5000, 1))
    queries = Vectors(columns.numbers[:600], columns.scales[:600])
    parts = [(part.rows, part.first(2)) for part in shortlists(queries, columns, 2)]
    assert torch.cat([rows for rows, _ in parts]).tolist() == list(range(600))
    assert torch.cat([first for _, first in parts]).tolist() == [[0, 1]] * 600


def test_vectors_of_any_length_and_those_that_cannot_be_written() -> None:
    """Cosines 1, 0.6, -1 and that of a vector of zeros, in steps of 2^-20."""
    numbers = np.array([[3.0, 4.0], [1e-9, 0.0], [-6.0, -8.0], [0.0, 0.0]], dtype=np.float32)
    numbers.flags.writeable = False
    (found,) = shortlists(Vectors.of(numbers[:1]), Vectors.of(numbers), 1)
    assert found.scores.tolist() == [[2**20, round(0.6 * 2**20), -(2**20), 0]]


def test_few_columns_are_needed_where_vectors_point_everywhere() -> None:
    columns = whole_vectors(5000, 64, 30.0, 0)
    lists = list(shortlists(as_they_are(columns[:200]), as_they_are(columns), 10))
    assert sum(int((part.scores > NO_SCORE).sum()) for part in lists) < 200 * 40


def test_numbers_that_are_none_do_not_stop_the_others() -> None:
    columns = whole_vectors(800, 8, 1.0, 0)
    queries = columns[:3].clone()
    queries[1] = float("nan")
    found = {
        int(row): part.first(2)[at].tolist()
        for part in shortlists(as_they_are(queries), as_they_are(columns), 2)
        for at, row in enumerate(part.rows)
    }
    best = plain(columns[:3], columns, False).sort(dim=1, descending=True, stable=True).indices
    assert sorted(found) == [0, 1, 2]
    assert [found[0], found[2]] == best[[0, 2], :2].tolist()


@pytest.mark.parametrize("n_queries", [0, 1])
def test_hardly_any_queries(n_queries: int) -> None:
    columns = whole_vectors(600, 8, 1.0, 0)
    parts = list(shortlists(as_they_are(columns[:n_queries]), as_they_are(columns), 1))
    assert [part.first(1).tolist() for part in parts] == [[[0]]] * n_queries


def test_blocks_of_any_height_find_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    columns = as_they_are(whole_vectors(700, 8, 1.0, 0))

    def first() -> dict[int, list[int]]:
        return {
            int(row): part.first(2)[at].tolist()
            for part in shortlists(columns, columns, 2, without_self=True)
            for at, row in enumerate(part.rows)
        }

    at_once = first()
    monkeypatch.setattr(nearest, "_BLOCK_ROWS", 7)
    assert first() == at_once
    monkeypatch.setattr(nearest, "_BLOCK_BYTES", 3000)
    assert first() == at_once


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("width", [1, 2, 8, 300])
def test_rough_products_are_off_by_at_most_the_bound(width: int, precision: torch.dtype) -> None:
    """In few dimensions, where rounding errors can all point one way, by a good part of it."""
    columns = whole_vectors(700, width, 1.0, 5)
    queries = whole_vectors(50, width, 1.0, 6)
    rough = nearest._Rough(as_they_are(columns), precision)
    out = torch.empty((50, rough.width), dtype=precision)
    products, bound = rough.products(queries, out)
    exact = queries.double() @ (columns.double() - columns.double().mean(dim=0)).T
    stored = exact.abs() * torch.finfo(precision).eps
    off = (products[:, :700].double() - exact).abs()
    assert bool((off <= bound + stored).all())
    if width == 2 and precision == torch.bfloat16:
        assert float(off.max()) > 0.5 * bound


def test_the_bound_covers_queries_that_are_rounded_where_columns_are_not() -> None:
    """1003 is stored as 1004 in bfloat16; the columns lie around zero and lose nothing."""
    columns = torch.tensor([[1024.0], [-1024.0]]).repeat(20, 1)
    rough = nearest._Rough(as_they_are(columns), torch.bfloat16)
    assert rough.off == 0.0
    _, bound = rough.products(torch.tensor([[1003.0]]), torch.empty((1, 64), dtype=torch.bfloat16))
    assert bound >= 1024.0


def test_near_pairs_are_those_within_two_bounds_of_the_kth() -> None:
    """Row 0: 100 and 90 lead, so 70 is just inside at a bound of 10, and 69 is not."""
    products = torch.full((2, 512), -500.0)
    products[0, [3, 40, 41, 300, 511]] = torch.tensor([100.0, 90.0, 70.0, 69.0, 70.5])
    products[1, [0, 1, 510]] = torch.tensor([-1.0, -2.0, -30.0])
    pairs, unclear = nearest._near(products, 10.0, 2)
    assert not bool(unclear.any())
    found = sorted(zip(pairs.rows.tolist(), pairs.columns.tolist(), strict=True))
    assert found == [(0, 3), (0, 40), (0, 41), (0, 511), (1, 0), (1, 1)]


def test_what_storing_a_product_may_lose_is_allowed_for() -> None:
    """bfloat16 keeps 8 bits: 1,000,000 is stored as 999,424, and 1,004,000 as 1,003,520."""
    products = torch.full((1, 512), -1.0, dtype=torch.bfloat16)
    products[0, [7, 200]] = torch.tensor([1_004_000.0, 1_000_000.0], dtype=torch.bfloat16)
    pairs, _ = nearest._near(products, 1.0, 1)
    assert sorted(pairs.columns.tolist()) == [7, 200]
