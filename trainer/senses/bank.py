"""Sense vectors anchored in glosses and moved by usage: the union of a slow reader and a fast one.

A ranker that reads glosses together with sentences says which sense an unlabelled sentence shows;
the vectors of such sentences move each sense's vector away from its gloss, as far as they are
sure. What is left to do for a sentence is one reading of it alone, and cosines.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from trainer.ranking.prediction import unit_rows

Floats = NDArray[np.float32]
_TEMPERATURES = np.geomspace(0.25, 8.0, 61)


def shares_of(scores: NDArray[np.floating], temperature: float) -> NDArray[np.float64]:
    """The softmax of one item's scores over a temperature."""
    scaled = np.asarray(scores, dtype=np.float64) / temperature
    grown = np.exp(scaled - scaled.max())
    return np.asarray(grown / grown.sum())


def fitted_temperature(scores: Sequence[NDArray[np.floating]], gold: Sequence[int]) -> float:
    """The temperature, of 61 from a quarter to 8, under which gold senses are likeliest.

    Items without a gold candidate, or with one candidate, do not count; 1 where none does.
    """
    used = [(s, g) for s, g in zip(scores, gold, strict=True) if g >= 0 and len(s) > 1]
    if not used:
        return 1.0
    losses = [-sum(np.log(shares_of(s, t)[g] + 1e-12) for s, g in used) for t in _TEMPERATURES]
    return float(_TEMPERATURES[int(np.argmin(losses))])


def ridge_map(glosses: Floats, means: Floats, ridge: float) -> NDArray[np.float64]:
    """P (v, w) with ``g @ P`` near the mean vector of the sense whose gloss vector is g.

    P = (G^T G + ridge tr(G^T G) / w I)^-1 G^T M for glosses G (n, v) and means M (n, w). Without
    any, P leaves vectors of equal width as they are.
    """
    if not len(glosses):
        return np.eye(glosses.shape[1], means.shape[1])
    g, m = glosses.astype(np.float64), means.astype(np.float64)
    square = g.T @ g
    penalty = max(ridge * np.trace(square) / len(square), 1e-9)
    return np.asarray(np.linalg.solve(square + penalty * np.eye(len(square)), g.T @ m))


def bank_vectors(
    anchors: NDArray[np.floating],
    rows: Sequence[Sequence[int]],
    shares: Sequence[NDArray[np.float64]],
    vectors: Floats,
    n_anchor: float,
) -> tuple[Floats, NDArray[np.float64]]:
    """(S, w) unit sense vectors, and how many sentences each has, (S,).

    E_s = a P g_s + (1 - a) sum_i p_i(s) m_i / sum_i p_i(s), to length 1, with the anchors P g_s
    and a = n_anchor / (n_anchor + sum_i p_i(s)): as if the gloss were ``n_anchor`` sentences. Item
    i has the candidates ``rows[i]``, senses by number, their ``shares[i]``, and the vector m_i.
    """
    weight = np.zeros(len(anchors))
    moved = np.zeros(anchors.shape, dtype=np.float64)
    for own, p, vector in zip(rows, shares, vectors, strict=True):
        for row, share in zip(own, p, strict=True):
            weight[row] += share
            moved[row] += share * vector
    a = n_anchor / (n_anchor + weight)
    means = moved / np.maximum(weight, 1e-12)[:, None]
    mixed = a[:, None] * anchors + (1.0 - a)[:, None] * means
    return unit_rows(mixed.astype(np.float32)), weight
