"""A release folder as training data, read in batches of rows."""

from __future__ import annotations

from pathlib import Path

from schemas.errors import InputError
from schemas.records import Example, InventorySense, Split
from schemas.tables import read_table
from trainer.data.inventory import Inventory, InventoryEntry
from trainer.data.items import Item, WsdData


def read_inventory(folder: Path) -> Inventory:
    """The inventory in ``folder/data/senses/*.parquet``."""
    shards = sorted((folder / "data" / "senses").glob("*.parquet"))
    if not shards:
        raise InputError(
            f"{folder}: no data/senses/*.parquet: give the folder that the stage release wrote"
        )
    return Inventory(
        InventoryEntry(s.sense_id, s.synset_id, s.lemma, s.pos.value, s.gloss, s.supersense)
        for shard in shards
        for s in read_table(shard, InventorySense)
    )


def read_items(folder: Path, split: str) -> list[Item]:
    """The examples of one split, in the order of their shards; empty where it has none."""
    shards = sorted((folder / "data" / "examples").glob(f"{split}-*.parquet"))
    return [
        Item(
            e.context_id,
            e.sense_id,
            e.synset_id,
            e.lemma,
            e.pos.value,
            e.sentence,
            e.target_start,
            e.target_end,
            e.split.value,
        )
        for shard in shards
        for e in read_table(shard, Example)
    ]


def read_release(folder: Path, splits: tuple[str, ...] | None = None) -> WsdData:
    """The inventory and the examples of the given splits (all by default)."""
    inventory = read_inventory(folder)
    names = tuple(split.value for split in Split) if splits is None else splits
    return WsdData(inventory, tuple(item for name in names for item in read_items(folder, name)))
