"""What there is to judge: the contexts of every lemma, with the senses that it may have."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from languages.language import Language
from pipeline.engine.shards import shard_of
from pipeline.engine.stage import Upstream
from pipeline.panel.records import CastVote
from pipeline.stages.synset_index import SynsetIndex
from schemas.arrow import arrow_schema
from schemas.files import explained, replacing
from schemas.ids import sense_id, synset_of
from schemas.records import Context, Gloss
from schemas.tables import read_batches, read_table

_HELD = 65_536
"""Contexts whose sentences are in memory; for each so many the table is read once more."""
_COLUMNS = ["context_id", "sense_id", "sentence", "target_start", "target_end"]


@dataclass(frozen=True, slots=True)
class Option:
    """A sense that a context may use, as the judges see it."""

    sense_id: str
    gloss: str


@dataclass(slots=True)
class Judged:
    """A context on its way to a verdict."""

    row: int
    """Its place in the table of contexts."""
    context_id: str
    sense_id: str
    sentence: str
    marked: str
    """The sentence with its target in double brackets."""
    votes: list[CastVote] = field(default_factory=list)
    by_all: bool = False
    """Whether every judge is asked, whatever the others say."""


@dataclass(frozen=True, slots=True)
class Docket:
    """The contexts of one lemma, of all its senses alike."""

    lemma: str
    contexts: tuple[Judged, ...]
    candidates: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """The contexts of some lemmas."""

    rows: list[int]
    """Their places in the table of contexts, ascending."""
    ids: list[tuple[str, str]]
    """The id and the sense of each."""
    dockets: Iterator[tuple[int, Docket]]
    """The lemmas that are judged, by their numbers in the order of their first contexts."""


class Bench:
    """All contexts by lemma; the sentences of some lemmas at a time are in memory."""

    def __init__(
        self,
        inputs: Mapping[str, Upstream],
        contexts: Path,
        language: Language,
        *,
        monosemous: bool = True,
        voted: Sequence[Path] = (),
        record: type[Context] = Context,
        copy: Path | None = None,
    ) -> None:
        """``inputs`` have the synsets and the glosses, and ``contexts`` is a table of ``record``.

        ``voted`` are tables of votes on contexts that need not be judged again; ``monosemous``
        says whether lemmas of one sense are judged too. ``copy`` is what :func:`copy_contexts`
        wrote: sentences are taken from there.
        """
        self._copy = copy
        self._voted = voted
        self._inventory = SynsetIndex(inputs["synsets"].table("synsets"), language)
        glosses = list(read_table(inputs["glosses"].table("glosses"), Gloss))
        self._glosses = {row.synset_id: row.gloss for row in glosses}
        self._cluster_of = {row.synset_id: row.cluster for row in glosses if row.cluster}
        self._monosemous = monosemous
        self._contexts, self._record = contexts, record
        self._lemmas: list[str] = []
        """By number, as the first of their senses spells them."""
        self._shards: list[int] = []
        """By number, of their match keys."""
        self._lemma_of = np.concatenate([np.zeros(0, np.int32), *self._numbered(language)])
        self._open = np.setdiff1d(np.arange(len(self)), [row for row, _ in self.voted()])

    def __len__(self) -> int:
        return len(self._lemma_of)

    def _numbered(self, language: Language) -> Iterator[np.ndarray]:
        """The lemmas of the contexts by number, batch by batch."""
        numbers: dict[str, int] = {}
        for batch in read_batches(self._contexts, self._record, ["sense_id"]):
            senses = batch["sense_id"].dictionary_encode()
            of_sense = []
            for sense in senses.dictionary.to_pylist():
                lemma = self._lemma(sense)
                number = numbers.setdefault(language.match_key(lemma), len(numbers))
                of_sense.append(number)
                if number == len(self._lemmas):
                    self._lemmas.append(lemma)
                    self._shards.append(shard_of(language.match_key(lemma)))
            yield np.array(of_sense, dtype=np.int32)[senses.indices.to_numpy()]

    def ids(self) -> Iterator[tuple[str, str]]:
        """The id and the sense of every context, in the order of the table."""
        for batch in read_batches(self._contexts, self._record, ["context_id", "sense_id"]):
            yield from zip(batch[0].to_pylist(), batch[1].to_pylist(), strict=True)

    def ids_of(self, rows: Iterable[int]) -> Iterator[str]:
        """The ids of the contexts in these rows of the table."""
        if wanted := frozenset(rows):
            yield from (name for row, (name, _) in enumerate(self.ids()) if row in wanted)

    def voted(self) -> Iterator[tuple[int, list[CastVote]]]:
        """The rows of the table that have votes already, and these."""
        if not self._voted:
            return
        rows = {context: row for row, (context, _) in enumerate(self.ids())}
        for path in self._voted:
            for context, cast in groupby(read_table(path, CastVote), lambda vote: vote.context_id):
                if context in rows:
                    yield rows[context], list(cast)

    def meaning(self, sense: str) -> str:
        """What a vote for a sense is a vote for: its synset, or those nothing tells from it."""
        synset = synset_of(sense)
        return self._cluster_of.get(synset, synset)

    def gloss(self, synset: str) -> str:
        """The gloss of a synset that has one."""
        return self._glosses[synset]

    def dockets(self) -> Iterator[Docket]:
        """The lemmas that are judged, in the order of their first contexts."""
        lemma_of = self._lemma_of[self._open]
        order = self._open[np.argsort(lemma_of, kind="stable")]
        ends = np.cumsum(np.bincount(lemma_of, minlength=len(self._lemmas)))
        number = 0
        while number < len(ends):
            start = int(ends[number - 1]) if number else 0
            last = max(number + 1, int(np.searchsorted(ends, start + _HELD, side="right")))
            rows = np.sort(order[start : ends[last - 1]])
            held = self._read(rows)
            for each in range(number, last):
                of_lemma = order[ends[each - 1] if each else 0 : ends[each]]
                candidates = self.candidates(self._lemmas[each])
                if len(of_lemma) and (len(candidates) > 1 or self._monosemous):
                    taken = held.take(np.searchsorted(rows, of_lemma))
                    contexts = tuple(map(_judged, of_lemma.tolist(), taken.to_pylist()))
                    yield Docket(self._lemmas[each], contexts, candidates)
            number = last

    def part(self, shard: int) -> Part:
        """The contexts of the lemmas of a shard."""
        lemmas = np.flatnonzero(np.array(self._shards, np.int16) == shard)
        rows = np.flatnonzero(np.isin(self._lemma_of, lemmas))
        held, lemma_of = self._read(rows), self._lemma_of[rows]
        ids = zip(held["context_id"].to_pylist(), held["sense_id"].to_pylist(), strict=True)
        return Part(rows.tolist(), list(ids), self._dockets_of(lemmas, lemma_of, rows, held))

    def _dockets_of(
        self, lemmas: np.ndarray, lemma_of: np.ndarray, rows: np.ndarray, held: pa.Table
    ) -> Iterator[tuple[int, Docket]]:
        order = np.argsort(lemma_of, kind="stable")
        starts = np.searchsorted(lemma_of[order], lemmas)
        ends = np.searchsorted(lemma_of[order], lemmas, side="right")
        for number, start, end in zip(lemmas.tolist(), starts, ends, strict=True):
            candidates = self.candidates(self._lemmas[number])
            if start < end and (len(candidates) > 1 or self._monosemous):
                at = order[start:end]
                contexts = tuple(map(_judged, rows[at].tolist(), held.take(at).to_pylist()))
                yield number, Docket(self._lemmas[number], contexts, candidates)

    def _batches(self) -> Iterator[pa.RecordBatch]:
        """The columns that judges need of all contexts."""
        if self._copy is None:
            yield from read_batches(self._contexts, self._record, _COLUMNS)
            return
        with explained(self._copy), pa.memory_map(str(self._copy)) as source:
            copied = pa.ipc.open_file(source)
            for number in range(copied.num_record_batches):
                yield copied.get_batch(number)

    def _read(self, rows: np.ndarray) -> pa.Table:
        """These rows of the table of contexts, ascending."""
        schema = pa.schema([arrow_schema(Context).field(name) for name in _COLUMNS])
        found, first = [], 0
        for batch in self._batches():
            start, end = np.searchsorted(rows, (first, first + batch.num_rows))
            if start < end:
                found.append(batch.take(pa.array(rows[start:end] - first)))
            first += batch.num_rows
        return pa.Table.from_batches(found, schema).combine_chunks()

    def candidates(self, lemma: str) -> tuple[Option, ...]:
        """The senses of a lemma that have a gloss, in the order of their ids.

        Of those that nothing tells apart, which have one gloss, the first stands for all.
        """
        options: dict[str, Option] = {}
        for synset, sense in self._inventory.senses_of_lemma(lemma):
            if synset in self._glosses:
                options.setdefault(self.meaning(sense), Option(sense, self._glosses[synset]))
        return tuple(options.values())

    def _lemma(self, sense: str) -> str:
        synset = synset_of(sense)
        lemmas = self._inventory.synsets[synset].lemmas
        return next(lemma for lemma in lemmas if sense_id(synset, lemma) == sense)


def copy_contexts(contexts: Path, copy: Path) -> None:
    """Writes what judges need of a table of contexts so that any row of it is at hand."""
    schema = pa.schema([arrow_schema(Context).field(name) for name in _COLUMNS])
    with (
        explained(copy),
        replacing(copy) as temporary,
        pa.OSFile(str(temporary), "wb") as sink,
        pa.ipc.new_file(sink, schema) as writer,
    ):
        for batch in read_batches(contexts, Context, _COLUMNS):
            writer.write_batch(batch)


def in_requests(contexts: Sequence[Judged], most: int) -> Iterator[list[Judged]]:
    """The contexts in requests of at most ``most``, about equal in size.

    Their order depends on their ids alone, so that senses are mixed and none tells another.
    """
    ordered = sorted(contexts, key=lambda judged: digest(judged.context_id))
    n_requests = -(-len(ordered) // most)
    for number in range(n_requests):
        start, end = (len(ordered) * at // n_requests for at in (number, number + 1))
        yield ordered[start:end]


def shuffled(candidates: Sequence[Option], seed: str) -> tuple[Option, ...]:
    """The candidates in an order that depends on ``seed`` and on nothing else."""
    return tuple(sorted(candidates, key=lambda each: digest(f"{seed}\0{each.sense_id}")))


def digest(text: str) -> bytes:
    """SHA-256."""
    return hashlib.sha256(text.encode()).digest()


def _judged(row: int, values: dict[str, Any]) -> Judged:
    sentence, start, end = (values[name] for name in ("sentence", "target_start", "target_end"))
    return Judged(
        row=row,
        context_id=values["context_id"],
        sense_id=values["sense_id"],
        sentence=sentence,
        marked=_marked(sentence, start, end),
    )


def _marked(sentence: str, start: int, end: int) -> str:
    return f"{sentence[:start]}[[{sentence[start:end]}]]{sentence[end:]}"
