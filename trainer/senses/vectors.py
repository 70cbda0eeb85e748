"""The teacher's vectors of drawn occurrences: each sentence read once, on disk, equal bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from time import process_time

import numpy as np
import torch
from numpy.typing import NDArray

from schemas.files import replacing
from trainer.progress import progress_of
from trainer.senses.kmeans import Floats
from trainer.senses.picks import Picks
from trainer.senses.reservoir import mixed_bits
from trainer.senses.rows import WordRow, word_batch, word_means, word_row
from trainer.senses.sentences import SentenceStore
from trainer.states.standardise import Standardiser
from trainer.states.teacher import Teacher
from trainer.storage.arrays import mapped_array
from trainer.storage.parts import Parts, of_part
from trainer.training.reporting import Notify

_BATCH = 32
_PROBE = 64
_LARGEST = 6e4
"""Half precision holds no larger numbers."""


@dataclass(frozen=True)
class ReadingOrder:
    """In which order sentences are read, and which picks each has.

    Sentences stand in an order of digests, so that the first of them are a fair sample.
    """

    sentences: NDArray[np.int64]
    picks: NDArray[np.int64]
    """Rows of the picks, by their sentence's place in that order, then by word."""
    bounds: NDArray[np.int64]
    """The n-th sentence has the picks ``bounds[n]`` to ``bounds[n + 1]``."""

    @classmethod
    def of(cls, picks: Picks) -> ReadingOrder:
        """The reading that has all picks."""
        needed = np.unique(picks.sentence)
        order = sorted(needed.tolist(), key=lambda number: (mixed_bits(number), number))
        sentences = np.array(order, dtype=np.int64)
        place = np.empty(len(needed), dtype=np.int64)
        place[np.searchsorted(needed, sentences)] = np.arange(len(needed))
        rank = place[np.searchsorted(needed, picks.sentence)]
        rows = np.lexsort((picks.word, rank))
        numbers = np.bincount(rank, minlength=len(needed))
        bounds = np.concatenate([[0], np.cumsum(numbers)]).astype(np.int64)
        return cls(sentences, rows, bounds)

    def rows_of(self, first: int, last: int) -> NDArray[np.int64]:
        """The picks of the sentences ``first`` to ``last`` of the reading, in their order."""
        return self.picks[self.bounds[first] : self.bounds[last]]


@dataclass(frozen=True)
class Reader:
    """Has a teacher read sentences of a store, all of the picks in one at once."""

    teacher: Teacher
    store: SentenceStore
    picks: Picks
    reading: ReadingOrder

    def row(self, place: int) -> WordRow:
        """The ids of a sentence of the reading, and where its picks are."""
        sentence = self.store[int(self.reading.sentences[place])]
        wanted = self.picks.word[self.reading.rows_of(place, place + 1)]
        return word_row(self.teacher.inputs, sentence.words, wanted.tolist())

    def states(self, places: Sequence[int]) -> Floats:
        """(n, d) states of all picks of those sentences, in order; NaN past the window."""
        return word_states(self.teacher, [self.row(place) for place in places])


@torch.inference_mode()
def word_states(teacher: Teacher, rows: Sequence[WordRow]) -> Floats:
    """(n, d) states of all wanted words, row by row; NaN for one past the window."""
    firsts = np.cumsum([0, *(len(row.places) for row in rows)])
    found = np.full((int(firsts[-1]), teacher.width), np.nan, dtype=np.float32)
    order = sorted(range(len(rows)), key=lambda at: len(rows[at].ids))
    for start in range(0, len(order), _BATCH):
        own = order[start : start + _BATCH]
        batch = word_batch(teacher.inputs, [rows[at] for at in own]).to(teacher.backbone.device)
        output = teacher.backbone(
            input_ids=batch.input_ids,
            attention_mask=batch.attention_mask,
            output_hidden_states=True,
        )
        states = output.hidden_states[teacher.layers[0]].float()
        means = word_means(states, [rows[at] for at in own]).cpu().numpy()
        inside = [firsts[at] + k for at in own for k, place in enumerate(rows[at].places) if place]
        found[inside] = means
    return found


@dataclass(frozen=True)
class WordVectors:
    """(n, w) vectors of all picks in half precision, NaN for a word past the window."""

    path: Path
    standardiser: Standardiser

    @cached_property
    def rows(self) -> NDArray[np.float16]:
        """All of them, in the order of the picks, mapped."""
        return mapped_array(self.path)


def word_vectors(
    reader: Reader, folder: Path, width: int, sample: int, notify: Notify
) -> WordVectors:
    """The vectors of the picks, from ``folder`` or computed into it.

    The states of the first sentences, with ``sample`` picks at least, are standardised by
    themselves and give the principal axes; those of documents that are held out do not count. A
    killed reading goes on at its last file of 1,024 sentences.
    """
    path = folder / "vectors.npy"
    places = range(len(reader.reading.sentences))
    raw = _Files(reader, Parts(folder / "raw", _enough(reader.reading, sample)))
    whole = _Files(reader, Parts(folder / "vectors", len(places)))
    if not path.exists():
        n_left = sum(len(of_part(places, n)) for n in (*raw.parts.missing(), *whole.new(raw)))
        _tell(reader, n_left, notify)
        with progress_of("the teacher reads sentences", n_left) as advance:
            for number in raw.parts.missing():
                raw.write(number, raw.states(number))
                advance(len(of_part(places, number)))
            standardiser = _fitted(raw, folder, width)
            for number in whole.parts.missing():
                known = number < len(raw.parts.paths)
                states = np.load(raw.parts.paths[number]) if known else whole.states(number)
                found = standardiser.apply(states[:, None, :])[:, 0]
                whole.write(number, np.clip(found, -_LARGEST, _LARGEST).astype(np.float16))
                advance(0 if known else len(of_part(places, number)))
        _gather(whole, path, standardiser.width)
    return WordVectors(path, Standardiser.open(folder))


@dataclass(frozen=True)
class _Files:
    """A file of rows for every 1,024 sentences of the reading."""

    reader: Reader
    parts: Parts

    def new(self, known: _Files) -> list[int]:
        """The files that are missing and whose sentences are still to be read."""
        return [n for n in self.parts.missing() if n >= len(known.parts.paths)]

    def places(self, number: int) -> Sequence[int]:
        return of_part(range(len(self.reader.reading.sentences)), number)

    def states(self, number: int) -> Floats:
        return self.reader.states(self.places(number))

    def picks(self, number: int) -> NDArray[np.int64]:
        own = self.places(number)
        return self.reader.reading.rows_of(own[0], own[-1] + 1)

    def write(self, number: int, rows: NDArray[np.generic]) -> None:
        self.parts.write(number, rows)


def _enough(reading: ReadingOrder, sample: int) -> int:
    """How many sentences of the reading have ``sample`` picks, or all of them."""
    return min(int(np.searchsorted(reading.bounds, sample)), len(reading.sentences))


def _fitted(raw: _Files, folder: Path, width: int) -> Standardiser:
    taught = []
    for number, path in enumerate(raw.parts.paths):
        states = mapped_array(path)
        kept = ~raw.reader.picks.held_out[raw.picks(number)] & np.isfinite(states[:, 0])
        taught.append(np.asarray(states[kept]))
    states = np.concatenate(taught)
    found = Standardiser.fit(lambda rows: states[rows, None, :], range(len(states)), width)
    found.save(folder)
    return found


def _gather(whole: _Files, path: Path, width: int) -> None:
    """Writes the rows of all files into one, in the order of the picks."""
    n = len(whole.reader.picks.unit)
    with replacing(path) as temporary:
        out = np.lib.format.open_memmap(temporary, "w+", np.float16, (n, width))
        for number, part in enumerate(whole.parts.paths):
            out[whole.picks(number)] = mapped_array(part)
        out.flush()


def _tell(reader: Reader, n_left: int, notify: Notify) -> None:
    """Says what the reading will take, by a trial on sentences of the corpus."""
    if n_left <= _PROBE:
        return
    start = process_time()
    reader.states(range(min(_PROBE, len(reader.reading.sentences))))
    seconds = (process_time() - start) / _PROBE * n_left
    notify(
        f"the teacher reads {n_left:,} sentences: {cpu_time(seconds)}; killed and started again "
        "it goes on"
    )


def cpu_time(seconds: float) -> str:
    """A forecast as people say it: "about 2.5 hours of CPU"."""
    if seconds < 90:
        return "under two minutes of CPU"
    if seconds < 5400:
        return f"about {seconds / 60:.0f} minutes of CPU"
    return f"about {seconds / 3600:.1f} hours of CPU"
