"""What a model is compared with: chance, the inventory's order, word overlap, untrained states."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from trainer.data import Item, WsdData
from trainer.evaluation.bem import BemScorer
from trainer.model.encoding import mean_states
from trainer.ranking.lexical import OverlapScorer
from trainer.ranking.prediction import Candidates, CosineScorer, Scorer, Scores
from trainer.saved.model_folder import SavedModel
from trainer.settings import EvaluateSettings
from trainer.training.components import Components, build_components
from trainer.training.reporting import Notify

_BEM_EPOCHS = 3


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
    """The lemma's most frequent sense in training; the first sense where none was seen."""

    def __init__(self, data: WsdData) -> None:
        self._key = data.inventory.language.match_key
        training = data.split("train")
        self._counts = Counter((self._key(item.lemma), item.synset_id) for item in training)

    def scores(self, items: Sequence[Item], candidates: Candidates) -> list[Scores]:
        """For each item the training counts of its candidates."""
        return [
            np.array(
                [self._counts[self._key(item.lemma), entry.synset_id] for entry in own],
                dtype=np.float32,
            )
            for item, own in zip(items, candidates, strict=True)
        ]


def baselines(
    saved: SavedModel,
    data: WsdData,
    settings: EvaluateSettings,
    items: Sequence[Item],
    notify: Notify,
) -> Iterator[tuple[str, Scorer]]:
    """The baselines by name, each made when it is asked for; ``items`` are to be scored."""
    yield "random", RandomScorer(settings.seed)
    yield "first sense", FirstSenseScorer()
    yield "most frequent sense in training", FrequentSenseScorer(data)
    yield "lexical overlap", OverlapScorer(data.inventory)
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
