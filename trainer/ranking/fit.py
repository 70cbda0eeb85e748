"""From a trained encoder to a ranker: the cross-encoder's head, and the weights of the signals."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from schemas.ids import content_digest
from trainer.data import Inventory, Item
from trainer.data.dataset import ambiguous_items, seen_rows
from trainer.model.cross_encoder import CrossEncoderHead
from trainer.objectives import GlossTable, false_negatives, padded_rows, unseen
from trainer.ranking.candidates import CandidateTable, candidate_table, gold_column
from trainer.ranking.fit_cross_encoder import (
    cross_encoder_accuracy,
    cross_encoder_scores,
    fit_cross_encoder,
)
from trainer.ranking.fusion import Fusion, fit_fusion
from trainer.ranking.pairs import cached_pair_features, pairs_of
from trainer.ranking.prediction import Scores
from trainer.ranking.ranker import Ranker
from trainer.ranking.tune import tuned_adapters
from trainer.settings import TrainSettings


def fit_ranker(
    ranker: Ranker,
    items: Sequence[Item],
    validation: Sequence[Item],
    settings: TrainSettings,
    folder: Path,
    notify: Callable[[str], None],
    settled: Fusion | None = None,
) -> tuple[Ranker, float | None]:
    """The ranker with fitted weights, and its cross-encoder's validation accuracy if it has one.

    The cross-encoder's head learns from the training items, the weights of the signals from
    validation, near the given ranker's, but where they are ``settled`` already. What the backbone
    tells of the pairs is kept in ``folder``, for a run that is killed meanwhile.
    """
    inventory = ranker.inventory
    deciding = _deciding(inventory, validation, seen_rows(items, inventory))
    candidates = [inventory.candidates(item.lemma) for item in deciding]
    accuracy: float | None = None
    known: dict[str, Scores] = {}
    head = ranker.model.cross_encoder
    if head is not None:
        notify("reading glosses together with sentences")
        ranker, accuracy, known = _fit_head(
            ranker, head, items, validation, settings, folder, notify
        )
        measured = "not measured" if accuracy is None else f"validation accuracy {accuracy:.3f}"
        notify(f"cross-encoder alone: {measured}")
    if settled is not None:
        return ranker.weighing(settled), accuracy
    none = (np.zeros(len(own), np.float32) for own in candidates)  # where nothing competes
    scores = [known.get(item.item_id, zero) for item, zero in zip(deciding, none, strict=True)]
    signals = ranker.signals(deciding, candidates, pair_scores=scores)
    gold = [gold_column(item, own) for item, own in zip(deciding, candidates, strict=True)]
    fusion = fit_fusion(signals, gold, ranker.fusion)
    notify(
        f"weights: cross-encoder {fusion.cross_encoder:.3g}, cosine {fusion.cosine:.3g}, "
        f"overlap {fusion.overlap:.3g}, usage {fusion.usage:.3g}"
        + (f", distilled {fusion.distilled:.3g}" if ranker.meanings else "")
        + (f", untaught {fusion.untaught:.3g}" if fusion.untaught else "")
    )
    return ranker.weighing(fusion), accuracy


def _fit_head(
    ranker: Ranker,
    head: CrossEncoderHead,
    items: Sequence[Item],
    validation: Sequence[Item],
    settings: TrainSettings,
    folder: Path,
    notify: Callable[[str], None],
) -> tuple[Ranker, float | None, dict[str, Scores]]:
    """Trains the head, and adapters of the backbone where they are asked for and help.

    Returns the ranker with these, and the head's validation accuracy and scores of ambiguous
    validation items.
    """
    inventory = ranker.inventory
    sampled = ambiguous_items(_sampled(items, settings.ranker.max_items), inventory)
    held_out = ambiguous_items(validation, inventory)
    ignored = _no_negatives(ranker, sampled, seen_rows(items, inventory), settings)
    training = _table(ranker, sampled, folder).ignoring(ignored)
    table = _table(ranker, held_out, folder)
    head.to("cpu")
    accuracy = fit_cross_encoder(head, training, table, settings.ranker, settings.seed)
    if settings.ranker.tune is not None and bool(training.trainable.any()):
        fitted = copy.deepcopy(head.state_dict())
        notify("tuning the backbone for reading glosses together with sentences")
        adapters = tuned_adapters(ranker, head, sampled, training, settings, folder)
        tuned = _table(replace(ranker, adapters=adapters), held_out, folder)
        head.to("cpu")
        own = cross_encoder_accuracy(head, tuned) if accuracy is not None else None
        if own is None or accuracy is None or own > accuracy:
            ranker, table, accuracy = replace(ranker, adapters=adapters), tuned, own
        else:
            notify(f"tuned: validation accuracy {own:.3f}, {accuracy:.3f} without: left as it was")
            head.load_state_dict(fitted)
    scores = cross_encoder_scores(head, table).numpy()
    head.to(ranker.model.device)
    sizes = table.present.sum(dim=1).tolist()
    found = {i.item_id: s[:n] for i, s, n in zip(held_out, scores, sizes, strict=True)}
    return ranker, accuracy, found


def _deciding(inventory: Inventory, validation: Sequence[Item], seen: frozenset[int]) -> list[Item]:
    """The validation items whose outcomes weigh the signals.

    Where validation shows seen senses alone, as a release's does, a lemma with an unseen one
    could only show that unseen senses are never meant: it is left out.
    """
    if not seen_rows(validation, inventory) <= seen:
        return list(validation)
    return [item for item in validation if seen.issuperset(inventory.candidate_rows(item.lemma))]


def _sampled(items: Sequence[Item], most: int) -> Sequence[Item]:
    """At most ``most`` items, chosen by a digest of their ids, in their order."""
    if len(items) <= most:
        return items
    kept = set(sorted(content_digest(item.item_id) for item in items)[:most])
    return tuple(item for item in items if content_digest(item.item_id) in kept)


def _no_negatives(
    ranker: Ranker, items: Sequence[Item], seen: frozenset[int], settings: TrainSettings
) -> torch.Tensor:
    """(n, c) booleans: a candidate of the ambiguous item that is no negative (CandidateTable)."""
    inventory, device = ranker.inventory, ranker.model.device
    table = GlossTable.of(ranker.gloss_vectors, inventory.text_numbers, device)
    rows = padded_rows([inventory.candidate_rows(item.lemma) for item in items])
    gold = torch.tensor([inventory.row_of[item.synset_id] for item in items], dtype=torch.long)
    near = settings.objective.near_equal
    false = false_negatives(gold.to(device)[:, None], rows.to(device), table, near).cpu()
    return false | unseen(rows, seen)


def _table(ranker: Ranker, items: Sequence[Item], folder: Path) -> CandidateTable:
    """The features of ambiguous items with all their candidates."""
    candidates = [ranker.inventory.candidates(item.lemma) for item in items]
    pairs = pairs_of(items, candidates)
    features = cached_pair_features(ranker.model, ranker.inputs, pairs, folder, ranker.adapters)
    return candidate_table(items, candidates, features)
