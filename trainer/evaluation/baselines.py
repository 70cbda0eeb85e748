"""What a model is compared with: chance, orders, bags of words, untrained states, BEM."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from trainer.data import InventoryEntry, Item, WsdData
from trainer.evaluation.bem import BemScorer
from trainer.model.encoding import mean_states
from trainer.ranking.lexical import OverlapScorer, UsageModel
from trainer.ranking.prediction import Candidates, CosineScorer, Scorer, Scores
from trainer.saved.model_folder import SavedModel
from trainer.settings import EvaluateSettings
from trainer.training.components import Components, build_components
from trainer.training.reporting import Notify

_BEM_EPOCHS = 6


class RandomScorer:
    """A uniform choice, fixed by the item's id."""

    def __init__(self, seed: int = 0) -> None:
        self._seed = seed

    def scores(self, items: Sequence[Item], candidates: Candidates) -> list[Scores]:
        """For each item one random number per candidate."""
        return [self._draw(item, len(own)) for item, own in zip(items, candidates, strict=True)]

    def _draw(self, item: Item, n: int) -> Scores:
        digest = hashlib.sha256(f"{self._seed}:{item.item_id}".encode()).digest()
        rng = np.random.default_rng(int.from_bytes(digest[:8], "big"))
        return rng.random(n, dtype=np.float32)


class FirstSenseScorer:
    """The first sense in the inventory's order."""

    def scores(self, items: Sequence[Item], candidates: Candidates) -> list[Scores]:
        """For each item falling scores."""
        return [-np.arange(len(own), dtype=np.float32) for own in candidates]


class FrequentSenseScorer:
    """The lemma's most frequent sense in training; among equals the first in the inventory.

    Counts are equal that chance may have parted (two standard errors of their difference), but for
    none. A data set gives its senses about equally many sentences, and each one that a test part
    took lowers the count of the very sense it asks for: the highest count as it stands is a hint
    at what is *not* meant.
    """

    def __init__(self, data: WsdData) -> None:
        self._key = data.inventory.language.match_key
        training = data.split("train")
        self._counts = Counter((self._key(item.lemma), item.synset_id) for item in training)

    def scores(self, items: Sequence[Item], candidates: Candidates) -> list[Scores]:
        """For each item 1 for its candidates as frequent as any, else 0."""
        return [self._equals(item, own) for item, own in zip(items, candidates, strict=True)]

    def _equals(self, item: Item, own: Sequence[InventoryEntry]) -> Scores:
        lemma = self._key(item.lemma)
        counts = np.array([self._counts[lemma, e.synset_id] for e in own], dtype=np.float32)
        most = counts.max(initial=0.0)
        equal = (most - counts <= 2 * np.sqrt(most + counts)) & ((counts > 0) | (most == 0))
        return np.asarray(equal, dtype=np.float32)


class NaiveBayesScorer:
    """A bag of words: how likely the words around the target are in a sense, all senses alike.

    Words are counted in a sense's training sentences, and in its gloss where ``glossed``; a sense
    without any is as likely as the language at large.
    """

    def __init__(self, data: WsdData, glossed: bool) -> None:
        self._usage = UsageModel.of(data.split("train"), data.inventory.language)
        self._glossed = glossed

    def scores(self, items: Sequence[Item], candidates: Candidates) -> list[Scores]:
        """For each item the log-likelihood ratio of each candidate to the language at large."""
        return [
            np.array([self._score(item, e) for e in own], dtype=np.float32)
            for item, own in zip(items, candidates, strict=True)
        ]

    def _score(self, item: Item, entry: InventoryEntry) -> float:
        gloss = (entry.gloss or "") if self._glossed else ""
        return self._usage.score(item, entry.synset_id, gloss)


def plain_baselines(data: WsdData, settings: EvaluateSettings) -> Iterator[tuple[str, Scorer]]:
    """The baselines that no encoder is needed for, by name."""
    yield "random", RandomScorer(settings.seed)
    yield "first sense", FirstSenseScorer()
    yield "most frequent sense in training", FrequentSenseScorer(data)
    yield "lexical overlap", OverlapScorer(data.inventory)
    yield "naive Bayes", NaiveBayesScorer(data, glossed=False)
    yield "naive Bayes, glosses too", NaiveBayesScorer(data, glossed=True)


def baselines(
    saved: SavedModel,
    data: WsdData,
    settings: EvaluateSettings,
    items: Sequence[Item],
    notify: Notify,
) -> Iterator[tuple[str, Scorer]]:
    """The baselines by name, each made when it is asked for; ``items`` are to be scored."""
    yield from plain_baselines(data, settings)
    if not (settings.frozen_backbone or settings.bem):
        return
    with TemporaryDirectory() as temporary:
        trained = saved.folder.parent / "glosses"  # gloss vectors that the training made
        cache = trained if trained.is_dir() else Path(temporary)
        untrained = build_components(data, saved.settings, cache)
        if settings.frozen_backbone:
            notify("frozen backbone")
            yield "frozen backbone", _frozen_backbone(untrained, items)
        if settings.bem and data.split("train"):
            notify("bi-encoder in the manner of BEM")
            bem = BemScorer(untrained, saved.settings)
            bem.train(data.split("train"), _BEM_EPOCHS)
            yield "bi-encoder (BEM)", bem


def _frozen_backbone(untrained: Components, items: Sequence[Item]) -> CosineScorer:
    """Cosines of the backbone's mean states over targets and glosses, nothing trained."""
    model, inputs, inventory = untrained.model, untrained.inputs, untrained.inventory
    means = mean_states(model, inputs, inputs.tokenize_all([item.marked for item in items]))
    rows = mean_states(model, inputs, [inputs.tokenize_text(text) for text in inventory.glosses])
    by_id = {item.item_id: mean for item, mean in zip(items, means, strict=True)}
    return CosineScorer(inventory, by_id, rows)
