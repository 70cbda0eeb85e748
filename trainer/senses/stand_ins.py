"""Vectors of benchmark targets by every system that is compared: one table, the same items."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from languages.language import Language
from trainer.benchsets.pairs import BenchPair, BenchSet, BenchTarget
from trainer.benchsets.words import letters_alone
from trainer.glosses.tfidf import TfidfEncoder
from trainer.progress import progress_of
from trainer.senses.choosing import chosen_usages
from trainer.senses.dictionary import SenseDictionary
from trainer.senses.encoder import UsageEncoder
from trainer.senses.kmeans import Floats
from trainer.senses.picks import unit_keys
from trainer.senses.rows import WordRow, word_row
from trainer.senses.student import student_vectors
from trainer.senses.vectors import word_states
from trainer.states.standardise import Standardiser
from trainer.states.teacher import Teacher
from trainer.text.inputs import InputMaker, MarkedSentence
from trainer.text.words import Word, words_of

TEACHER = "teacher"
Cosines = NDArray[np.float64]
_CHUNK = 256
_WIDTH = 256


@dataclass(frozen=True, slots=True)
class TargetWords:
    """The words of a sentence, those of them that are the target, and their units."""

    words: tuple[Word, ...]
    wanted: tuple[int, ...]
    units: tuple[str, ...]


def target_words(
    target: BenchTarget, inputs: InputMaker, key: Callable[[str], str]
) -> tuple[TargetWords, ...]:
    """A span's target as one word of its sentence; a whole sentence as all its words."""
    if target.spans == ((0, len(target.sentence)),):
        words = words_of(target.sentence, inputs.segment)
        units = [key(word.text) for word in words]
        wanted = tuple(at for at, unit in enumerate(units) if unit)
        return (TargetWords(words, wanted, tuple(units[at] for at in wanted)),)
    found = []
    for start, end in target.spans:
        marked = inputs.words(MarkedSentence(target.sentence, start, end, target.row))
        unit = key(marked.words[marked.target].text)
        found.append(TargetWords(marked.words, (marked.target,), (unit,)))
    return tuple(found)


@dataclass(frozen=True)
class StandIns:
    """What is compared: a teacher, students by their names, and what stands for them."""

    teacher: Teacher
    standardiser: Standardiser
    dictionary: SenseDictionary
    students: dict[str, UsageEncoder]
    language: Language

    def cosines(self, bench: BenchSet) -> dict[str, tuple[Cosines, Cosines]]:
        """Each system's cosines of the dev and of the test pairs; NaN where it has no vector."""
        pairs = (*bench.dev, *bench.test)
        targets = list(dict.fromkeys(t for pair in pairs for t in (pair.left, pair.right)))
        at = {target: number for number, target in enumerate(targets)}
        found: dict[str, tuple[Cosines, Cosines]] = {}
        for name, vectors in self._vectors(targets).items():
            own = _cosines(vectors, pairs, at)
            found[name] = (own[: len(bench.dev)], own[len(bench.dev) :])
        absent = np.isnan(np.concatenate(found[TEACHER]))
        letters = np.where(absent, np.nan, letters_alone(pairs))
        found["letters alone"] = (letters[: len(bench.dev)], letters[len(bench.dev) :])
        return found

    def _vectors(self, targets: Sequence[BenchTarget]) -> dict[str, Floats]:
        kinds: dict[str, list[Floats]] = {}
        with progress_of("reading the pairs of a set", len(targets)) as advance:
            for start in range(0, len(targets), _CHUNK):
                part = targets[start : start + _CHUNK]
                for name, vectors in self._of_chunk(part).items():
                    kinds.setdefault(name, []).append(vectors)
                advance(len(part))
        found = {name: np.concatenate(parts) for name, parts in kinds.items()}
        texts = [target.sentence for target in targets]
        found["TF-IDF of the sentences"] = TfidfEncoder.fit(texts, _WIDTH, self.language).encode(
            texts
        )
        return found

    def _of_chunk(self, targets: Sequence[BenchTarget]) -> dict[str, Floats]:
        key, inputs = unit_keys(self.language), self.teacher.inputs
        cut = [target_words(target, inputs, key) for target in targets]
        flat = [own for each in cut for own in each]
        owner = np.repeat(np.arange(len(cut)), [sum(len(o.wanted) for o in each) for each in cut])
        units = [unit for own in flat for unit in own.units]

        def of_targets(vectors: Floats) -> Floats:
            return _means(vectors, owner, len(targets))

        read = word_states(self.teacher, _rows(inputs, flat))
        teacher = self.standardiser.apply(read[:, None, :])[:, 0]
        found = {
            TEACHER: of_targets(teacher),
            "teacher replaced": of_targets(self._replaced(units, teacher)),
        }
        for name, senses in self.students.items():
            own = student_vectors(senses.student, senses.inputs, _rows(senses.inputs, flat))
            found[name] = of_targets(own)
            found[f"{name} replaced"] = of_targets(senses.replaced(units, own))
        found["one usage a word"] = of_targets(self._static(units))
        return found

    def _replaced(self, units: Sequence[str], vectors: Floats) -> Floats:
        """The nearest usage in the place of each vector; an unknown word keeps its own."""
        found = vectors.copy()
        rows = [self.dictionary.row_of(unit) for unit in units]
        known = np.array([row is not None for row in rows], dtype=bool)
        known &= np.isfinite(vectors[:, 0]) if len(vectors) else known
        if known.any():
            own = np.array([row for row, here in zip(rows, known, strict=True) if here])
            usages, mask = self.dictionary.padded(own)
            chosen = chosen_usages(vectors[known], usages, mask)
            found[known] = usages[np.arange(len(own)), chosen]
        return found

    def _static(self, units: Sequence[str]) -> Floats:
        """The mean of a word's usages by their mass, whatever the sentence; NaN if unknown."""
        found = np.full((len(units), self.dictionary.width), np.nan, dtype=np.float32)
        for at, unit in enumerate(units):
            row = self.dictionary.row_of(unit)
            if row is not None:
                rows = self.dictionary.usages(row)
                mass = self.dictionary.mass[rows].astype(np.float32)
                found[at] = mass @ self.dictionary.vectors(rows) / mass.sum()
        return found


def _rows(inputs: InputMaker, flat: Sequence[TargetWords]) -> list[WordRow]:
    return [word_row(inputs, own.words, own.wanted) for own in flat]


def _means(vectors: Floats, owner: NDArray[np.int64], n: int) -> Floats:
    """(n, w) means of the rows that each target owns, those without numbers left out."""
    there = np.isfinite(vectors).all(axis=1)
    sums = np.zeros((n, vectors.shape[1]), dtype=np.float64)
    np.add.at(sums, owner[there], vectors[there])
    counts = np.bincount(owner[there], minlength=n)[:, None]
    means = np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
    return np.asarray(means, dtype=np.float32)


def _cosines(
    vectors: Floats, pairs: Sequence[BenchPair], at: dict[BenchTarget, int]
) -> NDArray[np.float64]:
    left, right = (
        vectors[[at[target] for target in side]].astype(np.float64)
        for side in ([pair.left for pair in pairs], [pair.right for pair in pairs])
    )
    lengths = np.linalg.norm(left, axis=1) * np.linalg.norm(right, axis=1)
    products = (left * right).sum(axis=1)
    cosines = np.divide(products, lengths, out=np.full(len(pairs), np.nan), where=lengths > 0)
    return np.asarray(cosines)
