"""A context to train or evaluate on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from trainer.data.inventory import Inventory
from trainer.text.inputs import Marked


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
    def marked(self) -> Marked:
        """What an encoder needs of it."""
        return Marked(self.sentence, self.start, self.end, self.item_id)


def contested(items: Iterable[Item], inventory: Inventory) -> list[Item]:
    """The items whose lemma has two candidate senses or more."""
    return [item for item in items if len(inventory.candidates(item.lemma)) > 1]


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
