"""Teaches a student the usages of a dictionary: the whole of ``viconwsd senses distil``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from languages.find import find_language
from schemas.errors import InputError
from schemas.ids import content_digest
from trainer.model.small import train_tokenizer
from trainer.senses.build import GatheredWords, kept_words
from trainer.senses.choosing import UsageLoss
from trainer.senses.dictionary import SenseDictionary
from trainer.senses.folder import DictionaryDescription, SensesFolder, opened_description
from trainer.senses.lessons import Teaching
from trainer.senses.rows import WordRow, word_row
from trainer.senses.settings import StudentSettings
from trainer.senses.student import (
    StudentDescription,
    UsageStudent,
    save_student,
    student_inputs,
)
from trainer.senses.vectors import ReadingOrder
from trainer.storage.lock import training_lock
from trainer.storage.manifest import saved_identity
from trainer.text.inputs import InputMaker
from trainer.training.reporting import Notify

_SOFTER = 8.0
"""A student that is sharp from the start learns of the largest distances alone."""
_CHANGES_NOTHING = {"checkpoint_steps", "threads"}


@dataclass(frozen=True)
class TaughtSentences:
    """The sentences of a corpus with the words to name in each, and the teacher's vectors.

    ``held_out`` chooses the documents that nobody was taught.
    """

    gathered: GatheredWords
    dictionary: SenseDictionary
    held_out: bool = False

    @cached_property
    def _order(self) -> ReadingOrder:
        return ReadingOrder.of(self.gathered.picks)

    @cached_property
    def _row_of_unit(self) -> NDArray[np.int64]:
        found = (self.dictionary.row_of(unit) for unit in self.gathered.picks.units)
        return np.array([-1 if row is None else row for row in found], dtype=np.int64)

    @cached_property
    def _wanted(self) -> NDArray[np.bool_]:
        """Which picks take part."""
        picks, vectors = self.gathered.picks, self.gathered.vectors.rows
        known = self._row_of_unit[picks.unit] >= 0
        found: NDArray[np.bool_] = (
            known & (picks.held_out == self.held_out) & np.isfinite(vectors[:, 0])
        )
        return found

    @cached_property
    def places(self) -> NDArray[np.int64]:
        """The sentences, in the order of their reading, that have a word to name."""
        order = self._order
        counts = np.concatenate([[0], np.cumsum(self._wanted[order.picks])])
        n_own = counts[order.bounds[1:]] - counts[order.bounds[:-1]]
        return np.flatnonzero(n_own)

    @cached_property
    def sizes(self) -> NDArray[np.int64]:
        """About how long those sentences are."""
        return self.gathered.store.sizes(self._order.sentences[self.places])

    def row(self, inputs: InputMaker, place: int) -> tuple[WordRow, NDArray[np.int64]]:
        """A sentence as the student reads it, and its picks; those past the window are left out."""
        order = self._order
        own = order.rows_of(place, place + 1)
        own = own[self._wanted[own]]
        sentence = self.gathered.store[int(order.sentences[place])]
        row = word_row(inputs, sentence.words, self.gathered.picks.word[own].tolist())
        inside = [at for at, where in enumerate(row.places) if where is not None]
        return WordRow(row.ids, tuple(row.places[at] for at in inside)), own[inside]

    def units(self, picks: NDArray[np.int64]) -> NDArray[np.int64]:
        """The rows in the dictionary of those picks' words."""
        return self._row_of_unit[self.gathered.picks.unit[picks]]

    def vectors(self, picks: NDArray[np.int64]) -> NDArray[np.float32]:
        """(n, w) the teacher's vectors of those picks."""
        return self.gathered.vectors.rows[picks].astype(np.float32)


def usage_loss(settings: StudentSettings, own: DictionaryDescription) -> UsageLoss:
    """The loss that the settings describe."""
    return UsageLoss(
        settings.similarity,
        settings.temperature or _SOFTER * own.temperature,
        settings.choice,
        settings.soft,
        settings.regression,
    )


def distil_student(
    folder: SensesFolder, output: Path, settings: StudentSettings, notify: Notify = print
) -> StudentDescription | None:
    """Teaches a student into ``output``; None where it is there already.

    Killed and started again it goes on at its last checkpoint and ends with equal bytes. The
    teacher's weights are not needed: its vectors were kept.
    """
    if settings.threads is not None:
        torch.set_num_threads(settings.threads)
    own = opened_description(folder.dictionary)
    identity = content_digest(own.identity, settings.model_dump_json(exclude=_CHANGES_NOTHING))
    with training_lock(folder.path):
        if saved_identity(output) == identity:
            return None
        gathered = kept_words(folder, own)
        dictionary = SenseDictionary.open(folder.dictionary)
        loss = usage_loss(settings, own)
        description = StudentDescription(
            identity=identity,
            dictionary=own.identity,
            language=own.language,
            segmenter=own.segmenter,
            max_length=settings.max_length,
            width=own.width,
            similarity=loss.similarity,
            temperature=loss.temperature,
        )
        texts = (gathered.store[number].text for number in range(len(gathered.store)))
        tokenizer = train_tokenizer(texts, settings.small.vocabulary)
        inputs = student_inputs(tokenizer, description, find_language(own.language))
        taught = TaughtSentences(gathered, dictionary)
        if not len(taught.places):
            raise InputError("no sentence has a word of the dictionary: build it again")
        student = UsageStudent.fresh(settings, len(tokenizer), own.width)
        path = folder.work(own.identity) / f"student-{identity[:16]}.safetensors"
        lesson = _UsageLesson(student, inputs, taught, loss)
        Teaching(lesson, settings, identity, path).run(notify)
        save_student(output, student, tokenizer, description)
        path.unlink(missing_ok=True)
    return description


@dataclass(frozen=True)
class _UsageLesson:
    """Sentences whose words have usages to be named."""

    student: UsageStudent
    inputs: InputMaker
    taught: TaughtSentences
    usage_loss: UsageLoss

    @property
    def modules(self) -> dict[str, nn.Module]:
        """The student alone."""
        return {"student": self.student}

    @property
    def sizes(self) -> NDArray[np.int64]:
        """(n,) about how long the taught sentences are."""
        return self.taught.sizes

    def loss(self, places: Sequence[int]) -> Tensor | None:
        """The loss of the words of those sentences."""
        own = self.taught.places[list(places)].tolist()
        rows, picks = zip(*(self.taught.row(self.inputs, place) for place in own), strict=True)
        all_picks = np.concatenate(picks)
        if not len(all_picks):
            return None
        usages, known = self.taught.dictionary.padded(self.taught.units(all_picks))
        teacher = torch.from_numpy(self.taught.vectors(all_picks))
        student = self.student(self.inputs, rows)
        loss: Tensor = self.usage_loss(
            student, teacher, torch.from_numpy(usages), torch.from_numpy(known)
        )
        return loss
