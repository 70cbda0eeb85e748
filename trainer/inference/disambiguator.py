"""Ranks the senses of a target with their glosses and scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from languages.language import Language
from schemas.errors import InputError
from trainer.data import InventoryEntry, Item
from trainer.data.release import load_inventory
from trainer.inference.marking import find_target
from trainer.ranking.prediction import unit_rows
from trainer.ranking.ranker import Ranker
from trainer.saved.model_folder import SavedModel
from trainer.text.inputs import MarkedSentence

_ALL_GLOSSES_SHOWN = 10


@dataclass(frozen=True, slots=True)
class RankedSense:
    """A sense with its score (higher is better) and its share among the senses ranked."""

    sense_id: str
    synset_id: str
    lemma: str
    pos: str
    gloss: str
    score: float
    share: float


@dataclass(frozen=True, slots=True)
class Disambiguation:
    """The senses of a target, best first.

    ``known`` is False where the inventory lacks the lemma: then all glosses were ranked by
    cosine alone, and the ten best stand here.
    """

    sentence: str
    target: str
    known: bool
    senses: tuple[RankedSense, ...]


@dataclass(frozen=True, slots=True)
class Query:
    """A marked sentence and, where the target is inflected or spelled apart, its lemma."""

    marked: MarkedSentence
    lemma: str

    @classmethod
    def of(
        cls,
        text: str,
        language: Language,
        target: str | None = None,
        lemma: str | None = None,
        row: str = "sentence",
    ) -> Self:
        """From text with ``[[...]]``, or with the target named."""
        marked = find_target(text, language, target, row)
        return cls(marked, lemma or marked.sentence[marked.start : marked.end])


class Disambiguator:
    """A ranker behind sentences: ``disambiguate`` for one, ``answers`` for a batch."""

    def __init__(self, ranker: Ranker) -> None:
        self.ranker = ranker
        self._unit: NDArray[np.float32] | None = None

    @classmethod
    def open(cls, folder: Path | str, release: Path | None = None) -> Self:
        """A model folder's disambiguator, over its own inventory or over a release's."""
        saved = SavedModel.open(Path(folder))
        if release is None:
            return cls(saved.ranker)
        own = saved.ranker.inventory.language
        return cls(saved.with_inventory(load_inventory(release, own)))

    @property
    def language(self) -> Language:
        """The language of the sentences."""
        return self.ranker.inventory.language

    def disambiguate(
        self, text: str, target: str | None = None, lemma: str | None = None
    ) -> Disambiguation:
        """The senses in one sentence such as ``Tôi đang [[khoan]] tường``."""
        return self.answers([Query.of(text, self.language, target, lemma)])[0]

    def answers(self, queries: Sequence[Query]) -> list[Disambiguation]:
        """The answers of one batch."""
        inventory = self.ranker.inventory
        items = [_item(query) for query in queries]
        candidates = [inventory.candidates(query.lemma) for query in queries]
        vectors = self.ranker.vectors(items)
        signals = self.ranker.signals(items, candidates, vectors)
        found = []
        for at, (item, own) in enumerate(zip(items, candidates, strict=True)):
            if own:
                ranked = _ranked(own, self.ranker.fusion.combine(signals[at]))
            else:
                ranked = self._among_all(vectors[at])
            target = item.sentence[item.start : item.end]
            found.append(Disambiguation(item.sentence, target, bool(own), ranked))
        return found

    def _among_all(self, vector: NDArray[np.float32]) -> tuple[RankedSense, ...]:
        inventory = self.ranker.inventory
        if not inventory.glosses:
            raise InputError("the inventory has no glosses: give one with --inventory")
        if self._unit is None:
            self._unit = unit_rows(np.asarray(self.ranker.gloss_vectors))
        cosines = self._unit @ unit_rows(vector[None])[0]
        best = np.argsort(-cosines, kind="stable")[:_ALL_GLOSSES_SHOWN]
        entries = tuple(inventory.first_of(inventory.synset_ids[row]) for row in best)
        return _ranked(entries, cosines[best] * self.ranker.fusion.cosine)


def _item(query: Query) -> Item:
    marked, unknown = query.marked, ""
    ids, span = (marked.row, unknown, unknown), (marked.sentence, marked.start, marked.end)
    return Item(*ids, query.lemma, unknown, *span, split=unknown)


def _ranked(
    entries: tuple[InventoryEntry, ...], scores: NDArray[np.float32]
) -> tuple[RankedSense, ...]:
    shares = np.exp(scores - scores.max())
    shares = shares / shares.sum()
    order = np.argsort(-scores, kind="stable")
    return tuple(
        RankedSense(
            entries[i].sense_id,
            entries[i].synset_id,
            entries[i].lemma,
            entries[i].pos,
            entries[i].gloss or "",
            float(scores[i]),
            float(shares[i]),
        )
        for i in order
    )
