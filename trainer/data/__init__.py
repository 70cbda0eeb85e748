"""Marked contexts and sense inventories, from a release or from a dictionary."""

from trainer.data.dataset import Inventory, InventoryEntry, Item, WsdData

__all__ = ["Inventory", "InventoryEntry", "Item", "WsdData"]
