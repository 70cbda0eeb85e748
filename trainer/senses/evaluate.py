"""What a dictionary and its student are worth: the whole of ``viconwsd senses evaluate``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import process_time

import numpy as np
import torch
from numpy.typing import NDArray

from languages.find import find_language
from trainer.benchsets.pairs import BenchSet
from trainer.distil.scores import score_set
from trainer.evaluation.accuracy import Bootstrap
from trainer.senses.agreement import agreement
from trainer.senses.build import GatheredWords, kept_words
from trainer.senses.dictionary import ARRAYS, UNITS
from trainer.senses.encoder import UsageEncoder
from trainer.senses.fit import TaughtSentences
from trainer.senses.folder import SensesFolder, check_backbone, opened_description
from trainer.senses.kmeans import Floats, k_means, squared_distances
from trainer.senses.report import ReadingPace, SensesReport
from trainer.senses.reservoir import mixed_bits, seed_of
from trainer.senses.rows import WordRow, word_row
from trainer.senses.settings import SensesEvaluateSettings
from trainer.senses.stand_ins import TEACHER, StandIns
from trainer.senses.student import student_vectors
from trainer.senses.vectors import word_states
from trainer.states.standardise import Standardiser
from trainer.states.teacher import Teacher
from trainer.training.reporting import Notify

NUMBERS = (1, 5, 20)
_ENOUGH = 100
_STEPS = 25
STUDENT, REGRESSION = "student", "student-regression"


@dataclass(frozen=True)
class SensesToMeasure:
    """An opened folder with its teacher."""

    folder: SensesFolder
    gathered: GatheredWords
    students: dict[str, UsageEncoder]
    teacher: Teacher


def open_senses(folder: SensesFolder, teacher: Teacher) -> SensesToMeasure:
    """The dictionary's own teacher and students; UsageError for another teacher."""
    own = opened_description(folder.dictionary)
    check_backbone(own, teacher.name, teacher.digest)
    names = [name for name in (STUDENT, REGRESSION) if (folder.path / name).is_dir()]
    students = {name: UsageEncoder.open(folder.path, name) for name in names or [STUDENT]}
    return SensesToMeasure(folder, kept_words(folder, own), students, teacher)


def evaluate_senses(
    opened: SensesToMeasure,
    sets: Sequence[BenchSet],
    settings: SensesEvaluateSettings,
    notify: Notify = print,
) -> SensesReport:
    """Agreement, variance kept, every set by every system, megabytes and pace."""
    own = opened_description(opened.folder.dictionary)
    bootstrap = Bootstrap(settings.bootstrap_samples, settings.confidence, settings.seed)
    dictionary = opened.students[STUDENT].dictionary
    held_out = TaughtSentences(opened.gathered, dictionary, held_out=True)
    agreed = {name: agreement(own, held_out, bootstrap) for name, own in opened.students.items()}
    notify(f"{len(held_out.places):,} sentences of documents held out")
    systems = StandIns(
        opened.teacher,
        Standardiser.open(opened.folder.dictionary),
        dictionary,
        opened.students,
        find_language(own.language),
    )
    results = []
    for bench in sets:
        if bench.test:
            results.append(score_set(bench.name, bench, systems.cosines(bench), TEACHER, bootstrap))
            notify(f"{bench.name}: {len(bench.test):,} pairs")
    return SensesReport(
        backbone=own.backbone,
        n_units=own.n_units,
        n_usages=own.n_usages,
        agreement={name: found for name, found in agreed.items() if found},
        variance=variance_kept(opened.gathered, settings.words),
        sets=tuple(results),
        megabytes=megabytes(opened),
        pace=paces(opened, settings.speed),
    )


def variance_kept(gathered: GatheredWords, n_words: int) -> dict[int, float]:
    """Of held-out vectors about the corpus's mean, by the number of usages a word.

    Words by a digest of theirs, of those with a hundred vectors at least and some held out.
    """
    picks, rows = gathered.picks, gathered.vectors.rows
    held = np.arange(picks.n_taught, len(picks.unit))
    with_held = set(picks.unit[held].tolist())
    enough = np.flatnonzero(np.diff(picks.bounds) >= _ENOUGH)
    words = [int(u) for u in enough if int(u) in with_held]
    words.sort(key=lambda unit: mixed_bits(seed_of("variance", picks.units[unit])))
    left, total = dict.fromkeys(NUMBERS, 0.0), 0.0
    for unit in words[:n_words]:
        own = _finite(rows[picks.bounds[unit] : picks.bounds[unit + 1]])
        tested = _finite(rows[held[picks.unit[held] == unit]])
        total += float(np.square(tested, dtype=np.float64).sum())
        for k in NUMBERS:
            if len(own[0]) < k:
                continue
            centres = k_means(own, k, [seed_of("variance", picks.units[unit])], _STEPS, 1).centres
            left[k] += float(squared_distances(tested, centres).min(axis=2).sum())
    return {k: 1.0 - left[k] / total for k in NUMBERS} if total else {}


def _finite(rows: NDArray[np.float16]) -> Floats:
    """(1, n, w) those rows that are numbers, in single precision."""
    found = rows[np.isfinite(rows[:, 0])].astype(np.float32)
    return np.asarray(found[None])


def megabytes(opened: SensesToMeasure) -> dict[str, float]:
    """What the parts take on disk, the teacher's weights in memory."""
    student, dictionary = opened.folder.path / STUDENT, opened.folder.dictionary
    weights = sum(p.numel() * p.element_size() for p in opened.teacher.backbone.parameters())
    return {
        "teacher": weights / 1e6,
        "dictionary": sum((dictionary / name).stat().st_size for name in (ARRAYS, UNITS)) / 1e6,
        "student": sum(path.stat().st_size for path in student.iterdir()) / 1e6,
    }


def paces(opened: SensesToMeasure, n: int) -> dict[str, ReadingPace]:
    """The pace of reading all words of sentences, one by one and 64 at a time."""
    store = opened.gathered.store
    numbers = sorted(range(len(store)), key=mixed_bits)[:n]
    sentences = [store[number] for number in numbers]
    senses = opened.students[STUDENT]
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        found = {}
        for name, inputs, read in (
            (TEACHER, opened.teacher.inputs, lambda rows: word_states(opened.teacher, rows)),
            (STUDENT, senses.inputs, lambda r: student_vectors(senses.student, senses.inputs, r)),
        ):
            rows = [word_row(inputs, own.words, range(len(own.spans))) for own in sentences]
            chunks = [rows[at : at + 64] for at in range(0, len(rows), 64)]
            found[name] = ReadingPace(
                alone=_per_second(read, [[row] for row in rows[:64]]),
                in_batches=_per_second(read, chunks),
            )
    finally:
        torch.set_num_threads(threads)
    return found


def _per_second(read: Callable[[list[WordRow]], object], chunks: Sequence[list[WordRow]]) -> float:
    """Sentences a second of CPU time; the first chunk is read once before."""
    read(chunks[0])
    start = process_time()
    for chunk in chunks:
        read(chunk)
    return sum(map(len, chunks)) / max(process_time() - start, 1e-9)
