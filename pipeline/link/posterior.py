"""How probable each candidate is: a conditional logit with "none of them" as one more choice.

P(candidate | row) = exp(signs . WEIGHTS) / (exp(NONE) + sum over candidates of the same). The
weights are the maximum of the likelihood on rows whose counterpart is known, a row without it
among its candidates counting as "none"; so the probabilities are calibrated on such rows
(``python -m benchmarks.link`` fits and measures them).

No two rows have one counterpart. The odds of a candidate are therefore multiplied by the
probability that no other row takes it, as these stand, and the row's are made to sum to 1 again, a
few times over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.link.english import CATCH_ALL
from pipeline.link.evidence import SIGNS, Evidence

WEIGHTS = np.array(
    [2.87, 0.63, 0.32, 1.83, 0.68, -0.67, -0.3, 0.22, 2.44, 0.39, 6.91, 2.41, 2.82, 1.31, 4.0]
)
assert len(WEIGHTS) == len(SIGNS)
NONE = 3.66
NONE_OF_ANY_NOUN = 2.6
"""Added to NONE in the catch-all, most rows of which were made in the language itself: one in 400
has a lemma that names a synset of Princeton's, of other files one in 30; log(400 / 30)."""
_LEAST = 0.01
"""Candidates that are less probable are not looked at further."""
_TURNS = 5
_SURE = 0.999


@dataclass(frozen=True, slots=True)
class Edges:
    """The pairs of a row and a candidate that are left, sorted by row."""

    row: NDArray[np.int32]
    """(e,): place of the row in the sequence of evidence."""
    candidate: NDArray[np.int32]
    """(e,): number of the synset."""
    odds: NDArray[np.float64]
    """(e,): against none."""
    probability: NDArray[np.float64]
    """(e,): given all rows."""


def scored(evidence: Evidence) -> tuple[NDArray[np.float64], float]:
    """The log-odds of each candidate, up to a constant, and those of none."""
    none = NONE + NONE_OF_ANY_NOUN * (evidence.row.supersense == CATCH_ALL)
    return evidence.signs @ WEIGHTS, none


def with_none(scores: NDArray[np.float64], none: float) -> tuple[NDArray[np.float64], float]:
    """Of each candidate and of none, summing to 1."""
    highest = max(none, float(scores.max(initial=none)))
    weights, of_none = np.exp(scores - highest), float(np.exp(none - highest))
    total = weights.sum() + of_none
    return weights / total, of_none / total


def edges_of(found: Sequence[tuple[Evidence, NDArray[np.float64], float]]) -> Edges:
    """The pairs worth a look, of (evidence, scores, score of none), given each other."""
    rows, candidates, odds = [], [], []
    for place, (evidence, scores, none) in enumerate(found):
        likely, of_none = with_none(scores, none)
        kept = likely >= _LEAST
        of_none += likely[~kept].sum()
        rows.append(np.full(int(kept.sum()), place, dtype=np.int32))
        candidates.append(evidence.candidates[kept])
        odds.append(likely[kept] / of_none)
    if not rows:
        empty = np.zeros(0)
        return Edges(empty.astype(np.int32), empty.astype(np.int32), empty, empty)
    row, candidate, against = map(np.concatenate, (rows, candidates, odds))
    return Edges(row, candidate, against, given_each_other(row, candidate, against))


def given_each_other(
    row: NDArray[np.int32], candidate: NDArray[np.int32], odds: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The probability of each pair where no candidate is of two rows."""
    n_rows, n_candidates = int(row.max(initial=-1)) + 1, int(candidate.max(initial=-1)) + 1
    probability = odds / (1 + np.bincount(row, odds, n_rows))[row]
    for _ in range(_TURNS):
        log_free = np.log1p(-np.minimum(probability, _SURE))
        of_others = np.bincount(candidate, log_free, n_candidates)[candidate] - log_free
        left = odds * np.exp(of_others)
        probability = left / (1 + np.bincount(row, left, n_rows))[row]
    return probability
