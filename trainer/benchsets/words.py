"""ViCon and ViSim-400: words by themselves, as :mod:`trainer.evaluation.similarity` reads them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from trainer.benchsets.pairs import BenchPair, BenchSet, BenchTarget
from trainer.evaluation.similarity import WordPair, read_vicon, read_visim


def vicon_set(folder: Path) -> BenchSet:
    """Synonyms against antonyms."""
    return BenchSet("ViCon", "same", _bare(read_vicon(folder)))


def visim_set(path: Path) -> BenchSet:
    """Rated by people."""
    return BenchSet("ViSim-400", "rating", _bare(read_visim(path)))


def _bare(pairs: Sequence[WordPair]) -> tuple[BenchPair, ...]:
    found = []
    for number, pair in enumerate(pairs, start=1):
        left, right = (BenchTarget.whole(word, word) for word in (pair.left, pair.right))
        found.append(BenchPair(left, right, pair.gold, str(number)))
    return tuple(found)
