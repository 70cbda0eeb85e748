"""The nearest columns of every row by cosine, exact, found through products of low precision.

A score is a cosine in steps of 2^-20, a whole number, so that equal vectors tie whatever the
order of summation. Products of bfloat16 numbers are three times as fast as those of float32 where
the processor has instructions for them, and a bound says how far they may be off: whatever may be
among the k nearest of its row within that bound gets its exact score. A row where too much may be
(hundreds of columns tie, say) is scored exactly against all columns.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import pad

NO_SCORE = -(2**21)
"""Of an empty place: below all scores."""
_LENGTH = float(2**10)
"""Of all vectors here: a product is then a cosine in steps of 2^-20."""
_BLOCK_ROWS = 512
"""Enough for a fast product; what is done with a block finds most of it in the cache."""
_BLOCK_BYTES = 96 << 20
_GROUP = 32
"""Columns that are represented by their largest product; a power of two."""
_WIDE = 4
"""Groups that are taken together where only the border is sought."""
_MOST_GROUPS = 128
"""More of them within the bound, and the whole row is cheaper."""
_BYTES_WHOLE = 20
"""Of a product, its score and the key by which it is sorted."""
_COLUMN_BITS = 33
"""Score and column share 64 bits: 22 of them for a score and its sign."""


@dataclass(frozen=True, slots=True)
class Vectors:
    """Vectors (n, d) of any length, as they lie in memory, and what to multiply each by (n,)."""

    numbers: Tensor
    scales: Tensor

    @classmethod
    def of(cls, numbers: NDArray[np.float32]) -> Vectors:
        """Without a copy of those that can be written to, as torch wants it; zeros stay zeros."""
        found = torch.from_numpy(np.require(numbers, np.float32, ["C", "W"]))
        return cls(found, _LENGTH / found.norm(dim=1).clamp_(min=1e-12))

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, rows: slice | Tensor) -> Tensor:
        """Copies of those rows, as long as the products want them."""
        return self.numbers[rows] * self.scales[rows, None]


@dataclass(frozen=True, slots=True)
class Shortlist:
    """All columns that score at least as high as the k-th of their row, and perhaps others.

    ``rows`` (r,) are rows of the queries. ``columns`` (r, c) are theirs in any order and
    ``scores`` (r, c) whole numbers; a place that is empty has a column past the last one and a
    score below all.
    """

    rows: Tensor
    columns: Tensor
    scores: Tensor

    def first(self, k: int) -> Tensor:
        """(r, k) columns of the k highest scores, the highest first, equal ones by position."""
        keys = self.scores * 2**_COLUMN_BITS - self.columns
        return self.columns.gather(1, keys.topk(k, dim=1).indices)


def low_precision() -> torch.dtype:
    """bfloat16 where this processor multiplies it faster than float32, else float32."""
    can = torch.cpu.get_capabilities()
    return torch.bfloat16 if can.get("avx512_bf16") or can.get("amx_bf16") else torch.float32


def shortlists(
    queries: Vectors,
    columns: Vectors,
    k: int,
    *,
    without_self: bool = False,
    precision: torch.dtype | None = None,
) -> Iterator[Shortlist]:
    """The shortlists of all queries (n, d) among the columns (m, d).

    ``without_self``: queries and columns are the same vectors, and none is its own neighbour.
    Each query stands in one shortlist; they come in no set order. Memory: the columns once more in
    ``precision`` (by default ``low_precision()``), and some blocks of at most 96 MiB.
    """
    if len(columns) < k * _GROUP * _WIDE * 2:
        yield from _whole(queries, columns, torch.arange(len(queries)), without_self)
        return
    precision = precision or low_precision()
    rough = _Rough(columns, precision)
    rows = max(
        1, min(_BLOCK_ROWS, len(queries), _BLOCK_BYTES // (rough.width * precision.itemsize))
    )
    block = torch.empty((rows, rough.width), dtype=precision)
    for at in range(0, len(queries), rows):
        part = queries[at : at + rows]
        products, bound = rough.products(part, block[: len(part)])
        if without_self:
            products.diagonal(at).fill_(float("-inf"))
        pairs, unclear = _near(products, bound, k)
        numbers = torch.arange(at, at + len(part))
        if not bool(unclear.all()):
            which, scores = _scored(part, columns, pairs)
            yield Shortlist(numbers[~unclear], which[~unclear], scores[~unclear])
        yield from _whole(queries, columns, numbers[unclear], without_self)


class _Rough:
    """The columns in low precision, and how far products with them may be off."""

    def __init__(self, columns: Vectors, precision: torch.dtype) -> None:
        self.precision = precision
        self.n, n_numbers = columns.numbers.shape
        self.width = -(-self.n // _GROUP) * _GROUP
        """How many columns there are, up to a whole number of groups."""
        # A row's order stays the same if all columns are moved by the same vector; the closer they
        # then are to zero, the less is lost by rounding them.
        mean = columns.scales @ columns.numbers / self.n
        self.columns = torch.zeros((self.width, n_numbers), dtype=precision)
        self.off = self.longest = 0.0
        for at in range(0, self.n, _BLOCK_ROWS):
            moved = columns[at : at + _BLOCK_ROWS].sub_(mean)
            rounded = self.columns[at : at + len(moved)].copy_(moved)
            self.longest = max(self.longest, float(moved.norm(dim=1).max()))
            self.off = max(self.off, float(moved.sub_(rounded).norm(dim=1).max()))

    def products(self, queries: Tensor, out: Tensor) -> tuple[Tensor, float]:
        """Rough products (r, width) less a number for each row, and their largest error.

        With r(x) the rounded x, |q c - r(q) r(c)| <= |q - r(q)| |c| + |r(q)| |c - r(c)| by
        Cauchy-Schwarz; sums of d products in float32 add at most d 2^-23 of the lengths' product,
        here and in the exact scores, and rounding those to whole numbers one step in all.
        """
        rounded = queries.to(self.precision)
        torch.mm(rounded, self.columns.T, out=out)
        out[:, self.n :] = float("-inf")
        off = float(torch.sub(queries, rounded).norm(dim=1).max())
        bound = off * self.longest + (_LENGTH + off) * self.off
        sums = queries.shape[1] * 2.0**-23 * _LENGTH * (_LENGTH + self.longest)
        return out, bound + sums + 1.0


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Rows and columns (p,) of pairs, sorted by row."""

    rows: Tensor
    columns: Tensor


def _near(products: Tensor, bound: float, k: int) -> tuple[_Pairs, Tensor]:
    """The pairs that may be among the k nearest of their row, and which rows (r,) are unclear.

    The k-th largest of the groups' maxima is at most the k-th largest product; what lies two
    bounds below it, and what storing a product may lose, cannot change places with it. A row with
    too many such pairs, or with numbers that are none, gets no pairs and is unclear.
    """
    maxima = _maxima(products, _GROUP)
    border = _maxima(maxima[:, : maxima.shape[1] // _WIDE * _WIDE], _WIDE)
    kth = border.topk(k, dim=1, sorted=False).values.amin(dim=1).float()
    least = kth - 2 * bound - kth.abs() * torch.finfo(products.dtype).eps
    inside = maxima >= least[:, None]
    n_inside = inside.sum(dim=1)
    unclear = (n_inside < k) | (n_inside > _MOST_GROUPS)
    inside[unclear] = False
    rows, groups = inside.nonzero(as_tuple=True)
    members = products.unflatten(1, (_GROUP, -1))[rows, :, groups]
    found, places = (members >= least[rows, None]).nonzero(as_tuple=True)
    return _Pairs(rows[found], groups[found] + maxima.shape[1] * places), unclear


def _maxima(products: Tensor, size: int) -> Tensor:
    """(r, w / size): the largest of every w / size-th number; ``size`` is a power of two.

    Halves are compared whole, which keeps the memory's order and is the fastest way by far.
    """
    while size > 1:
        half = products.shape[1] // 2
        products = torch.maximum(products[:, :half], products[:, half:])
        size //= 2
    return products


def _scored(queries: Tensor, columns: Vectors, pairs: _Pairs) -> tuple[Tensor, Tensor]:
    """The columns and exact scores of the pairs as tables (r, c); see ``Shortlist``."""
    counts = torch.bincount(pairs.rows, minlength=len(queries))
    ends = counts.cumsum(0)
    places = torch.arange(len(pairs.rows)) - (ends - counts)[pairs.rows]
    shape = len(queries), int(counts.max())
    which, scores = torch.full(shape, len(columns)), torch.full(shape, NO_SCORE)
    which[pairs.rows, places] = pairs.columns
    exact = _products_of(queries, columns.numbers, pad(ends, (1, 0)), pairs.columns)
    scores[pairs.rows, places] = _as_scores(exact, columns.scales[pairs.columns])
    return which, scores


def _products_of(queries: Tensor, columns: Tensor, row_ends: Tensor, which: Tensor) -> Tensor:
    """The products (p,) of pairs, without a copy of any vector: pairs are a sparse matrix."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Sparse CSR tensor support is in beta")
        shape = len(queries), len(columns)
        pairs = torch.sparse_csr_tensor(
            row_ends, which, torch.zeros(len(which)), size=shape, check_invariants=False
        )
        found = torch.sparse.sampled_addmm(pairs, queries, columns.T, beta=0.0)
    exact: Tensor = found.values()
    return exact


def _as_scores(products: Tensor, scales: Tensor) -> Tensor:
    """Whole numbers of products with columns that have yet to be scaled."""
    return products.mul_(scales).round_().long()


def _whole(
    queries: Vectors, columns: Vectors, rows: Tensor, without_self: bool
) -> Iterator[Shortlist]:
    """Shortlists of those rows of the queries that hold all columns."""
    most = max(1, _BLOCK_BYTES // (_BYTES_WHOLE * max(1, len(columns))))
    for part in rows.split(most) if len(rows) else ():
        scores = _as_scores(torch.mm(queries[part], columns.numbers.T), columns.scales)
        if without_self:
            scores[torch.arange(len(part)), part] = NO_SCORE
        yield Shortlist(part, torch.arange(len(columns)).expand_as(scores), scores)
