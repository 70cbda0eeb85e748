"""A release folder as training data, read in batches of rows."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from languages.find import find_language
from languages.language import Language
from schemas.errors import InputError
from schemas.files import read_json
from schemas.records import EnglishContext, Example, InventorySense, Rephrasing, Split
from schemas.tables import read_table
from trainer.data.dataset import Inventory, InventoryEntry, Item, WsdData


def load_inventory(folder: Path, language: Language) -> Inventory:
    """The inventory in ``folder/data/senses/*.parquet``, of words of that language.

    Raises InputError where the release's manifest names another one.
    """
    named = _named_language(folder)
    if named is not None and find_language(named) is not language:
        raise InputError(
            f"{folder}: a release in {find_language(named).names.english}, where "
            f"{language.names.english} is wanted: give another one, or set [run] language"
        )
    shards = sorted((folder / "data" / "senses").glob("*.parquet"))
    if not shards:
        raise InputError(
            f"{folder}: no data/senses/*.parquet: give the folder that the stage release wrote"
        )
    entries = [
        InventoryEntry(
            s.sense_id, s.synset_id, s.lemma, s.pos.value, s.gloss, s.supersense, s.cluster
        )
        for shard in shards
        for s in read_table(shard, InventorySense)
    ]
    return Inventory(entries, language)


class _NamesLanguage(BaseModel):
    """What is needed of a release's manifest; those of version 0.1 name no language."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    language: str | None = None


def _named_language(folder: Path) -> str | None:
    path = folder / "manifest.json"
    if not path.is_file():
        return None
    advice = "run the stage release again"
    return read_json(path, _NamesLanguage, "a release's manifest", advice, InputError).language


def read_items(folder: Path, split: str) -> list[Item]:
    """The examples of one split, in the order of their shards; empty where it has none."""
    shards = sorted((folder / "data" / "examples").glob(f"{split}-*.parquet"))
    return [
        Item(
            *(e.context_id, e.sense_id, e.synset_id, e.lemma, e.pos.value),
            *(e.sentence, e.target_start, e.target_end, e.split.value),
        )
        for shard in shards
        for e in read_table(shard, Example)
    ]


def read_english(folder: Path) -> list[EnglishContext]:
    """The rows of the table ``word_in_context_en``; empty where the release has none."""
    shards = sorted((folder / "data" / "word_in_context_en").glob("*.parquet"))
    return [row for shard in shards for row in read_table(shard, EnglishContext)]


def read_release(
    folder: Path, language: Language, splits: tuple[str, ...] | None = None
) -> WsdData:
    """The inventory and the examples of the given splits (all by default)."""
    inventory = load_inventory(folder, language)
    names = tuple(split.value for split in Split) if splits is None else splits
    return WsdData(inventory, tuple(item for name in names for item in read_items(folder, name)))


def read_rephrasings(folder: Path) -> list[Rephrasing]:
    """The rows of the table ``rephrasings``; empty where the release has none."""
    shards = sorted((folder / "data" / "rephrasings").glob("*.parquet"))
    return [row for shard in shards for row in read_table(shard, Rephrasing)]
