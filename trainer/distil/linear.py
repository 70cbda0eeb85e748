"""The distillers' loss in closed form: m = W y and c = (2 I - W) y.

With these the reconstruction of each state by itself is exact, and with A = E (y_s - y_t)(y_s -
y_t)^T over pairs of one sense and B = E (y_s - y_n)(y_s - y_n)^T over pairs apart the loss is
tr(W A W^T) / 2 + tr((W - 2 I) B (W - 2 I)^T) / 2, least at W = 2 B (A + B)^-1. Without pairs apart
W is 0: the collapse that the paper's negatives prevent. For a negative n of a translation t,
with u = y_s - y_n and v = y_t - y_n, the terms |W u / 2 - v|^2 + |W v / 2 - v|^2 add
E u u^T / 2 + E v v^T / 2 to the left side of W (A + ...) = ..., and E v u^T + E v v^T to the right.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from schemas.errors import InputError
from trainer.distil.triples import NO_ROW, TripleRows
from trainer.states.standardise import ReadRows

Matrix = NDArray[np.float64]
_CHUNK = 2048


def linear_map(same: Matrix, left: Matrix, right: Matrix, ridge: float) -> Matrix:
    """W = right (same + left + ridge tr(same) / d I)^-1; of one language, left = B, right = 2 B.

    The inverse is the pseudo-inverse where the sum is singular, so that no direction without
    data gets a weight.
    """
    d = len(same)
    whole = same + left + ridge * np.trace(same) / d * np.eye(d)
    return np.asarray(right @ np.linalg.pinv(whole, hermitian=True))


def fit_linear(
    read: ReadRows, triples: TripleRows, ridge: float, *, negatives: bool, siblings: bool
) -> NDArray[np.float32]:
    """(d, d) W of the triples, from their mean states, in float64.

    ``negatives`` and ``siblings`` say which pairs apart are used. Raises InputError without any.
    """
    found = _Sums()
    for at in range(0, len(triples), _CHUNK):
        rows = triples.rows[at : at + _CHUNK]
        across = triples.crosslingual[at : at + _CHUNK]
        sides = [_means(read, rows[:, side]) for side in range(4)]
        found.same(sides[0] - sides[1])
        has = rows[:, 2] != NO_ROW
        if negatives:
            found.apart("negative", (sides[0] - sides[2])[has & ~across])
            both = has & across
            found.across("negative", (sides[0] - sides[2])[both], (sides[1] - sides[2])[both])
        if siblings:
            found.apart("sibling", (sides[0] - sides[3])[rows[:, 3] != NO_ROW])
    return found.solved(ridge).astype(np.float32)


def whitening(states: NDArray[np.float32], ridge: float) -> NDArray[np.float32]:
    """(d, d) C^-1/2 of the covariance C of mean states (n, d), ridge tr(C) / d added to it."""
    x = states.astype(np.float64)
    covariance = np.cov(x, rowvar=False, bias=True).reshape(x.shape[1], x.shape[1])
    covariance += ridge * np.trace(covariance) / len(covariance) * np.eye(len(covariance))
    values, vectors = np.linalg.eigh(covariance)
    kept = values > values.max() * 1e-12
    scaled = vectors[:, kept] / np.sqrt(values[kept])
    return np.asarray(scaled @ vectors[:, kept].T, dtype=np.float32)


def _means(read: ReadRows, rows: NDArray[np.int64]) -> Matrix:
    """(n, d) mean states; those of absent sentences are another's, and are not used."""
    found = read(np.maximum(rows, 0))
    return np.asarray(found.mean(axis=1, dtype=np.float64))


class _Sums:
    """Sums of outer products per term of the loss, each of which is a mean over its own rows."""

    def __init__(self) -> None:
        self._same: list[Matrix] = []
        self._n = 0
        self._terms: dict[str, tuple[Matrix, Matrix, int]] = {}

    def same(self, difference: Matrix) -> None:
        self._same = [sum(self._same, difference.T @ difference)]
        self._n += len(difference)

    def apart(self, term: str, difference: Matrix) -> None:
        b = difference.T @ difference
        self._add(term, len(difference), b, 2 * b)

    def across(self, term: str, u: Matrix, v: Matrix) -> None:
        b = v.T @ v
        self._add(term, len(u), (u.T @ u + b) / 2, v.T @ u + b)

    def _add(self, term: str, n: int, left: Matrix, right: Matrix) -> None:
        if term in self._terms:
            known = self._terms[term]
            left, right, n = left + known[0], right + known[1], n + known[2]
        self._terms[term] = (left, right, n)

    def solved(self, ridge: float) -> Matrix:
        terms = [(left / n, right / n) for left, right, n in self._terms.values() if n]
        if not self._n or not terms:
            raise InputError(
                "no pairs to tell apart: the triples have neither negatives nor siblings"
            )
        left, right = (np.sum([term[side] for term in terms], axis=0) for side in (0, 1))
        return linear_map(self._same[0] / self._n, left, right, ridge)
