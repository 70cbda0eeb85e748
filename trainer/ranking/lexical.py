"""What the words around a target tell: overlap with a gloss, and how a sense is used."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Self

import numpy as np
import orjson
from numpy.typing import NDArray

from languages.language import Language
from schemas.files import explained, replacing
from schemas.text import units
from trainer.data import Inventory, Item
from trainer.ranking.prediction import Candidates, Scores

GLOSS_WEIGHT = 3.0
_PRIOR = 20.0
_FILE = "usage.json"


def _units(text: str, language: Language) -> list[str]:
    return units(language.match_key(text))


def units_around(item: Item, language: Language) -> list[str]:
    """The units (syllables or words) of a sentence outside its target."""
    return _units(f"{item.sentence[: item.start]} {item.sentence[item.end :]}", language)


class OverlapScorer:
    """Lesk: shared units of sentence and gloss, each weighted by its rarity in glosses.

    The target and units of the lemma do not count.
    """

    def __init__(self, inventory: Inventory) -> None:
        self._language = inventory.language
        frequency = Counter(
            unit for gloss in inventory.glosses for unit in set(_units(gloss, self._language))
        )
        n = len(inventory.glosses)
        self._weight = {unit: float(np.log((1 + n) / (1 + f))) for unit, f in frequency.items()}

    def overlap(self, item: Item, gloss: str) -> float:
        """The weighted overlap of one gloss with the sentence around the target."""
        shared = set(units_around(item, self._language)) & set(_units(gloss, self._language))
        shared -= set(_units(item.lemma, self._language))
        return sum(self._weight.get(unit, 0.0) for unit in sorted(shared))

    def scores(self, items: Sequence[Item], candidates: Candidates) -> list[Scores]:
        """For each item one overlap per candidate."""
        return [
            np.array([self.overlap(item, entry.gloss or "") for entry in own], dtype=np.float32)
            for item, own in zip(items, candidates, strict=True)
        ]


@dataclass(frozen=True)
class UsageModel:
    """log P(units around the target | sense) - log P(them), Dirichlet-smoothed.

    A unigram language model of a sense's gloss and of its training sentences: ``sentences``
    counts units (syllables or words) of the latter per synset; a sense without any is known by
    its gloss alone. A unit of the gloss counts three times.
    """

    sentences: Mapping[str, Mapping[str, float]]
    language: Language

    @classmethod
    def of(cls, training: Iterable[Item], language: Language) -> Self:
        """From training items."""
        counts: dict[str, Counter[str]] = {}
        for item in training:
            counts.setdefault(item.synset_id, Counter()).update(units_around(item, language))
        own = {synset: dict(sorted(found.items())) for synset, found in sorted(counts.items())}
        return cls(own, language)

    def with_shares(
        self,
        items: Sequence[Item],
        synsets: Sequence[Sequence[str]],
        shares: Sequence[Sequence[float] | NDArray[np.float64]],
    ) -> Self:
        """The model with sentences whose senses are known by shares: each counts as its share."""
        found = {synset: dict(own) for synset, own in self.sentences.items()}
        for item, among, own in zip(items, synsets, shares, strict=True):
            around = units_around(item, self.language)
            for synset, share in zip(among, own, strict=True):
                counts = found.setdefault(synset, {})
                for unit in around:
                    counts[unit] = counts.get(unit, 0) + float(share)
        sorted_counts = {s: dict(sorted(own.items())) for s, own in sorted(found.items())}
        return replace(self, sentences=sorted_counts)

    @cached_property
    def _background(self) -> tuple[dict[str, float], float]:
        total: dict[str, float] = {}
        for own in self.sentences.values():
            for unit, count in own.items():
                total[unit] = total.get(unit, 0) + count
        return total, float(max(1, sum(total.values())))

    def score(self, item: Item, synset_id: str, gloss: str) -> float:
        """The score of one sense; 0 for a sentence that is its target alone."""
        background, size = self._background
        own = self.sentences.get(synset_id, {})
        glossed = Counter(_units(gloss, self.language))
        total = sum(own.values()) + GLOSS_WEIGHT * sum(glossed.values())
        found = 0.0
        for unit in units_around(item, self.language):
            share = (background.get(unit, 0) + 0.5) / size
            count = own.get(unit, 0) + GLOSS_WEIGHT * glossed[unit]
            found += math.log((count + _PRIOR * share) / (total + _PRIOR) / share)
        return found

    def save(self, folder: Path) -> None:
        """Writes the counts into a model folder."""
        with replacing(folder / _FILE) as temporary:
            temporary.write_bytes(orjson.dumps(self.sentences))

    @classmethod
    def load(cls, folder: Path, language: Language) -> Self:
        """The counts of a model folder."""
        with explained(folder / _FILE):
            return cls(orjson.loads((folder / _FILE).read_bytes()), language)
