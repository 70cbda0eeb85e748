"""How a sense is used: a unigram model of its gloss and of its training sentences."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

import orjson

from schemas.files import explained, replacing
from schemas.text import match_key, syllables
from trainer.data import Item

GLOSS_WEIGHT = 3.0
_PRIOR = 20.0
_FILE = "usage.json"


def around(item: Item) -> list[str]:
    """The syllables of a sentence outside its target."""
    text = f"{item.sentence[: item.start]} {item.sentence[item.end :]}"
    return syllables(match_key(text))


@dataclass(frozen=True)
class UsageModel:
    """log P(syllables around the target | sense) - log P(them), Dirichlet-smoothed.

    ``sentences`` counts syllables of the training sentences per synset; a sense without any is
    known by its gloss alone. A syllable of the gloss counts three times.
    """

    sentences: Mapping[str, Mapping[str, int]]

    @classmethod
    def of(cls, training: Iterable[Item]) -> Self:
        """From training items."""
        counts: dict[str, Counter[str]] = {}
        for item in training:
            counts.setdefault(item.synset_id, Counter()).update(around(item))
        return cls({synset: dict(sorted(own.items())) for synset, own in sorted(counts.items())})

    @cached_property
    def _background(self) -> tuple[Counter[str], float]:
        total: Counter[str] = Counter()
        for own in self.sentences.values():
            total.update(own)
        return total, float(max(1, sum(total.values())))

    def score(self, item: Item, synset_id: str, gloss: str) -> float:
        """The score of one sense; 0 for a sentence that is its target alone."""
        background, size = self._background
        own = self.sentences.get(synset_id, {})
        glossed = Counter(syllables(match_key(gloss)))
        total = sum(own.values()) + GLOSS_WEIGHT * sum(glossed.values())
        found = 0.0
        for syllable in around(item):
            share = (background[syllable] + 0.5) / size
            count = own.get(syllable, 0) + GLOSS_WEIGHT * glossed[syllable]
            found += math.log((count + _PRIOR * share) / (total + _PRIOR) / share)
        return found

    def save(self, folder: Path) -> None:
        """Writes the counts into a model folder."""
        with replacing(folder / _FILE) as temporary:
            temporary.write_bytes(orjson.dumps(self.sentences))

    @classmethod
    def load(cls, folder: Path) -> Self:
        """The counts of a model folder."""
        with explained(folder / _FILE):
            return cls(orjson.loads((folder / _FILE).read_bytes()))
