"""One counterpart a row and one row a counterpart: the most probable of all such choices."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_FORBIDDEN = 0.0


def assigned(
    row: NDArray[np.int32], candidate: NDArray[np.int32], gain: NDArray[np.float64]
) -> NDArray[np.intp]:
    """The pairs that are chosen, ascending: the sum of their gains is the largest possible.

    Pairs without a gain are never chosen. Rows and candidates that no pairs connect are solved
    apart, so that a whole WordNet is many small problems; equal input gives equal output.
    """
    from scipy import sparse
    from scipy.optimize import linear_sum_assignment
    from scipy.sparse.csgraph import connected_components

    pairs = np.flatnonzero(gain > _FORBIDDEN)
    if not len(pairs):
        return pairs
    rows, row_at = np.unique(row[pairs], return_inverse=True)
    columns, column_at = np.unique(candidate[pairs], return_inverse=True)
    n = len(rows) + len(columns)
    graph = sparse.csr_matrix((np.ones(len(pairs)), (row_at, column_at + len(rows))), shape=(n, n))
    _, component = connected_components(graph, directed=False)
    of_pair = component[row_at]
    order = np.argsort(of_pair, kind="stable")
    starts = np.flatnonzero(np.diff(of_pair[order], prepend=-1))
    chosen = []
    for part in np.split(order, starts[1:]):
        near, at_row = np.unique(row_at[part], return_inverse=True)
        far, at_column = np.unique(column_at[part], return_inverse=True)
        gains = np.full((len(near), len(far)), _FORBIDDEN, dtype=np.float32)
        which = np.full(gains.shape, -1, dtype=np.int32)
        gains[at_row, at_column] = gain[pairs[part]]
        which[at_row, at_column] = pairs[part]
        best = which[linear_sum_assignment(gains, maximize=True)]
        chosen.append(best[best >= 0])
    return np.sort(np.concatenate(chosen)).astype(np.intp)
