"""What a row is, from annotators who err: the model of Dawid and Skene, by EM.

A row is of class k with probability p_k, and annotator a says l of a row of class k with
probability e_akl, whatever others say (Dawid and Skene, Maximum likelihood estimation of observer
error-rates using the EM algorithm, Applied Statistics 28, 1979). From the shares of the answers of
each row as a start, p and e are taken from the rows' posteriors, and the posteriors from p and e,
until they stay. With two annotators any number of p and e explain the same answers: it takes three.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

STEPS = 500
"""EM stops here at the latest; of a few hundred rows it is still after fifty."""
STILL = 1e-7
"""The largest change of a posterior that counts as none."""


class Fitted(NamedTuple):
    """``prior`` (classes,), ``errors`` (annotators, classes, answers), ``posterior`` (rows,
    classes)."""

    prior: Floats
    errors: Floats
    posterior: Floats


def fit(ratings: Sequence[Mapping[str, int]], n_classes: int, steps: int = STEPS) -> Fitted:
    """The model for rows of answers 0 to ``n_classes`` - 1 by annotator; no row is empty.

    An annotator's answers to rows of a class start from one more answer, a right one but for a
    tenth: one who read few rows of a class is taken for able to know it.
    """
    names = sorted({name for row in ratings for name in row})
    at = {name: place for place, name in enumerate(names)}
    said = np.zeros((len(ratings), len(names), n_classes))
    for place, row in enumerate(ratings):
        for name, answer in row.items():
            said[place, at[name], answer] = 1.0
    able = np.full((n_classes, n_classes), 0.1 / max(1, n_classes - 1))
    np.fill_diagonal(able, 0.9)
    posterior = said.sum(axis=1) / said.sum(axis=(1, 2))[:, None]
    for _ in range(steps):
        prior, errors = _maximised(posterior, said, able)
        found = _expected(prior, errors, said)
        moved = float(np.abs(found - posterior).max())
        posterior = found
        if moved < STILL:
            break
    return Fitted(*_maximised(posterior, said, able), posterior)


def _maximised(posterior: Floats, said: Floats, able: Floats) -> tuple[Floats, Floats]:
    """The prior and the error rates that fit the posteriors best."""
    counts = np.einsum("ik,ial->akl", posterior, said) + able
    return posterior.mean(axis=0), counts / counts.sum(axis=2, keepdims=True)


def _expected(prior: Floats, errors: Floats, said: Floats) -> Floats:
    """The posteriors of the rows."""
    with np.errstate(divide="ignore"):
        logs = np.log(prior) + np.einsum("ial,akl->ik", said, np.log(errors))
    likely = np.exp(logs - logs.max(axis=1, keepdims=True))
    return np.asarray(likely / likely.sum(axis=1, keepdims=True))
