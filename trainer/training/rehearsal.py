"""What a training is rehearsed on: some senses held out, as in a test part of unseen senses."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace

from schemas.ids import content_digest
from trainer.data import WsdData
from trainer.data.dataset import seen_rows


def rehearsal_data(data: WsdData, share: float) -> WsdData | None:
    """The data with a share of the training senses moved to validation, whole.

    Senses of lemmas with several in training, by a digest of their synset; each lemma keeps one.
    None where validation shows senses without training items already, or none can be held out.
    """
    inventory = data.inventory
    train, validation = data.split("train"), data.split("validation")
    seen = seen_rows(train, inventory)
    if not share or not seen_rows(validation, inventory) <= seen:
        return None
    lemmas: dict[str, set[str]] = defaultdict(set)
    for item in train:
        if item.synset_id in inventory.row_of:
            lemmas[item.synset_id].add(inventory.language.match_key(item.lemma))
    left = Counter(lemma for own in lemmas.values() for lemma in own)
    held: set[str] = set()
    for synset in sorted(lemmas, key=content_digest):
        own = lemmas[synset]
        if _share_of(synset) < share and all(left[lemma] > 1 for lemma in own):
            held.add(synset)
            left.subtract(own)
    if not held:
        return None
    return data.having(
        replace(item, split="validation")
        if item.split == "train" and item.synset_id in held
        else item
        for item in data.items
    )


def _share_of(synset: str) -> float:
    """A number from 0 to 1 by a digest of the synset."""
    return int(content_digest(synset)[:8], 16) / 2.0**32
