"""Made-up training data, and the small encoder that the trainer's benchmarks train on it."""

from __future__ import annotations

import numpy as np

from languages.find import find_language
from trainer.data import Inventory, InventoryEntry, Item, WsdData
from trainer.settings import ObjectiveSettings, SmallEncoderSettings, TrainSettings

_ONSETS = ("b", "c", "d", "đ", "g", "h", "k", "l", "m", "n", "p", "t", "v", "x")
SYLLABLES = [onset + rhyme for onset in _ONSETS for rhyme in ("a", "an", "ô", "ơi", "ừng")]


def sentences(n: int, n_senses: int) -> WsdData:
    """Made-up data with real-looking lengths: most sentences short, a few of 100 syllables."""
    rng = np.random.default_rng(0)

    def text(length: int) -> str:
        return " ".join(rng.choice(SYLLABLES, length))

    entries = [
        InventoryEntry(f"s{i}", f"s{i}", f"từ{i // 2}", "noun", text(12)) for i in range(n_senses)
    ]
    items = []
    for i in range(n):
        entry = entries[i % n_senses]
        words = text(int(np.clip(rng.lognormal(2.6, 0.7), 4, 100)))
        ids, sentence = (f"c{i}", entry.sense_id, entry.synset_id), f"{entry.lemma} {words}"
        items.append(Item(*ids, entry.lemma, "noun", sentence, 0, len(entry.lemma), "train"))
    return WsdData(Inventory(entries, find_language("vi")), tuple(items))


def step_settings(batch_size: int = 64, chunk_size: int | None = None) -> TrainSettings:
    """A small encoder of four layers under the paper's loss."""
    return TrainSettings(
        small=SmallEncoderSettings(width=192, layers=4, heads=4),
        segmenter="units",
        batch_size=batch_size,
        chunk_size=chunk_size,
        max_length=128,
        max_gradient_norm=None,
        decay="constant",
        warm_up=0.0,
        objective=ObjectiveSettings(name="paper"),
        encoder_learning_rate=1e-4,
        head_learning_rate=1e-4,
        gloss_width=64,
        head_width=128,
    )
