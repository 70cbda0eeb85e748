"""How far annotators agree: raw agreement, Gwet's AC1, kappa by Cohen and Fleiss, Krippendorff's
alpha.

Answers are nominal, unsure is an answer like any other, and a missing answer is missing. The
figures describe the audited items; they are not weighted to the population.

Values of kappa and alpha come from NLTK where its module is right: alpha with missing answers
left out, kappa on the items that both annotators answered (NLTK divides by all items). Where all
answers are the same, both are 0/0: they are None here, and 1 in NLTK. Fleiss' kappa is not in
NLTK, nor is AC1. Intervals come from a bootstrap over items. Items with equal answers are drawn
together, as one multinomial draw over the distinct patterns: the same distribution, in little
memory.

Sources: Cohen 1960; Fleiss, Psychological Bulletin 76 (1971); Krippendorff, Computing
Krippendorff's Alpha-Reliability (2011); Gwet, Computing inter-rater reliability and its variance
in the presence of high agreement, British Journal of Mathematical and Statistical Psychology 61
(2008).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audits.figures import Coefficient
from audits.statistics.intervals import wilson

Floats = NDArray[np.float64]
Ratings = Sequence[Mapping[str, str]]
"""One mapping per item: annotator -> code."""

RESAMPLES = 2000
"""The ends of an interval are 50 resamples from the outermost, which steadies two decimals."""
LEAST_ITEMS = 10
"""With fewer, a resample hardly differs from the sample, and its interval says nothing."""
LEAST_MINORITY = 5
"""Answers other than the commonest; with fewer, most resamples lack some of them, and the interval
covers far less than it says (17 % for kappa at 97 to 3 with 30 items)."""
UNDEFINED = Coefficient(value=None, low=None, high=None)


def raw_agreement(ratings: Ratings) -> Coefficient:
    """The share of items, of those with two answers or more, whose answers are all the same."""
    rated = [item for item in ratings if len(item) > 1]
    if not rated:
        return UNDEFINED
    same = sum(len(set(item.values())) == 1 for item in rated)
    low, high = wilson(same, len(rated))
    return Coefficient(value=same / len(rated), low=low, high=high)


def cohen(ratings: Ratings, first: str, second: str, seed: int = 0) -> Coefficient:
    """Cohen's kappa of two annotators over the items that both answered."""
    pairs = [(item[first], item[second]) for item in ratings if first in item and second in item]
    patterns, counts = _patterns(pairs)
    codes = sorted({code for pair in pairs for code in pair})
    if len(codes) < 2:
        return UNDEFINED
    at = {code: place for place, code in enumerate(codes)}
    table = np.zeros((len(patterns), len(codes), len(codes)))
    for place, (a, b) in enumerate(patterns):
        table[place, at[a], at[b]] = 1.0
    data = [(who, item, pair[who]) for item, pair in enumerate(pairs) for who in (0, 1)]
    return _with_interval(
        lambda: float(_task(data).kappa_pairwise(0, 1)),
        lambda weights: kappa_of(np.tensordot(weights, table, 1)),
        counts,
        seed,
        _minority([{first: a, second: b} for a, b in pairs]),
    )


def krippendorff(ratings: Ratings, seed: int = 0) -> Coefficient:
    """Krippendorff's alpha for nominal answers over the items with two answers or more."""
    rated = [item for item in ratings if len(item) > 1]
    table, counts = _counts(rated)
    if table.shape[1] < 2:
        return UNDEFINED
    data = [(who, at, code) for at, item in enumerate(rated) for who, code in item.items()]
    return _with_interval(
        lambda: float(_task(data).alpha()),
        lambda weights: alpha_of(weights, table),
        counts,
        seed,
        _minority(rated),
    )


def gwet(ratings: Ratings, n_codes: int, seed: int = 0) -> Coefficient:
    """Gwet's AC1 over the items with two answers or more, to a question with so many answers.

    Where nearly all answers are the same, kappa and alpha are low even where people hardly ever
    differ; AC1 is not.
    """
    rated = [item for item in ratings if len(item) > 1]
    if not rated:
        return UNDEFINED
    table, counts = _counts(rated)
    wide = max(2, n_codes, table.shape[1])
    value = float(ac1_of(counts[None, :].astype(np.float64), table, wide)[0])
    return _with_interval(
        lambda: value, lambda weights: ac1_of(weights, table, wide), counts, seed, _minority(rated)
    )


def fleiss(ratings: Ratings, n_annotators: int, seed: int = 0) -> Coefficient:
    """Fleiss' kappa over the items that all annotators answered."""
    rated = [item for item in ratings if len(item) == n_annotators]
    table, counts = _counts(rated)
    if n_annotators < 2 or table.shape[1] < 2:
        return UNDEFINED
    value = float(fleiss_of(counts[None, :].astype(np.float64), table)[0])
    return _with_interval(
        lambda: value, lambda weights: fleiss_of(weights, table), counts, seed, _minority(rated)
    )


def kappa_of(confusion: Floats) -> Floats:
    """Cohen's kappa of confusion matrices (..., codes, codes); NaN where it is undefined."""
    total = confusion.sum(axis=(-1, -2))
    observed = np.trace(confusion, axis1=-2, axis2=-1) / total
    expected = (confusion.sum(axis=-1) * confusion.sum(axis=-2)).sum(axis=-1) / total**2
    return _beyond_chance(observed, expected)


def alpha_of(weights: Floats, table: Floats) -> Floats:
    """Krippendorff's nominal alpha; ``weights`` (resamples, patterns), ``table`` (patterns, codes).

    A row of ``table`` counts the answers to an item, two at least; its weight says how many
    items have that pattern.
    """
    answers = table.sum(axis=1)
    differing = (answers**2 - (table**2).sum(axis=1)) / (answers - 1)
    n = weights @ answers
    observed = (weights @ differing) / n
    expected = (n**2 - ((weights @ table) ** 2).sum(axis=1)) / (n * (n - 1))
    return _beyond_chance(1 - observed, 1 - expected)


def fleiss_of(weights: Floats, table: Floats) -> Floats:
    """Fleiss' kappa; shapes as in :func:`alpha_of`, every item with the same number of answers."""
    answers = table[0].sum()
    agreeing = ((table**2).sum(axis=1) - answers) / (answers * (answers - 1))
    n_items = weights.sum(axis=1)
    expected = (((weights @ table) / (n_items * answers)[:, None]) ** 2).sum(axis=1)
    return _beyond_chance((weights @ agreeing) / n_items, expected)


def ac1_of(weights: Floats, table: Floats, n_codes: int) -> Floats:
    """Gwet's AC1; shapes as in :func:`alpha_of`, for a question with ``n_codes`` answers."""
    answers = table.sum(axis=1)
    agreeing = ((table**2).sum(axis=1) - answers) / (answers * (answers - 1))
    n_items = weights.sum(axis=1)
    share = (weights @ (table / answers[:, None])) / n_items[:, None]
    expected = (share * (1 - share)).sum(axis=1) / (n_codes - 1)
    return _beyond_chance((weights @ agreeing) / n_items, expected)


def _minority(ratings: Ratings) -> int:
    """How many answers are not the commonest one."""
    counts = Counter(code for item in ratings for code in item.values())
    return counts.total() - max(counts.values(), default=0)


def _beyond_chance(observed: Floats, expected: Floats) -> Floats:
    defined = expected < 1 - 1e-12
    return np.where(defined, (observed - expected) / np.where(defined, 1 - expected, 1.0), np.nan)


def _with_interval(
    value: Callable[[], float],
    statistic: Callable[[Floats], Floats],
    counts: NDArray[np.int64],
    seed: int,
    minority: int,
) -> Coefficient:
    """A value with the 2.5 and 97.5 % points of its bootstrap over items.

    Resamples in which the statistic is undefined are left out: one differing item alone is in 63 %
    of them. For fewer than LEAST_ITEMS items, or LEAST_MINORITY answers other than the commonest,
    the interval is None.
    """
    generator = np.random.default_rng(seed)
    total = int(counts.sum())
    if total < LEAST_ITEMS or minority < LEAST_MINORITY:
        return Coefficient(value=value(), low=None, high=None)
    weights = generator.multinomial(total, counts / total, size=RESAMPLES).astype(np.float64)
    low, high = np.nanquantile(statistic(weights), [0.025, 0.975])
    return Coefficient(value=value(), low=float(low), high=float(high))


def _patterns(
    answers: Iterable[tuple[str, ...]],
) -> tuple[list[tuple[str, ...]], NDArray[np.int64]]:
    counted = sorted(Counter(answers).items())
    return [pattern for pattern, _ in counted], np.array([count for _, count in counted])


def _counts(rated: Ratings) -> tuple[Floats, NDArray[np.int64]]:
    """How often each code was given per distinct pattern, and the items of each pattern."""
    patterns, counts = _patterns(tuple(sorted(item.values())) for item in rated)
    codes = sorted({code for pattern in patterns for code in pattern})
    table = np.array(
        [[pattern.count(code) for code in codes] for pattern in patterns], dtype=np.float64
    ).reshape(len(patterns), len(codes))
    return table, counts


def _task(data: Sequence[tuple[object, object, str]]) -> Any:
    from nltk.metrics.agreement import AnnotationTask

    return AnnotationTask(data=data)
