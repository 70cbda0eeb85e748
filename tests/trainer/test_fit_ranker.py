"""Which validation items weigh the signals."""

from __future__ import annotations

from tiny_release import VI

from trainer.data import Inventory, InventoryEntry, Item
from trainer.ranking.fit import _deciding

INVENTORY = Inventory(
    [
        InventoryEntry(sense, sense, lemma, "noun", f"nghĩa {sense}")
        for lemma, senses in (("đường", "ab"), ("khoan", "cd"))
        for sense in senses
    ],
    VI,
)


def item(sense: str, lemma: str) -> Item:
    return Item(f"{sense}1", sense, sense, lemma, "noun", lemma, 0, len(lemma), "validation")


def rows(*synsets: str) -> frozenset[int]:
    return frozenset(INVENTORY.row_of[s] for s in synsets)


def test_lemmas_with_an_unseen_sense_do_not_weigh_where_only_seen_ones_are_shown() -> None:
    validation = [item("a", "đường"), item("c", "khoan")]
    assert _deciding(INVENTORY, validation, rows("a", "b", "c")) == validation[:1]
    assert _deciding(INVENTORY, validation, rows("a", "b", "c", "d")) == validation


def test_all_items_weigh_where_validation_shows_unseen_senses_too() -> None:
    validation = [item("a", "đường"), item("d", "khoan")]
    assert _deciding(INVENTORY, validation, rows("a", "b", "c")) == validation


def test_a_validation_item_without_a_glossed_sense_changes_nothing() -> None:
    validation = [item("a", "đường"), item("nowhere", "đường")]
    assert _deciding(INVENTORY, validation, rows("a", "b")) == validation
