"""The words that a usage keeps company with, as far as chance does not explain it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from languages.language import Language
from trainer.progress import progress_of
from trainer.senses.clusters import ClusteredWords
from trainer.senses.folder import Collocate
from trainer.senses.picks import Picks, unit_keys
from trainer.senses.sentences import SentenceStore

WINDOW = 5
_LEAST = 2
_MOST = 8
_SURE = 10.83
"""What the ratio exceeds by chance once in a thousand times."""


def collocates(
    picks: Picks, store: SentenceStore, words: ClusteredWords, language: Language
) -> Iterator[Collocate]:
    """For each usage at most eight words, the surest first.

    A word counts once an occurrence, within five words on either side in its sentence.
    """
    key, totals = unit_keys(language), dict(zip(picks.units, picks.counts.tolist(), strict=True))
    n_words = int(picks.counts.sum())
    with progress_of("looking at neighbours", len(words.units)) as advance:
        for unit, own in zip(words.units.tolist(), words.usages, strict=True):
            name = picks.units[unit]
            for usage in range(len(own.mass)):
                rows = np.arange(picks.bounds[unit], picks.bounds[unit + 1])
                rows = rows[words.usage_of[rows] == usage]
                near: Counter[str] = Counter()
                n_near = 0
                for found in _neighbours(picks, store, rows, key):
                    near.update(found - {name})
                    n_near += len(found)
                yield from _surest(name, usage, near, n_near, totals, n_words)
            advance(1)


def _neighbours(
    picks: Picks, store: SentenceStore, rows: NDArray[np.int64], key: Callable[[str], str]
) -> Iterator[set[str]]:
    for row in rows:
        sentence, at = store[int(picks.sentence[row])], int(picks.word[row])
        first, last = max(0, at - WINDOW), at + WINDOW + 1
        beside = (*sentence.spans[first:at], *sentence.spans[at + 1 : last])
        yield {unit for a, b in beside if (unit := key(sentence.text[a:b]))}


def _surest(
    name: str, usage: int, near: Counter[str], n_near: int, totals: dict[str, int], n_words: int
) -> Iterator[Collocate]:
    found = []
    for word, times in near.items():
        total = totals.get(word, 0)
        if times < _LEAST or not total or times * n_words <= total * n_near:
            continue
        strength = likelihood_ratio(times, n_near, max(total - times, 0), max(n_words - n_near, 1))
        if strength >= _SURE:
            found.append((-strength, word, times))
    for minus, word, times in sorted(found)[:_MOST]:
        yield Collocate(unit=name, usage=usage, word=word, times=times, strength=round(-minus, 3))


def likelihood_ratio(here: int, n_here: int, there: int, n_there: int) -> float:
    """G^2 = 2 sum O ln(O / E) of a word's share here and there (Dunning 1993)."""
    share = (here + there) / (n_here + n_there)
    cells = (
        (here, n_here * share),
        (there, n_there * share),
        (n_here - here, n_here * (1 - share)),
        (n_there - there, n_there * (1 - share)),
    )
    return 2 * sum(o * math.log(o / e) for o, e in cells if o > 0 and e > 0)
