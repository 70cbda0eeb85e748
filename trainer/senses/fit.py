"""Teaches a student the usages of a dictionary: the whole of ``viconwsd senses distil``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from time import process_time

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.optim import AdamW

from languages.find import find_language
from schemas.errors import InputError
from schemas.ids import content_digest
from trainer.model.small import train_tokenizer
from trainer.progress import progress_of
from trainer.saved.manifest import saved_identity
from trainer.senses.build import GatheredWords, kept_words
from trainer.senses.choosing import UsageLoss
from trainer.senses.dictionary import SenseDictionary
from trainer.senses.folder import DictionaryDescription, SensesFolder, opened_description
from trainer.senses.reservoir import seed_of
from trainer.senses.rows import WordRow, word_row
from trainer.senses.settings import StudentSettings
from trainer.senses.student import (
    StudentDescription,
    UsageStudent,
    save_student,
    student_inputs,
)
from trainer.senses.vectors import ReadingOrder, cpu_time
from trainer.storage.lock import training_lock
from trainer.text.inputs import InputMaker
from trainer.training.checkpoint import TrainingState, load_checkpoint, save_checkpoint
from trainer.training.optimiser import Schedule
from trainer.training.reporting import Notify

_BUCKET = 50
_TRIAL = 5
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
        _Teaching(student, inputs, taught, loss, settings, identity, path).run(notify)
        save_student(output, student, tokenizer, description)
        path.unlink(missing_ok=True)
    return description


@dataclass
class _Teaching:
    student: UsageStudent
    inputs: InputMaker
    taught: TaughtSentences
    loss: UsageLoss
    settings: StudentSettings
    identity: str
    path: Path

    def run(self, notify: Notify) -> None:
        settings = self.settings
        per_epoch = -(-len(self.taught.places) // settings.batch_size)
        n_steps = per_epoch * settings.epochs
        optimiser = AdamW(
            self.student.parameters(), settings.learning_rate, weight_decay=settings.weight_decay
        )
        schedule = Schedule(optimiser, lambda step: _factor(step, n_steps, settings.warm_up))
        modules: dict[str, nn.Module] = {"student": self.student}
        state = load_checkpoint(self.path, modules, optimiser, self.identity)
        step = 0 if state is None else state.step
        began, first = process_time(), step
        self.student.train(True)
        with progress_of("the student learns", n_steps) as advance:
            advance(step)
            for epoch in range(step // per_epoch, settings.epochs):
                total = 0.0
                batches = list(self._batches(epoch))
                for places in islice(batches, step - epoch * per_epoch, None):
                    schedule.go_to(step)
                    total += self._step(optimiser, places, step)
                    step += 1
                    advance(1)
                    if step % settings.checkpoint_steps == 0 and step < n_steps:
                        done = TrainingState(step=step, settings=self.identity)
                        random = {"cpu": [torch.get_rng_state()]}
                        save_checkpoint(self.path, modules, optimiser, done, random)
                    if step - first == _TRIAL and n_steps > 100:
                        seconds = (process_time() - began) / _TRIAL * (n_steps - step)
                        notify(f"the student learns {n_steps:,} steps: {cpu_time(seconds)}")
                notify(f"epoch {epoch + 1}: mean loss {total / max(1, len(batches)):.4f}")

    def _step(self, optimiser: AdamW, places: Sequence[int], step: int) -> float:
        # What is dropped out depends on the step alone, so that a resumed training is the same.
        torch.manual_seed(seed_of("step", str(self.settings.seed), str(step)) >> 1)
        rows, picks = zip(*(self.taught.row(self.inputs, place) for place in places), strict=True)
        all_picks = np.concatenate(picks)
        if not len(all_picks):
            return 0.0
        usages, known = self.taught.dictionary.padded(self.taught.units(all_picks))
        teacher = torch.from_numpy(self.taught.vectors(all_picks))
        student = self.student(self.inputs, rows)
        loss: Tensor = self.loss(
            student, teacher, torch.from_numpy(usages), torch.from_numpy(known)
        )
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.student.parameters(), 1.0)
        optimiser.step()
        return float(loss.detach())

    def _batches(self, epoch: int) -> Iterator[list[int]]:
        """Sentences of similar length together, in an order of the epoch's own."""
        rng = np.random.default_rng([self.settings.seed, epoch])
        places, sizes, n = self.taught.places, self.taught.sizes, self.settings.batch_size
        order = rng.permutation(len(places))
        buckets = [order[at : at + n * _BUCKET] for at in range(0, len(order), n * _BUCKET)]
        batches = []
        for bucket in buckets:
            ordered = bucket[np.argsort(sizes[bucket], kind="stable")]
            batches += [ordered[at : at + n] for at in range(0, len(ordered), n)]
        for at in rng.permutation(len(batches)):
            yield places[batches[at]].tolist()


def _factor(step: int, n_steps: int, warm_up: float) -> float:
    """Of the learning rate: a linear rise from 0, then a linear fall to 0."""
    warm = round(warm_up * n_steps)
    if step < warm:
        return (step + 1) / (warm + 1)
    return max(0.0, 1.0 - (step - warm) / max(1, n_steps - warm))
