"""Ranks the senses of a target with their glosses and scores."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from schemas.errors import InputError
from trainer.bundle import Bundle
from trainer.data import Inventory, InventoryEntry, Item
from trainer.evaluation.scorers import unit_rows
from trainer.inference.marking import marked_sentence
from trainer.ranking.ranker import Ranker
from trainer.text.inputs import Marked

_BATCH = 256
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
class Answer:
    """The senses of a target, best first.

    ``known`` is False where the inventory lacks the lemma: then all glosses were ranked by
    cosine alone, and the ten best stand here.
    """

    sentence: str
    target: str
    known: bool
    senses: tuple[RankedSense, ...]


@dataclass(frozen=True, slots=True)
class Ask:
    """A marked sentence and, where the target is inflected or spelled apart, its lemma."""

    marked: Marked
    lemma: str

    @classmethod
    def of(
        cls, text: str, target: str | None = None, lemma: str | None = None, row: str = "sentence"
    ) -> Self:
        """From text with ``[[...]]``, or with the target named."""
        marked = marked_sentence(text, target, row)
        return cls(marked, lemma or marked.sentence[marked.start : marked.end])


class Disambiguator:
    """A ranker behind sentences. ``disambiguate`` for one, ``disambiguate_all`` for many."""

    def __init__(self, ranker: Ranker) -> None:
        self.ranker = ranker
        self._unit: NDArray[np.float32] | None = None

    @classmethod
    def open(cls, folder: Path | str, inventory: Inventory | None = None) -> Self:
        """A model folder's disambiguator, over its own inventory or over a given one."""
        bundle = Bundle.open(Path(folder))
        return cls(bundle.ranker if inventory is None else bundle.with_inventory(inventory))

    def disambiguate(
        self, text: str, target: str | None = None, lemma: str | None = None
    ) -> Answer:
        """The answer for one sentence such as ``Tôi đang [[khoan]] tường``."""
        return self.answers([Ask.of(text, target, lemma)])[0]

    def disambiguate_all(self, asks: Iterable[Ask]) -> Iterator[Answer]:
        """Answers in order, a batch in memory at a time."""
        stream = iter(asks)
        while batch := list(islice(stream, _BATCH)):
            yield from self.answers(batch)

    def answers(self, asks: Sequence[Ask]) -> list[Answer]:
        """The answers of one batch."""
        inventory = self.ranker.inventory
        items = [
            Item(
                ask.marked.row,
                "",
                "",
                ask.lemma,
                "",
                ask.marked.sentence,
                ask.marked.start,
                ask.marked.end,
                ask.marked.row,
            )
            for ask in asks
        ]
        candidates = [inventory.candidates(ask.lemma) for ask in asks]
        vectors = self.ranker.vectors(items)
        signals = self.ranker.signals(items, candidates, vectors)
        found = []
        for at, (ask, own) in enumerate(zip(asks, candidates, strict=True)):
            if own:
                ranked = _ranked(own, self.ranker.fusion.combine(signals[at]))
            else:
                ranked = self._among_all(vectors[at])
            marked = ask.marked
            target = marked.sentence[marked.start : marked.end]
            found.append(Answer(marked.sentence, target, bool(own), ranked))
        return found

    def _among_all(self, vector: NDArray[np.float32]) -> tuple[RankedSense, ...]:
        inventory = self.ranker.inventory
        if not inventory.glosses:
            raise InputError("the inventory has no glosses: give one with --inventory")
        if self._unit is None:
            self._unit = unit_rows(np.asarray(self.ranker.gloss_vectors))
        cosines = self._unit @ unit_rows(vector[None])[0]
        best = np.argsort(-cosines, kind="stable")[:_ALL_GLOSSES_SHOWN]
        entries = []
        for row in best:
            synset = inventory.synset_ids[row]
            entries.append(inventory.first_of(synset))
        return _ranked(tuple(entries), cosines[best] * self.ranker.fusion.cosine)


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
