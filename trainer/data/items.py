"""A context to train or evaluate on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from trainer.data.inventory import Inventory
from trainer.text.inputs import MarkedSentence


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
