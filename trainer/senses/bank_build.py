"""From a trained model and unlabelled sentences to a bank: the whole of ``viconwsd bank build``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np

from schemas.files import explained, replacing_folder, write_text
from trainer.data import Item
from trainer.ranking.fusion import fit_fusion
from trainer.ranking.prediction import unit_rows
from trainer.senses.bank import Floats, bank_vectors, ridge_map
from trainer.senses.bank_folder import (
    BANK_DESCRIPTION,
    VECTORS,
    BankDescription,
    bank_folder,
    without_reading,
    work_folder,
)
from trainer.senses.bank_reading import (
    BankParts,
    Notify,
    bank_identity,
    bank_items,
    read_sentences,
)
from trainer.senses.settings import BankSettings
from trainer.storage.lock import training_lock
from trainer.storage.manifest import saved_identity, write_manifest


def build_bank(
    parts: BankParts,
    sentences: Sequence[Item],
    settings: BankSettings,
    folder: Path,
    notify: Notify = print,
) -> BankDescription | None:
    """Writes the bank; None where it is there already.

    The reader's shares are kept in files of 256 sentences, so that a killed run goes on. Raises
    InputError where no sentence has a lemma of several senses.
    """
    ranker, inventory = parts.ranker, parts.ranker.inventory
    items = bank_items(sentences, inventory)
    identity = bank_identity(parts, items, settings)
    with training_lock(folder):
        if saved_identity(bank_folder(folder)) == identity:
            return None
        reading = read_sentences(parts, items, work_folder(folder, identity), notify)
        bank, weight = bank_vectors(
            _anchors(parts, settings.ridge),
            [inventory.candidate_rows(item.lemma) for item in items],
            reading.shares,
            unit_rows(reading.vectors),
            settings.anchor,
        )
        fast = replace(ranker, gloss_vectors=bank, fusion=without_reading(ranker.fusion))
        signals = fast.signals(parts.deciding, parts.deciding_candidates)
        fusion = fit_fusion(signals, parts.deciding_gold, fast.fusion)
        description = BankDescription(
            identity=identity,
            model=parts.identity,
            n_sentences=len(items),
            n_moved=int((weight >= 1.0).sum()),
            temperature=reading.temperature,
            fusion=asdict(without_reading(fusion)),
        )
        with replacing_folder(bank_folder(folder)) as temporary, explained(folder):
            np.save(temporary / VECTORS, bank)
            write_text(temporary / BANK_DESCRIPTION, description.model_dump_json(indent=2))
            write_manifest(temporary, identity)
    return description


def _anchors(parts: BankParts, ridge: float) -> Floats:
    """(S, w) the inventory's glosses mapped to where training contexts of their senses lie."""
    ranker = parts.ranker
    glosses = unit_rows(np.asarray(ranker.gloss_vectors))
    by_row: dict[int, list[int]] = {}
    for at, item in enumerate(parts.train):
        row = ranker.inventory.row_of.get(item.synset_id)
        if row is not None:
            by_row.setdefault(row, []).append(at)
    rows = sorted(by_row)
    vectors = unit_rows(ranker.vectors(parts.train)) if rows else glosses[:0]
    means = np.stack([vectors[by_row[row]].mean(axis=0) for row in rows]) if rows else vectors
    return np.asarray(glosses @ ridge_map(glosses[rows], means, ridge), dtype=np.float32)
