"""The senses that are to get contexts, and how far each has come."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from pathlib import Path

import numpy as np
import pyarrow as pa

from languages.language import Language
from pipeline.checks.cues import Cues
from pipeline.checks.duplicates import Accepted
from pipeline.engine.shards import shard_of
from pipeline.engine.stage import Upstream
from pipeline.stages.settings import ContextSettings
from pipeline.stages.synset_index import SynsetIndex
from schemas.arrow import arrow_schema
from schemas.records import Context, Gloss, Reject, Sense
from schemas.tables import read_batches, read_table
from schemas.text import units


@dataclass(slots=True)
class Wanted:
    """One sense on its way to its number of contexts."""

    sense_id: str
    synset_id: str
    lemma: str
    n: int
    """How many sentences are wanted."""
    accepted: dict[int, Context] = field(default_factory=dict)
    """By the number of the sentence."""
    rejects: list[Reject] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    overused: tuple[str, ...] = ()
    """Words that no further sentence may have."""
    seen: Accepted | None = None
    cues: Cues | None = None
    given_up: bool = False
    before: tuple[Context, ...] = ()
    """The sentences of earlier passes; what is accepted now comes on top."""

    def lacking(self, numbers: Iterable[int]) -> tuple[int, ...]:
        """Those of the numbers that have no sentence yet."""
        return tuple(number for number in numbers if number not in self.accepted)

    def rows(self) -> list[Context]:
        """As many accepted sentences as are wanted, those of the lowest numbers."""
        return [row for _, row in sorted(self.accepted.items())][: self.n]

    @property
    def sentences(self) -> tuple[str, ...]:
        """The sentences accepted so far, those of earlier passes first, by their numbers."""
        accepted = (row for _, row in sorted(self.accepted.items()))
        return tuple(row.sentence for row in (*self.before, *accepted))

    @property
    def own(self) -> tuple[str, ...]:
        """Those that are the source's own."""
        kept = sorted(self.accepted.items())
        return tuple(row.sentence for _, row in kept if row.provenance is None)


_COLUMNS = ["sense_id", "synset_id", "lemma"]


class Senses:
    """The senses that have a gloss, in units that share a first request."""

    def __init__(
        self, inputs: Mapping[str, Upstream], settings: ContextSettings, language: Language
    ) -> None:
        self.inventory = SynsetIndex(inputs["synsets"].table("synsets"), language)
        self.glosses = glosses_by_synset(inputs["glosses"].table("glosses"))
        self._path = inputs["synsets"].table("senses")
        self._settings = settings
        self._language = language

    def __len__(self) -> int:
        return sum(len(unit) for unit in self.units())

    def units(self) -> Iterator[list[Wanted]]:
        """Senses of one synset, as many together as the settings allow, in the order of ids."""
        rows = ((row.sense_id, row.synset_id, row.lemma) for row in read_table(self._path, Sense))
        for _, group in groupby(rows, key=lambda row: row[1]):
            yield from self._units(group)

    def shard(self, number: int) -> Iterator[tuple[int, list[Wanted]]]:
        """The units of a shard, in the same order, each with a position among those of all."""
        table, shards = self._cut
        rows = np.flatnonzero(shards == number)
        taken = table.take(rows).to_pydict()
        senses = zip(rows.tolist(), *(taken[name] for name in _COLUMNS), strict=True)
        for _, group in groupby(senses, key=lambda row: row[2]):
            of_synset = list(group)
            for place, unit in enumerate(self._units(row[1:] for row in of_synset)):
                yield of_synset[place][0], unit

    @cached_property
    def _cut(self) -> tuple[pa.Table, np.ndarray]:
        """All senses, and the shard of each: that of its synset."""
        batches = read_batches(self._path, Sense, _COLUMNS)
        schema = pa.schema([arrow_schema(Sense).field(name) for name in _COLUMNS])
        table = pa.Table.from_batches(batches, schema).combine_chunks()
        synsets = table["synset_id"].combine_chunks().dictionary_encode()
        shards = np.array([shard_of(each) for each in synsets.dictionary.to_pylist()], np.int16)
        return table, shards[synsets.indices.to_numpy()] if len(shards) else shards

    def _units(self, senses: Iterable[tuple[str, str, str]]) -> Iterator[list[Wanted]]:
        """Of a synset's senses (sense id, synset id, lemma) those that get contexts."""
        size = self._settings.lemmas_per_request
        known = ((each, synset, lemma) for each, synset, lemma in senses if synset in self.glosses)
        counted = [(*sense, self._number(*sense[1:])) for sense in known]
        wanted = [Wanted(*sense) for sense in counted if sense[3]]
        for start in range(0, len(wanted), size):
            yield wanted[start : start + size]

    def _number(self, synset_id: str, lemma: str) -> int:
        own = self.glosses[synset_id]
        others = (self.glosses.get(s) for s in self.inventory.siblings(synset_id, lemma))
        ambiguous = any(other is not None and other != own for other in others)
        return wanted_of(lemma, self._settings, self._language, ambiguous=ambiguous)

    def other_glosses(self, wanted: Wanted) -> tuple[str, ...]:
        """The glosses of the lemma's other senses, as many as a prompt shows."""
        others = self.inventory.siblings(wanted.synset_id, wanted.lemma)
        known = (self.glosses[other] for other in others if other in self.glosses)
        return tuple(known)[: self._settings.max_siblings]


def wanted_of(lemma: str, settings: ContextSettings, language: Language, *, ambiguous: bool) -> int:
    """How many contexts a sense of a lemma gets; of several kinds the fewest count."""
    if not ambiguous and settings.which == "ambiguous":
        return 0
    kinds = settings.per_kind
    limits = {
        "monosemous": kinds.monosemous if not ambiguous else None,
        "name": kinds.name if is_name(lemma) else None,
        "phrase": kinds.phrase if describes(lemma, language) else None,
    }
    stated = [limit for limit in limits.values() if limit is not None]
    return min(stated, default=settings.per_sense)


def savings(senses: Path, settings: ContextSettings, language: Language) -> Iterator[str]:
    """How many senses of each kind there are, and the setting that asks for fewer of them."""
    found: Counter[str] = Counter()
    n_senses = 0
    for row in read_table(senses, Sense):
        n_senses += 1
        found["monosemous"] += not row.n_siblings
        found["name"] += is_name(row.lemma)
        found["phrase"] += describes(row.lemma, language)
    told = {"monosemous": "have no sibling", "name": "are names", "phrase": "describe themselves"}
    for kind, what in told.items():
        whole = settings.which == "ambiguous" and kind == "monosemous"
        if found[kind] and not whole and getattr(settings.per_kind, kind) is None:
            others = ' (or which = "ambiguous")' if kind == "monosemous" else ""
            yield (
                f"{found[kind]:,} of {n_senses:,} senses {what}: per_kind.{kind} = 0{others} "
                f"asks {found[kind] * -(-settings.per_sense // settings.per_request):,} "
                "requests less"
            )


def is_name(lemma: str) -> bool:
    """Whether all words of a lemma have capitals."""
    return all(unit[:1].isupper() for unit in units(lemma))


def describes(lemma: str, language: Language) -> bool:
    """Whether a lemma describes its meaning: "tính không đáng chú ý"."""
    return any(
        re.fullmatch(pattern, lemma, re.IGNORECASE) for pattern in language.wording.descriptive
    )


def glosses_by_synset(table: Path) -> dict[str, str]:
    """The gloss of every synset that has one."""
    return {row.synset_id: row.gloss for row in read_table(table, Gloss)}
