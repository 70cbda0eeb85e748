"""A dictionary's data split by lemma and by sense."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import replace

from trainer.data.dataset import Item, WsdData


def fold_of(text: str, n_folds: int) -> int:
    """A stable fold of a text: a digest, never an order."""
    digest = hashlib.sha256(f"0:{text}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % n_folds


def split_by_lemma(data: WsdData, n_folds: int, test_fold: int) -> WsdData:
    """One fold of lemmas is ``test_unseen_lemma``, the next one ``validation``, the rest train."""
    names = {test_fold: "test_unseen_lemma", (test_fold + 1) % n_folds: "validation"}
    key = data.inventory.language.match_key
    return data.having(
        replace(item, split=names.get(fold_of(key(item.lemma), n_folds), "train"))
        for item in data.items
    )


def split_by_sense(data: WsdData, n_folds: int, test_fold: int) -> WsdData:
    """One fold of senses is held out whole: ``test_unseen_sense`` where a sibling is in training.

    Another context of a training sense goes to ``test_seen`` where the sense has three or more,
    and one to ``validation`` where it has four, by a digest of its id. Half a fold of senses is
    held out for ``validation``: what decides must ask what the test queries, and a model that
    only knows its training senses by heart would look best on their other contexts.
    """
    key = data.inventory.language.match_key
    of_sense = {item.sense_id: fold_of(item.sense_id, 2 * n_folds) for item in data.items}
    tested = {sense for sense, at in of_sense.items() if at % n_folds == test_fold}
    deciding = {sense for sense, at in of_sense.items() if at == (test_fold + 1) % n_folds}
    contexts: dict[str, list[Item]] = defaultdict(list)
    for item in data.items:
        contexts[item.sense_id].append(item)
    held = tested | deciding
    seen_lemmas = {key(item.lemma) for item in data.items if item.sense_id not in held}
    split = {}
    for sense, items in contexts.items():
        ordered = sorted(items, key=lambda item: fold_of(item.item_id, 1 << 30))
        for at, item in enumerate(ordered):
            if sense in tested:
                known = key(item.lemma) in seen_lemmas
                split[item.item_id] = "test_unseen_sense" if known else "test_unseen_lemma"
            elif sense in deciding:
                split[item.item_id] = "validation"
            elif at == 0 and len(items) >= 3:
                split[item.item_id] = "test_seen"
            elif at == 1 and len(items) >= 4:
                split[item.item_id] = "validation"
            else:
                split[item.item_id] = "train"
    return data.having(replace(item, split=split[item.item_id]) for item in data.items)
