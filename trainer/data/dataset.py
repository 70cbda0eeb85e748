"""What word-sense disambiguation works on: an inventory of senses, and marked sentences."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from languages.language import Language
from schemas.text import normalise
from trainer.text.inputs import MarkedSentence


@dataclass(frozen=True, slots=True)
class InventoryEntry:
    """One sense; ``gloss`` None where none was accepted."""

    sense_id: str
    synset_id: str
    lemma: str
    pos: str
    gloss: str | None
    supersense: str = ""
    cluster: str | None = None
    """The coarse sense: that of all synsets that nothing tells apart; None: it stands alone."""


class Inventory:
    """All senses of a language.

    A gloss row stands for a synset; rows are in the order of synset ids.
    """

    def __init__(self, entries: Iterable[InventoryEntry], language: Language) -> None:
        self.entries = tuple(entries)
        self.language = language

    @cached_property
    def _glosses(self) -> dict[str, str]:
        found = {e.synset_id: normalise(e.gloss) for e in self.entries if e.gloss}
        return dict(sorted(found.items()))

    @cached_property
    def synset_ids(self) -> tuple[str, ...]:
        """The synsets with a gloss: the rows of the gloss table."""
        return tuple(self._glosses)

    @cached_property
    def glosses(self) -> tuple[str, ...]:
        """The gloss of each row."""
        return tuple(self._glosses.values())

    @cached_property
    def row_of(self) -> dict[str, int]:
        """The gloss row of a synset."""
        return {synset: row for row, synset in enumerate(self._glosses)}

    @cached_property
    def text_numbers(self) -> tuple[int, ...]:
        """A number per distinct gloss text (spelling variants alike), for each row."""
        numbers: dict[str, int] = {}
        return tuple(
            numbers.setdefault(self.language.match_key(gloss), len(numbers))
            for gloss in self.glosses
        )

    @cached_property
    def _by_lemma(self) -> dict[str, tuple[InventoryEntry, ...]]:
        found: dict[str, dict[str, InventoryEntry]] = {}
        for entry in self.entries:
            found.setdefault(self.language.match_key(entry.lemma), {}).setdefault(
                entry.synset_id, entry
            )
        return {lemma: tuple(entries.values()) for lemma, entries in found.items()}

    def senses(self, lemma: str) -> tuple[InventoryEntry, ...]:
        """The lemma's senses, one per synset, glossed or not, in the inventory's order."""
        return self._by_lemma.get(self.language.match_key(lemma), ())

    def candidates(self, lemma: str) -> tuple[InventoryEntry, ...]:
        """The lemma's senses that have a gloss, so that they can be ranked."""
        return tuple(entry for entry in self.senses(lemma) if entry.gloss)

    def candidate_rows(self, lemma: str) -> tuple[int, ...]:
        """The gloss rows of the lemma's candidates."""
        return tuple(self.row_of[entry.synset_id] for entry in self.candidates(lemma))

    @cached_property
    def _first(self) -> dict[str, InventoryEntry]:
        found: dict[str, InventoryEntry] = {}
        for entry in self.entries:
            found.setdefault(entry.synset_id, entry)
        return found

    def first_of(self, synset_id: str) -> InventoryEntry:
        """The first sense of a synset of the inventory."""
        return self._first[synset_id]


@dataclass(frozen=True, slots=True)
class Item:
    """A sentence whose target ``sentence[start:end]`` has a known sense."""

    item_id: str
    sense_id: str
    synset_id: str
    lemma: str
    pos: str
    sentence: str
    start: int
    end: int
    split: str

    @property
    def marked(self) -> MarkedSentence:
        """What an encoder needs of it."""
        return MarkedSentence(self.sentence, self.start, self.end, self.item_id)


def ambiguous_items(items: Iterable[Item], inventory: Inventory) -> list[Item]:
    """The items whose lemma has two candidate senses or more."""
    return [item for item in items if len(inventory.candidates(item.lemma)) > 1]


def seen_rows(items: Iterable[Item], inventory: Inventory) -> frozenset[int]:
    """The gloss rows of the senses that the items show."""
    synsets = {item.synset_id for item in items}
    return frozenset(inventory.row_of[s] for s in synsets if s in inventory.row_of)


@dataclass(frozen=True, slots=True)
class WsdData:
    """The inventory and all items, in the order of their ids."""

    inventory: Inventory
    items: tuple[Item, ...]

    def split(self, *names: str) -> tuple[Item, ...]:
        """The items of those splits."""
        return tuple(item for item in self.items if item.split in names)

    def having(self, items: Iterable[Item]) -> WsdData:
        """The same inventory with other items."""
        return WsdData(self.inventory, tuple(items))
