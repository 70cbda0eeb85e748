"""MarkedSentence contexts and sense inventories, from a release or from a dictionary."""

from trainer.data.inventory import Inventory, InventoryEntry
from trainer.data.items import Item, WsdData

__all__ = ["Inventory", "InventoryEntry", "Item", "WsdData"]
