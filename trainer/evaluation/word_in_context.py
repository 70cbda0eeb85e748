"""Word-in-context pairs out of examples: does a lemma have the same sense in both sentences?"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from languages.language import Language
from schemas.evaluation import WordInContextResult
from trainer.data import Item
from trainer.evaluation.accuracy import Bootstrap, mean_over_lemmas

_PER_LEMMA = 10


@dataclass(frozen=True, slots=True)
class ContextPair:
    """Two items of one lemma, and whether they share the synset."""

    left: Item
    right: Item
    same: bool


def context_pairs(items: Sequence[Item], language: Language) -> list[ContextPair]:
    """As many pairs of one sense as of two, at most ten of each per lemma.

    Which pairs are taken is decided by a digest of their ids, so equal items give equal pairs.
    Lemmas without both kinds give none.
    """
    by_lemma: dict[str, list[Item]] = {}
    for item in items:
        by_lemma.setdefault(language.match_key(item.lemma), []).append(item)
    pairs = []
    for _, own in sorted(by_lemma.items()):
        kinds: tuple[list[ContextPair], list[ContextPair]] = ([], [])
        for left, right in combinations(sorted(own, key=lambda i: i.item_id), 2):
            same = left.synset_id == right.synset_id
            kinds[same].append(ContextPair(left, right, same))
        n = min(len(kinds[0]), len(kinds[1]), _PER_LEMMA)
        for kind in kinds:
            pairs += sorted(kind, key=_digest)[:n]
    return pairs


def _digest(pair: ContextPair) -> str:
    return hashlib.sha256(f"{pair.left.item_id}|{pair.right.item_id}".encode()).hexdigest()


def pair_cosines(
    pairs: Sequence[ContextPair], vectors: Mapping[str, NDArray[np.float32]]
) -> NDArray[np.float64]:
    """The cosine of each pair's vectors, which are keyed by item id."""
    return np.array([_cosine(vectors[p.left.item_id], vectors[p.right.item_id]) for p in pairs])


def _cosine(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    norm = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / norm if norm else 0.0


def best_threshold(cosines: NDArray[np.float64], same: Sequence[bool]) -> float:
    """The midpoint between neighbouring cosines that separates best; the lowest of equal ones."""
    if not len(cosines):
        return 0.5
    order = np.sort(np.unique(cosines))
    middles = np.concatenate([[order[0] - 1.0], (order[:-1] + order[1:]) / 2, [order[-1] + 1.0]])
    gold = np.asarray(same)
    right = [float(((cosines > t) == gold).mean()) for t in middles]
    return float(middles[int(np.argmax(right))])


def area_under_curve(
    scores: NDArray[np.floating], positive: Sequence[bool] | NDArray[np.bool_]
) -> float:
    """How often a positive scores above a negative, equal ones half; 0.5 without either kind."""
    from scipy.stats import rankdata

    gold = np.asarray(positive, dtype=bool)
    n, others = int(gold.sum()), int((~gold).sum())
    if not n or not others:
        return 0.5
    above = float(rankdata(scores)[gold].sum()) - n * (n + 1) / 2
    return above / (n * others)


def word_in_context(
    validation: Sequence[Item],
    test: Sequence[Item],
    vectors: Mapping[str, NDArray[np.float32]],
    language: Language,
    bootstrap: Bootstrap,
) -> WordInContextResult:
    """Accuracy on the test pairs at the validation pairs' threshold; chance is 0.5."""
    known = context_pairs(validation, language)
    threshold = best_threshold(pair_cosines(known, vectors), [pair.same for pair in known])
    pairs = context_pairs(test, language)
    said = pair_cosines(pairs, vectors) > threshold
    estimate = mean_over_lemmas(
        [bool(s) == pair.same for s, pair in zip(said, pairs, strict=True)],
        [language.match_key(pair.left.lemma) for pair in pairs],
        bootstrap,
    )
    return WordInContextResult(estimate=estimate, threshold=threshold)
