"""Triples to learn meaning from: a source, the same sense elsewhere, and what it does not mean."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from schemas.ids import content_digest
from trainer.data import Inventory, Item
from trainer.text.inputs import MarkedSentence

NO_ROW = -1
"""In place of a sentence that a triple lacks."""
_SIDES = 4


@dataclass(frozen=True, slots=True)
class Triple:
    """Targets in context: ``positive`` means what ``source`` means, the others do not.

    ``negative`` is one side's sentence with another word in the target's place: the source's, or
    in two languages the positive's. ``sibling`` shows another sense of the source's word.
    """

    sense: str
    source: MarkedSentence
    positive: MarkedSentence
    negative: MarkedSentence | None = None
    sibling: MarkedSentence | None = None
    negative_of: Literal["source", "positive"] = "source"

    @property
    def triple_id(self) -> str:
        """A digest of sense and sentences."""
        sides = (self.source, self.positive)
        spans = (f"{s.sentence}\x00{s.start}\x00{s.end}" for s in sides)
        return content_digest(self.sense, *spans)[:16]


def same_sense_triples(
    items: Sequence[Item], inventory: Inventory, partners: Sequence[Item] = ()
) -> list[Triple]:
    """A triple per item: with the next context of its sense, and with one of a sibling sense.

    The contexts of a sense stand in a circle in the order of a digest, so that n of them give n
    triples, and one alone gives none. ``partners`` stand in the circle too, but are no sources,
    so that validation items may be paired with training ones and never the other way round.
    Siblings that nothing tells apart from the sense (one cluster, or equal glosses) are none.
    """
    key = inventory.language.match_key
    of_sense: dict[tuple[str, str], list[Item]] = defaultdict(list)
    for item in (*items, *partners):
        of_sense[key(item.lemma), item.synset_id].append(item)
    sources = {item.item_id for item in items}
    siblings = Siblings((*items, *partners), inventory)
    triples = []
    for (lemma, synset), own in sorted(of_sense.items()):
        circle = sorted(own, key=lambda item: drawn(item.item_id))
        for at, item in enumerate(circle if len(circle) > 1 else []):
            if item.item_id in sources:
                positive = circle[(at + 1) % len(circle)].marked
                sense = f"{synset}#{lemma}"
                triples.append(Triple(sense, item.marked, positive, sibling=siblings.of(item)))
    return triples


class Siblings:
    """Items of a word in another sense; those that nothing tells apart are none."""

    def __init__(self, items: Sequence[Item], inventory: Inventory) -> None:
        self._key = inventory.language.match_key
        self._same = _Alike(inventory)
        self._of_lemma: dict[str, list[Item]] = defaultdict(list)
        for item in items:
            self._of_lemma[self._key(item.lemma)].append(item)

    def of(self, item: Item) -> MarkedSentence | None:
        """One for an item, the same in every order of the items."""
        others = (
            other
            for other in self._of_lemma[self._key(item.lemma)]
            if not self._same(item.synset_id, other.synset_id)
        )
        found = min(others, key=lambda other: drawn(item.item_id, other.item_id), default=None)
        return None if found is None else found.marked


class _Alike:
    """Whether two synsets are one, are in one cluster, or have equal glosses."""

    def __init__(self, inventory: Inventory) -> None:
        numbers = inventory.text_numbers
        self._text = {s: numbers[row] for s, row in inventory.row_of.items()}
        self._cluster = {e.synset_id: e.cluster for e in inventory.entries if e.cluster}

    def __call__(self, one: str, other: str) -> bool:
        return one == other or any(
            one in known and known[one] == known.get(other) for known in (self._text, self._cluster)
        )


def drawn(*parts: str) -> bytes:
    """A digest that puts things into an order that no file's order changes."""
    return hashlib.blake2b("\x00".join(parts).encode(), digest_size=16).digest()


@dataclass(frozen=True)
class TripleRows:
    """Triples as numbers of sentences, each of which stands once in ``sentences``.

    ``rows`` (n, 4): source, positive, negative, sibling, ``NO_ROW`` where there is none.
    """

    sentences: tuple[MarkedSentence, ...]
    rows: NDArray[np.int64]
    crosslingual: NDArray[np.bool_]
    """Whose negative is one of the positive."""
    senses: NDArray[np.int64]
    """Equal for triples of one sense."""

    @classmethod
    def of(cls, triples: Iterable[Triple], known: Sequence[MarkedSentence] = ()) -> TripleRows:
        """The triples in their order; the ``known`` sentences have the first numbers."""
        numbers: dict[MarkedSentence, int] = {}
        for sentence in known:
            numbers[sentence] = len(numbers)
        senses: dict[str, int] = {}
        rows, crosslingual, named = [], [], []
        for triple in triples:
            sides = (triple.source, triple.positive, triple.negative, triple.sibling)
            rows.append(
                [
                    NO_ROW if side is None else numbers.setdefault(side, len(numbers))
                    for side in sides
                ]
            )
            crosslingual.append(triple.negative_of == "positive")
            named.append(senses.setdefault(triple.sense, len(senses)))
        return cls(
            tuple(numbers),
            np.array(rows, dtype=np.int64).reshape(-1, _SIDES),
            np.array(crosslingual, dtype=np.bool_),
            np.array(named, dtype=np.int64),
        )

    def __len__(self) -> int:
        return len(self.rows)

    def part(self, start: int, end: int) -> TripleRows:
        """Some of the triples, with the numbers of all sentences."""
        own = slice(start, end)
        return replace(
            self, rows=self.rows[own], crosslingual=self.crosslingual[own], senses=self.senses[own]
        )
