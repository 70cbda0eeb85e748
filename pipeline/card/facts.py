"""What the card says, gathered from the release folder alone: manifest, tables, audit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from audits.figures import AuditReport, ReleaseAudits
from languages.card import CardFigures
from languages.find import find_language
from languages.language import Language
from pipeline.card.audit import read_audits
from pipeline.release.manifest import ReleaseManifest, TableFile
from pipeline.variety.held import Held, held
from pipeline.variety.measures import Variety, sampled, variety
from pipeline.variety.sentences import Sentences, of_tables
from schemas.markdown import escaped
from schemas.records import Example, InventorySense, Split
from schemas.tables import opened_parquet, read_batches, read_table

MAIN_CONFIG = "examples"
WHOLE = "full"
"""The split name of the tables that are not split into parts."""
ROWS_SEARCHED = 10_000
"""Rows that are looked at for what is told of sentences."""
PER_SENSE = 3
"""Sentences of a sense in the sample whose variety is measured."""


@dataclass(frozen=True, slots=True)
class PartFacts:
    """One split of a config as ``datasets`` loads it."""

    name: str
    files: tuple[TableFile, ...]
    rows: int
    arrow_bytes: int
    """Size of the rows in memory."""

    @property
    def file_bytes(self) -> int:
        """Size of the Parquet files."""
        return sum(file.bytes for file in self.files)


@dataclass(frozen=True, slots=True)
class ConfigFacts:
    """One config as ``datasets`` loads it."""

    name: str
    schema: pa.Schema
    parts: tuple[PartFacts, ...]

    @property
    def rows(self) -> int:
        """Rows of all parts."""
        return sum(part.rows for part in self.parts)


@dataclass(frozen=True, slots=True)
class CardFacts:
    """Everything the card is written from."""

    manifest: ReleaseManifest
    configs: tuple[ConfigFacts, ...]
    example: Example | None
    lemmas_by_senses: dict[int, int]
    """Number of senses -> number of lemmas of the inventory with so many; ascending."""
    audits: ReleaseAudits | None
    variety: Variety
    """Of three sentences of each sense that has them, in the first rows of the training part."""
    held: dict[str, Held]
    """How far those rows are as their slots asked."""
    language: Language

    @property
    def audit(self) -> AuditReport | None:
        """The audit whose figures stand for the release; None where none is of it."""
        shown = self.audits.shown if self.audits else None
        return shown.report if shown else None

    @property
    def rejects(self) -> dict[str, int]:
        """Dropped items by code, over all stages, the most frequent first."""
        total: Counter[str] = Counter()
        for stage in self.manifest.stages:
            total.update(stage.rejects)
        return dict(sorted(total.items(), key=lambda item: (-item[1], item[0])))

    @property
    def models(self) -> tuple[str, ...]:
        """Every model that was asked, in the order of the stages."""
        return tuple(dict.fromkeys(m for stage in self.manifest.stages for m in stage.models))

    @property
    def figures(self) -> CardFigures:
        """What the summary in the data's language tells, as Markdown."""
        manifest, counts = self.manifest, self.manifest.counts
        return CardFigures(
            name=escaped(manifest.name),
            examples=counts.examples,
            senses=counts.senses,
            lemmas=counts.lemmas,
            same_pos_lemmas=counts.same_pos_lemmas,
            source=escaped(manifest.source.name),
            licence=escaped(manifest.licence),
            recorded=manifest.recorded,
            audited=self.audit is not None,
            clean=manifest.leakage.clean,
        )


def gather(folder: Path) -> CardFacts:
    """Reads a release folder, one batch of rows in memory at a time."""
    manifest = ReleaseManifest.read(folder)
    language = find_language(manifest.language)
    sentences = first_sentences(folder, manifest)
    return CardFacts(
        manifest=manifest,
        configs=tuple(_configs(folder, manifest)),
        example=_telling_example(folder, manifest),
        lemmas_by_senses=_lemmas_by_senses(folder, manifest),
        audits=read_audits(folder),
        variety=variety(sampled(sentences.by_sense, PER_SENSE, language), language),
        held=held(sentences.slots, language),
        language=language,
    )


def first_sentences(folder: Path, manifest: ReleaseManifest) -> Sentences:
    """The first rows of the training part, as many as the card looks at."""
    files = manifest.files_of(MAIN_CONFIG, Split.TRAIN)
    return of_tables([folder / file.path for file in files], Example, ROWS_SEARCHED)


def _configs(folder: Path, manifest: ReleaseManifest) -> Iterator[ConfigFacts]:
    names = dict.fromkeys(file.table for file in manifest.tables)
    for name in sorted(names, key=lambda name: (name != MAIN_CONFIG, name != "senses")):
        files = manifest.files_of(name)
        parts: dict[str, list[TableFile]] = {}
        for file in files:
            parts.setdefault(file.split.value if file.split else WHOLE, []).append(file)
        order = {split.value: place for place, split in enumerate(Split)}
        yield ConfigFacts(
            name=name,
            schema=_schema(folder / files[0].path),
            parts=tuple(
                _part(folder, part, tuple(parts[part]))
                for part in sorted(parts, key=lambda part: order.get(part, 0))
            ),
        )


def _part(folder: Path, name: str, files: tuple[TableFile, ...]) -> PartFacts:
    size = sum(_arrow_bytes(folder / file.path) for file in files)
    return PartFacts(name, files, sum(file.rows for file in files), size)


def _schema(path: Path) -> pa.Schema:
    with opened_parquet(path) as file:
        return file.schema_arrow


def _arrow_bytes(path: Path) -> int:
    with opened_parquet(path) as file:
        return sum(batch.nbytes for batch in file.iter_batches(1 << 14, use_threads=False))


def _telling_example(folder: Path, manifest: ReleaseManifest) -> Example | None:
    """The first training row of an ambiguous lemma, if any with one that the judge agreed with.

    Only so many rows are looked at, so that the card costs the same at every size; where none
    fits, the first row serves.
    """
    files = [*manifest.files_of(MAIN_CONFIG, Split.TRAIN), *manifest.files_of(MAIN_CONFIG)]
    first: Example | None = None
    ambiguous: Example | None = None
    for file in [file for file in files if file.rows][:1]:
        for row in islice(read_table(folder / file.path, Example), ROWS_SEARCHED):
            first = first or row
            if row.n_candidates_same_pos > 1:
                if row.judged == "agree":
                    return row
                ambiguous = ambiguous or (row if row.judged == "unjudged" else None)
    return ambiguous or first


def _lemmas_by_senses(folder: Path, manifest: ReleaseManifest) -> dict[int, int]:
    """A lemma with n senses stands in n rows of the inventory, each with n - 1 siblings."""
    rows: Counter[int] = Counter()
    for file in manifest.files_of("senses"):
        for batch in read_batches(folder / file.path, InventorySense, ["n_siblings"]):
            for entry in pc.value_counts(batch.column(0)):
                rows[entry["values"].as_py() + 1] += entry["counts"].as_py()
    return {n: round(rows[n] / n) for n in sorted(rows)}
