"""From cosines of pairs to figures with intervals: all kinds of vectors on the same resamples."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from trainer.benchsets.pairs import BenchPair, BenchSet
from trainer.distil.report import Measured, RowResult, SetResult
from trainer.evaluation.accuracy import Bootstrap
from trainer.evaluation.similarity import spearman
from trainer.evaluation.word_in_context import area_under_curve, best_threshold

Floats = NDArray[np.float64]
Metric = Callable[[NDArray[np.int64], Floats], float]
"""Of some pairs, by their numbers, and the values of all."""


def score_set(
    name: str,
    bench: BenchSet,
    cosines: Mapping[str, tuple[Floats, Floats]],
    base: str,
    bootstrap: Bootstrap,
) -> SetResult:
    """The figures of each kind of vector, whose cosines are of the dev and of the test pairs.

    Pairs without a place have the cosine NaN. ``base`` is the kind over which leads are told.
    """
    gold = np.array([pair.gold for pair in bench.test])
    tested = np.stack([test for _, test in cosines.values()])
    absent, values = np.isnan(tested[0]), np.nan_to_num(tested)
    groups = [pair.group for pair in bench.test]
    intervals = partial(
        _intervals, groups=groups, base=list(cosines).index(base), bootstrap=bootstrap
    )
    auc: list[tuple[Measured, Measured]] | None = None
    if bench.task == "same":
        right = np.stack([_right(bench, *own) for own in cosines.values()])
        figures = intervals(lambda rows, own: float(own[rows].mean()), right)
        auc = intervals(lambda rows, own: area_under_curve(own[rows], gold[rows] > 0), values)
    else:
        parts = np.unique([pair.part for pair in bench.test], return_inverse=True)[1]
        figures = intervals(lambda rows, own: _rho(parts[rows], own[rows], gold[rows]), values)
    return SetResult(
        name=name,
        measure="accuracy" if bench.task == "same" else "rho",
        n_pairs=len(bench.test),
        n_dev=len(bench.dev),
        n_groups=len(set(groups)),
        n_unplaced=int(absent.sum()),
        rows=tuple(
            RowResult(
                name=kind,
                figure=figures[i][0],
                lead=figures[i][1],
                auc=auc[i][0] if auc else None,
                auc_lead=auc[i][1] if auc else None,
            )
            for i, kind in enumerate(cosines)
        ),
    )


def _right(bench: BenchSet, dev: Floats, test: Floats) -> Floats:
    """1 where a pair is judged as its gold says; an unplaced pair is wrong."""
    gold = np.array([pair.gold > 0 for pair in bench.test])
    if bench.dev:
        threshold = np.full(len(test), _threshold(dev, bench.dev))
    else:
        half = np.array([_half(pair.group) for pair in bench.test])
        threshold = np.empty(len(test))
        for own in (0, 1):
            others = [pair for pair, at in zip(bench.test, half, strict=True) if at != own]
            threshold[half == own] = _threshold(test[half != own], others)
    right = ((test > threshold) == gold) & ~np.isnan(test)
    return np.asarray(right, dtype=np.float64)


def _threshold(cosines: Floats, pairs: Sequence[BenchPair]) -> float:
    placed = ~np.isnan(cosines)
    gold = [pair.gold > 0 for pair, known in zip(pairs, placed, strict=True) if known]
    return best_threshold(cosines[placed], gold)


def _half(group: str) -> int:
    return hashlib.blake2b(group.encode(), digest_size=1).digest()[0] % 2


def _rho(parts: NDArray[np.int64], cosines: Floats, gold: Floats) -> float:
    """Spearman's rho, of several parts their mean weighted by their pairs."""
    total = 0.0
    for part in np.unique(parts):
        own = parts == part
        total += float(own.mean()) * spearman(cosines[own].tolist(), gold[own].tolist())
    return total


def _intervals(
    metric: Metric, values: Floats, groups: Sequence[str], base: int, bootstrap: Bootstrap
) -> list[tuple[Measured, Measured]]:
    """For each row of ``values`` its figure, and its lead over the row ``base``."""
    everyone = np.arange(values.shape[1])
    own = np.array([metric(everyone, row) for row in values])
    drawn = np.array(
        [[metric(rows, row) for row in values] for rows in _resampled(groups, bootstrap)]
    )
    tail = (1 - bootstrap.confidence) / 2
    found = []
    for value, samples in ((own, drawn), (own - own[base], drawn - drawn[:, [base]])):
        low, high = np.quantile(samples, [tail, 1 - tail], axis=0)
        found.append(
            [
                Measured(value=v, low=a, high=b)
                for v, a, b in zip(value.tolist(), low.tolist(), high.tolist(), strict=True)
            ]
        )
    return list(zip(*found, strict=True))


def _resampled(groups: Sequence[str], bootstrap: Bootstrap) -> list[NDArray[np.int64]]:
    """The pairs of groups drawn with replacement, as often as wanted."""
    names, number = np.unique(np.asarray(groups), return_inverse=True)
    order = np.argsort(number, kind="stable")
    members = np.split(order, np.cumsum(np.bincount(number))[:-1])
    rng = np.random.default_rng(bootstrap.seed)
    return [
        np.concatenate([members[at] for at in rng.integers(0, len(names), size=len(names))])
        for _ in range(bootstrap.samples)
    ]
