"""Accuracy per part of speech, polysemy and what training has seen, with intervals over lemmas."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from languages.language import Language
from schemas.evaluation import SAME_LEMMAS, LemmaMean, PartResult
from schemas.predictions import MANY
from schemas.records import Split
from trainer.ranking.prediction import Prediction, ambiguous, within_pos

_BLOCK = 64
"""Samples drawn at a time, for memory."""

Value = Callable[[Prediction], float]


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """How the intervals over lemmas are drawn."""

    samples: int = 1000
    confidence: float = 0.95
    seed: int = 0


def correct(prediction: Prediction) -> float:
    """1 where the gold sense was chosen, else 0: their mean is the accuracy."""
    return float(prediction.correct)


def coarsely_correct(prediction: Prediction) -> float:
    """The same where synsets that nothing tells apart count as one."""
    return float(prediction.coarsely_correct)


def lead_over(model: Sequence[Prediction]) -> Value:
    """What the model has over another system's prediction for the same item: 1, 0 or -1."""
    own = {(p.item.item_id, p.same_pos_only): correct(p) for p in (*model, *within_pos(model))}
    return lambda other: own[other.item.item_id, other.same_pos_only] - correct(other)


def breakdown(
    predictions: Sequence[Prediction],
    language: Language,
    value: Value = correct,
    bootstrap: Bootstrap = Bootstrap(),
) -> list[PartResult]:
    """All parts: overall, per split, POS, number of candidates, and each of them same-POS only.

    The headline counts items whose lemma has two senses or more; ``with monosemous`` all. Where the
    inventory has clusters, accuracies are told coarsely too.
    """

    def frame(rows: Sequence[Prediction], counted: Value = value) -> pd.DataFrame:
        columns = ("split", "pos", "candidates", "lemma", "value")
        found = [
            (row.item.split, row.item.pos, n_senses(row), key(row.item.lemma), counted(row))
            for row in rows
        ]
        return pd.DataFrame(found, columns=columns)

    def n_senses(row: Prediction) -> str:
        return str(row.n_senses) if row.n_senses < MANY else f"{MANY}+"

    def part(group: str, name: str, rows: pd.DataFrame) -> PartResult:
        values, lemmas = rows["value"].tolist(), rows["lemma"].tolist()
        estimate = mean_over_lemmas(values, lemmas, bootstrap)
        return PartResult(group=group, name=name, estimate=estimate)

    key = language.match_key
    hard, narrow = frame(ambiguous(predictions)), frame(within_pos(predictions))
    parts = [
        part("all", "ambiguous", hard),
        part("all", "with monosemous", frame(predictions)),
        part("all", "same POS only", narrow),
    ]
    if value is correct and any(e.cluster for row in predictions for e in row.candidates):
        coarse = frame(ambiguous(predictions), coarsely_correct)
        parts.append(part("coarse", "ambiguous", coarse))
        coarse = frame(within_pos(predictions), coarsely_correct)
        parts.append(part("coarse", "same POS only", coarse))
    for whose, rows in (("", hard), (", same POS", narrow)):
        for by in ("split", "pos", "candidates"):
            parts += [part(f"{by}{whose}", str(name), own) for name, own in rows.groupby(by)]
    return parts


def seen_and_unseen(
    rows: Sequence[tuple[str, str, float]], bootstrap: Bootstrap = Bootstrap()
) -> list[PartResult]:
    """Accuracy on seen and on held-out senses of the same lemmas, and its harmonic mean.

    ``rows`` are lemma, split and whether the answer was right. Lemmas count that both test parts
    ask about, so that a system that leans to senses with, or to those without, training sentences
    cannot win: generalised zero-shot learning's figure (Xian et al. 2017, "Zero-Shot Learning: the
    Good, the Bad and the Ugly").
    """
    splits = (Split.TEST_SEEN.value, Split.TEST_UNSEEN_SENSE.value)
    lemmas = [{lemma for lemma, split, _ in rows if split == name} for name in splits]
    at = {lemma: number for number, lemma in enumerate(sorted(lemmas[0] & lemmas[1]))}
    right, total = np.zeros((2, len(at))), np.zeros((2, len(at)))
    for lemma, split, value in rows:
        if split in splits and lemma in at:
            right[splits.index(split), at[lemma]] += value
            total[splits.index(split), at[lemma]] += 1
    names = ("seen", "held out", "harmonic mean")
    if not at:
        nothing = LemmaMean(value=None, low=None, high=None, n_items=0, n_lemmas=0)
        return [PartResult(group=SAME_LEMMAS, name=name, estimate=nothing) for name in names]
    values = _both(right.sum(axis=1), total.sum(axis=1))
    samples = [
        _both(right[:, drawn].sum(axis=2), total[:, drawn].sum(axis=2))
        for drawn in _draws(len(at), bootstrap)
    ]
    tail = (1 - bootstrap.confidence) / 2
    low, high = np.quantile(np.concatenate(samples, axis=1), [tail, 1 - tail], axis=1)
    counts = [*total.sum(axis=1), total.sum()]
    return [
        PartResult(
            group=SAME_LEMMAS,
            name=name,
            estimate=LemmaMean(
                value=float(values[n]),
                low=float(low[n]),
                high=float(high[n]),
                n_items=int(counts[n]),
                n_lemmas=len(at),
            ),
        )
        for n, name in enumerate(names)
    ]


def _draws(n_lemmas: int, bootstrap: Bootstrap) -> Iterator[NDArray[np.int64]]:
    """The lemmas of each sample, (samples, n_lemmas), some samples at a time."""
    rng = np.random.default_rng(bootstrap.seed)
    for at in range(0, bootstrap.samples, _BLOCK):
        yield rng.integers(0, n_lemmas, size=(min(_BLOCK, bootstrap.samples - at), n_lemmas))


def _both(right: NDArray[np.float64], total: NDArray[np.float64]) -> NDArray[np.float64]:
    """(3, ...) two accuracies and their harmonic mean, from (2, ...) counts; 0 where both are."""
    seen, unseen = right / total
    mean = 2 * seen * unseen / np.where(seen + unseen == 0, 1.0, seen + unseen)
    return np.stack([seen, unseen, mean])


def mean_over_lemmas(
    values: Sequence[float],
    lemmas: Sequence[str],
    bootstrap: Bootstrap = Bootstrap(),
) -> LemmaMean:
    """The mean of the items' values and its percentile interval by resampling lemmas.

    Accuracy (= micro-F1, one answer per item) where a value is 1 for right and 0 for wrong; a
    lead where it is the difference of two systems on the same item. Lemmas are resampled, for
    contexts of one lemma are not independent.
    """
    if not values:
        return LemmaMean(value=None, low=None, high=None, n_items=0, n_lemmas=0)
    names, group = np.unique(np.asarray(lemmas), return_inverse=True)
    summed = np.bincount(group, weights=np.asarray(values, dtype=float))
    total = np.bincount(group).astype(float)
    drawn = _draws(len(names), bootstrap)
    means = np.concatenate([summed[rows].sum(axis=1) / total[rows].sum(axis=1) for rows in drawn])
    tail = (1 - bootstrap.confidence) / 2
    low, high = np.quantile(means, [tail, 1 - tail])
    return LemmaMean(
        value=float(summed.sum() / total.sum()),
        low=float(low),
        high=float(high),
        n_items=len(values),
        n_lemmas=len(names),
    )
