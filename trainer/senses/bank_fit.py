"""Teaches a student what the slow reader says: the whole of ``viconwsd bank distil``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from schemas.errors import UsageError
from schemas.files import explained, replacing_folder, write_text
from schemas.ids import content_digest
from trainer.data import Item
from trainer.data.dataset import ambiguous_items
from trainer.model import ViConBERT
from trainer.model.encoding import AddStates
from trainer.model.layers import backbone_layers
from trainer.ranking.fusion import fit_fusion, prior_fusion
from trainer.ranking.prediction import unit_rows
from trainer.ranking.ranker import Ranker
from trainer.senses.bank import Floats
from trainer.senses.bank_folder import (
    BUILD_BANK,
    STUDENT_DESCRIPTION,
    VECTORS,
    BankStudentDescription,
    bank_folder,
    opened_bank,
    save_student_model,
    student_folder,
    work_folder,
)
from trainer.senses.bank_reading import (
    BankParts,
    BankReading,
    Notify,
    bank_identity,
    bank_items,
    read_sentences,
)
from trainer.senses.bank_student import SenseTable, first_layers, padded_shares, shares_loss, tune
from trainer.senses.lessons import Teaching
from trainer.senses.settings import BankSettings, BankStudentSettings
from trainer.storage.arrays import mapped_array
from trainer.storage.lock import training_lock
from trainer.storage.manifest import saved_identity, write_manifest
from trainer.text.inputs import InputMaker
from trainer.text.pieces import Tokenized
from trainer.training.frozen import frozen_states, targets_of

_CHANGES_NOTHING: Any = {"checkpoint_steps", "threads", "kept_states_gb"}


def distil_bank(
    parts: BankParts,
    sentences: Sequence[Item],
    settings: BankSettings,
    folder: Path,
    notify: Notify = print,
) -> BankStudentDescription | None:
    """Teaches a student of the run's bank; None where it is there already.

    What the reader said of the sentences when the bank was built is found in the run's folder, or
    read again. Killed and started again it goes on at its last checkpoint and ends with equal
    bytes. Raises UsageError for a bank of other sentences, settings or another model.
    """
    own = settings.student
    if own.threads is not None:
        torch.set_num_threads(own.threads)
    bank = opened_bank(folder, parts.identity)
    ranker, output = parts.ranker, student_folder(folder)
    items = bank_items(sentences, ranker.inventory)
    if bank.identity != bank_identity(parts, items, settings):
        raise UsageError(
            f"{bank_folder(folder)}: of other sentences or settings: run `{BUILD_BANK}` again"
        )
    identity = content_digest(bank.identity, own.model_dump_json(exclude=_CHANGES_NOTHING))
    with training_lock(folder):
        if saved_identity(output) == identity:
            return None
        work = work_folder(folder, bank.identity)
        reading = read_sentences(parts, items, work, notify)
        anchors = np.array(mapped_array(bank_folder(folder) / VECTORS))
        path = work / f"student-{identity[:16]}.safetensors"
        fast, n_labelled = taught_student(parts, anchors, reading, own, path, identity, notify)
        description = BankStudentDescription(
            identity=identity,
            model=parts.identity,
            bank=bank.identity,
            layers=len(backbone_layers(fast.model.backbone)),
            tuned=own.tuned,
            n_sentences=len(items),
            n_labelled=n_labelled,
            fusion=asdict(fast.fusion),
        )
        with replacing_folder(output) as temporary, explained(output):
            save_student_model(temporary, fast.model)
            np.save(temporary / VECTORS, fast.gloss_vectors)
            fast.usage.save(temporary)
            write_text(temporary / STUDENT_DESCRIPTION, description.model_dump_json(indent=2))
            write_manifest(temporary, identity)
        path.unlink(missing_ok=True)
    return description


def taught_student(
    parts: BankParts,
    anchors: Floats,
    reading: BankReading,
    settings: BankStudentSettings,
    checkpoint: Path,
    identity: str,
    notify: Notify,
) -> tuple[Ranker, int]:
    """The fast ranker of a student that was taught, and how many labelled items took part.

    E starts at ``anchors`` (S, w). The checkpoint, which is left, is of that identity; what a
    frozen student's layers say of the sentences is kept beside it.
    """
    student = first_layers(parts.ranker.model, settings.layers, settings.seed)
    if settings.tuned:
        tune(student)
    else:
        student.backbone.requires_grad_(False)
    table = SenseTable(torch.from_numpy(anchors))
    taught = _Taught.of(parts, reading, settings.gold)
    states = checkpoint.parent / "states"
    lesson = _lesson(student, table, taught, parts.ranker, settings, states, notify)
    Teaching(lesson, settings, identity, checkpoint).run(notify)
    fast = _fitted(parts, student, table, reading)
    return fast, len(taught.items) - len(reading.items)


def _fitted(
    parts: BankParts, student: ViConBERT, table: SenseTable, reading: BankReading
) -> Ranker:
    """The ranker by the student, the usage of senses counted with the reader's shares.

    The weights of cosine, overlap and usage are those of validation.
    """
    ranker, inventory = parts.ranker, parts.ranker.inventory
    student.train(False)
    known = {(item.sentence, item.start, item.end) for item in parts.train}
    new = [at for at, i in enumerate(reading.items) if (i.sentence, i.start, i.end) not in known]
    fast = replace(
        ranker,
        model=student,
        gloss_vectors=unit_rows(table.vectors.detach().numpy()),
        usage=ranker.usage.with_shares(
            [reading.items[at] for at in new],
            [[e.synset_id for e in inventory.candidates(reading.items[at].lemma)] for at in new],
            [reading.shares[at] for at in new],
        ),
        fusion=prior_fusion(cross_encoder=False, scale=10.0),
    )
    signals = fast.signals(parts.deciding, parts.deciding_candidates)
    return fast.weighing(fit_fusion(signals, parts.deciding_gold, fast.fusion))


@dataclass(frozen=True)
class _Taught:
    """Sentences with the rows of their candidates, their shares, and how much each counts."""

    items: Sequence[Item]
    rows: Sequence[Sequence[int]]
    shares: Sequence[NDArray[np.float64]]
    weights: NDArray[np.float32]

    @classmethod
    def of(cls, parts: BankParts, reading: BankReading, gold: float) -> _Taught:
        """The unlabelled sentences, then the training items whose labels count."""
        inventory = parts.ranker.inventory
        labelled = ambiguous_items(parts.train, inventory) if gold > 0 else []
        items = [*reading.items, *labelled]
        rows = [inventory.candidate_rows(item.lemma) for item in items]
        own = [inventory.row_of.get(item.synset_id) for item in labelled]
        sure = [
            np.array([float(row == at) for row in among])
            for at, among in zip(own, rows[len(reading.items) :], strict=True)
        ]
        weights = np.array([1.0] * len(reading.items) + [gold] * len(labelled), dtype=np.float32)
        return cls(items, rows, [*reading.shares, *sure], weights)


def _lesson(
    student: ViConBERT,
    table: SenseTable,
    taught: _Taught,
    ranker: Ranker,
    settings: BankStudentSettings,
    work: Path,
    notify: Notify,
) -> _ShareLesson:
    """The student standardised by the targets it is taught, and a frozen one's states kept."""
    inputs = ranker.inputs
    tokenized = inputs.tokenize_all([item.marked for item in taught.items])
    reader = replace(ranker, model=student)
    known = None
    if not settings.tuned:
        most = settings.kept_states_gb * 1e9
        known = frozen_states(reader, tokenized, work, most, notify)
    student.standardise(targets_of(reader, tokenized, known))
    add_states = None if known is None else known.joined
    return _ShareLesson(student, table, taught, inputs, tokenized, settings, add_states)


@dataclass(frozen=True)
class _ShareLesson:
    student: ViConBERT
    table: SenseTable
    taught: _Taught
    inputs: InputMaker
    tokenized: Sequence[Tokenized]
    settings: BankStudentSettings
    add_states: AddStates | None

    @property
    def modules(self) -> dict[str, nn.Module]:
        """What learns."""
        return {"student": self.student, "senses": self.table}

    @cached_property
    def sizes(self) -> NDArray[np.int64]:
        """(n,) how many subwords each sentence has."""
        return np.array([len(row.ids) for row in self.tokenized], dtype=np.int64)

    def loss(self, places: Sequence[int]) -> Tensor:
        """Cross entropy to the shares, and how far the senses have moved."""
        batch = self.inputs.batch([self.tokenized[at] for at in places])
        if self.add_states is not None:
            batch = self.add_states(batch, places)
        contexts = self.student.encode_batch(batch)
        taught = self.taught
        rows, shares = padded_shares(
            [taught.rows[at] for at in places], [taught.shares[at] for at in places]
        )
        weights = torch.from_numpy(taught.weights[list(places)])
        logits = self.table(contexts, rows) / self.settings.temperature
        loss = shares_loss(logits, shares, rows >= 0, weights)
        return loss + self.settings.anchored * self.table.moved(rows)
