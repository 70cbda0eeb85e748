"""ViCon and ViSim-400: words by themselves, as :mod:`trainer.evaluation.similarity` reads them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trainer.benchsets.pairs import BenchPair, BenchSet, BenchTarget
from trainer.evaluation.similarity import WordPair, read_vicon, read_visim, shared_letters


def vicon_set(folder: Path) -> BenchSet:
    """Synonyms against antonyms."""
    return BenchSet("ViCon", "same", _bare(read_vicon(folder)))


def visim_set(path: Path) -> BenchSet:
    """Rated by people."""
    return BenchSet("ViSim-400", "rating", _bare(read_visim(path)))


def letters_alone(pairs: Sequence[BenchPair]) -> NDArray[np.float64]:
    """What the targets' letters tell, without any context or vector."""
    return np.array([shared_letters(pair.left.text, pair.right.text) for pair in pairs])


def _bare(pairs: Sequence[WordPair]) -> tuple[BenchPair, ...]:
    found = []
    for number, pair in enumerate(pairs, start=1):
        left, right = (BenchTarget.whole(word, word) for word in (pair.left, pair.right))
        found.append(BenchPair(left, right, pair.gold, str(number)))
    return tuple(found)
