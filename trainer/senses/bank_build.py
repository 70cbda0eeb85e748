"""From a trained model and unlabelled sentences to a bank: the whole of ``viconwsd bank build``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import orjson
from pydantic import BaseModel, ConfigDict

from schemas.errors import InputError, UsageError
from schemas.files import explained, read_json, replacing_folder, write_text
from schemas.ids import content_digest
from trainer.data import Inventory, Item
from trainer.data.dataset import ambiguous_items
from trainer.progress import progress_of
from trainer.ranking.candidates import gold_column
from trainer.ranking.fusion import Fusion, fit_fusion
from trainer.ranking.prediction import unit_rows
from trainer.ranking.ranker import Ranker
from trainer.saved.manifest import check_files, saved_identity, write_manifest
from trainer.senses.bank import Floats, bank_vectors, fitted_temperature, ridge_map, shares_of
from trainer.senses.build import GatheredWords
from trainer.senses.settings import BankSettings
from trainer.storage.arrays import mapped_array, named_arrays, save_named_arrays
from trainer.storage.lock import training_lock

BANK = "viconwsd bank build"
_DESCRIPTION, _VECTORS = "bank.json", "bank_vectors.npy"
_PART = 256
Unlabelled = Sequence[Item]


class BankDescription(BaseModel):
    """``bank.json``: which model's bank it is, and what it was made of."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1] = 1
    identity: str
    model: str
    n_sentences: int
    n_moved: int
    """Senses that have a sentence's worth of usage at least."""
    temperature: float
    fusion: dict[str, float]


@dataclass(frozen=True)
class BankParts:
    """A trained ranker, and the training and validation items that it may learn from."""

    ranker: Ranker
    identity: str
    train: Sequence[Item]
    validation: Sequence[Item]


def unlabelled(items: Iterable[Item]) -> list[Item]:
    """The items without all that says or hints which sense they have."""
    return [replace(item, sense_id="", synset_id="", pos="", split="") for item in items]


def corpus_items(gathered: GatheredWords, inventory: Inventory, most: int) -> list[Item]:
    """Drawn sentences of a corpus with the lemmas of several senses, ``most`` a lemma."""
    picks, language = gathered.picks, inventory.language
    number = {unit: at for at, unit in enumerate(picks.units)}
    lemmas = {language.match_key(entry.lemma): entry.lemma for entry in inventory.entries}
    found = []
    for key, lemma in sorted(lemmas.items()):
        unit = number.get(key)
        if unit is None or len(inventory.candidates(lemma)) < 2:
            continue
        for row in range(*picks.bounds[unit : unit + 2].tolist())[:most]:
            sentence = gathered.store[int(picks.sentence[row])]
            start, end = sentence.spans[int(picks.word[row])]
            name = f"{sentence.document}@{int(picks.sentence[row])}:{start}"
            found.append(Item(name, "", "", lemma, "", sentence.text, start, end, ""))
    return found


def build_bank(
    parts: BankParts,
    sentences: Unlabelled,
    settings: BankSettings,
    folder: Path,
    notify: Callable[[str], None] = print,
) -> BankDescription | None:
    """Writes the bank; None where it is there already.

    The reader's shares are kept in files of 256 sentences, so that a killed run goes on. Raises
    InputError where no sentence has a lemma of several senses.
    """
    ranker, inventory = parts.ranker, parts.ranker.inventory
    items = ambiguous_items(unlabelled(sentences), inventory)
    if not items:
        raise InputError(
            "no sentence has a lemma of several senses: name a corpus in [senses] and run "
            "`viconwsd senses build`, or set [senses.bank] splits"
        )
    known = [(item.lemma, item.sentence, item.start, item.end) for item in items]
    identity = content_digest(
        parts.identity, settings.model_dump_json(), orjson.dumps(known).decode()
    )
    with training_lock(folder):
        if saved_identity(folder / "bank") == identity:
            return None
        notify(f"{len(items):,} unlabelled sentences are read together with their glosses")
        reading = _Read(ranker, folder / "bank-work" / identity[:16])
        vectors, scores = reading.all(items)
        deciding = ambiguous_items(parts.validation, inventory)
        candidates = [inventory.candidates(item.lemma) for item in deciding]
        gold = [gold_column(item, own) for item, own in zip(deciding, candidates, strict=True)]
        temperature = fitted_temperature(ranker.scores(deciding, candidates), gold)
        bank, weight = bank_vectors(
            _anchors(parts, settings.ridge),
            [inventory.candidate_rows(item.lemma) for item in items],
            [shares_of(own, temperature) for own in scores],
            unit_rows(vectors),
            settings.anchor,
        )
        fast = replace(ranker, gloss_vectors=bank, fusion=_without_reading(ranker.fusion))
        fusion = fit_fusion(fast.signals(deciding, candidates), gold, fast.fusion)
        description = BankDescription(
            identity=identity,
            model=parts.identity,
            n_sentences=len(items),
            n_moved=int((weight >= 1.0).sum()),
            temperature=temperature,
            fusion=asdict(_without_reading(fusion)),
        )
        with replacing_folder(folder / "bank") as temporary, explained(folder):
            np.save(temporary / _VECTORS, bank)
            write_text(temporary / _DESCRIPTION, description.model_dump_json(indent=2))
            write_manifest(temporary, identity)
    return description


def fast_ranker(ranker: Ranker, model: str, folder: Path) -> Ranker:
    """The ranker with the bank's vectors and without reading glosses with sentences.

    Raises UsageError for the bank of another model, of the identity ``model``.
    """
    check_files(folder, BANK)
    advice = f"run `{BANK}` again"
    path = folder / _DESCRIPTION
    own = read_json(path, BankDescription, "a bank's description", advice, InputError)
    if own.model != model:
        raise UsageError(f"{folder}: a bank of another model: {advice}")
    return replace(
        ranker, gloss_vectors=mapped_array(folder / _VECTORS), fusion=Fusion(**own.fusion)
    )


def _without_reading(fusion: Fusion) -> Fusion:
    return replace(fusion, cross_encoder=0.0, cosine=fusion.cosine or 1.0)


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


@dataclass(frozen=True)
class _Read:
    """The slow reader's scores and the vectors of items, in files of 256."""

    ranker: Ranker
    folder: Path

    def all(self, items: Unlabelled) -> tuple[Floats, list[Floats]]:
        vectors: list[Floats] = []
        scores: list[Floats] = []
        candidates = self.ranker.inventory.candidates
        with progress_of("the reader reads sentences", len(items)) as advance:
            for start in range(0, len(items), _PART):
                own = items[start : start + _PART]
                among = [candidates(item.lemma) for item in own]
                path = self.folder / f"{start // _PART:05d}.npz"
                if not path.exists():
                    found = self.ranker.vectors(own)
                    flat = np.concatenate(self.ranker.scores(own, among, found))
                    save_named_arrays(path, {"vectors": found, "scores": flat})
                found, flat = named_arrays(path, "vectors", "scores")
                vectors.append(found)
                scores += np.split(flat, np.cumsum([len(each) for each in among])[:-1])
                advance(len(own))
        return np.concatenate(vectors), scores
