"""Writes a release folder: shards, provenance, leakage report, manifest; the card comes after."""

from __future__ import annotations

import importlib.metadata
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from languages.language import Language
from pipeline.engine.pool import Pool
from pipeline.engine.progress import Progress
from pipeline.panel.figures import PanelFigures
from pipeline.release.examples import joined_examples
from pipeline.release.inventory import read_inventory
from pipeline.release.leakage import leakage_report, require_no_leaks
from pipeline.release.manifest import (
    Counts,
    Coverage,
    JudgeAgreement,
    LinkFigures,
    ReleaseManifest,
    SourceInfo,
    SplitStatistics,
    StageSummary,
    TableFile,
)
from pipeline.release.previous import require_no_moves, since_previous
from pipeline.release.records import ExampleProvenance, GlossProvenance
from pipeline.release.settings import ReleaseSettings
from pipeline.release.shards import ShardWriter, TableSpec
from pipeline.release.statistics import SplitCounter
from pipeline.release.word_in_context import EnglishSentences, english_contexts
from pipeline.select.senses import NumberedSenses
from pipeline.split.pins import NO_PINS, SPLITS, Pins
from schemas.arrow import arrow_schema
from schemas.errors import InputError
from schemas.files import explained, replacing_folder
from schemas.records import (
    EnglishContext,
    Example,
    Gloss,
    InventorySense,
    Link,
    Rephrasing,
    Synset,
)
from schemas.tables import count_rows, read_batches, read_table

_SENSES = TableSpec("senses", "data/senses", "senses", InventorySense)
_GLOSSES = TableSpec("gloss_provenance", "provenance", "glosses", GlossProvenance)
_SOFTWARE = ("viconwsd", "openai", "pyarrow", "pydantic")


def write_release(
    *,
    folder: Path,
    synsets: Path,
    senses: Path,
    glosses: Path,
    links: Path,
    selected: Path,
    splits: Path,
    rephrasings: Path | None = None,
    settings: ReleaseSettings,
    language: Language,
    stages: Sequence[StageSummary],
    source: SourceInfo,
    recorded: bool,
    judged: tuple[int, int] | None = None,
    panel: PanelFigures | None = None,
    pins: Pins = NO_PINS,
    english: EnglishSentences | None = None,
    progress: Progress | None = None,
    pool: Pool | None = None,
) -> ReleaseManifest:
    """Writes the release and returns its manifest; what was in the folder is replaced.

    ``rephrasings`` is the table of the stage ``rephrase``; without rows it is left out.
    ``english`` has the sentences for the table ``word_in_context_en``, if there is to be one.
    ``judged`` says how many contexts a judge chose a sense for before any were dropped, and in
    how many of them it chose the intended one.
    ``pool`` does what can be cut up (None: this process).

    Raises InputError for a row that breaks a promise of the release and RunError for a leak; the
    folder is then as it was. Equal inputs and settings give equal bytes.
    """
    progress = progress or Progress()
    with replacing_folder(folder) as new, explained(folder):
        inventory = read_inventory(synsets, senses, glosses, links, language)
        progress.begin(0, "writing the examples")
        tables, statistics, n_contexts, own_contexts = _write_examples(
            new, selected, splits, inventory, language, settings, progress
        )
        columns = inventory.columns | {"n_contexts": pa.array(n_contexts, pa.int32())}
        schema = arrow_schema(InventorySense)
        senses_table = pa.record_batch([columns[name] for name in schema.names], schema)
        tables += _write_table(new, _SENSES, settings, [senses_table])
        tables += _write_table(new, _GLOSSES, settings, read_batches(glosses, GlossProvenance))
        if english is not None:
            progress.note = "looking for English sentences"
            tables += _write_english(new, tables, links, english, settings)
        if rephrasings is not None:
            tables += _write_rephrasings(new, rephrasings, settings)
        progress.note = "proving that nothing leaks"
        leakage = leakage_report(
            new, language, settings.near_duplicate_threshold, pool=pool, scratch=folder.parent
        )
        require_no_leaks(leakage)
        previous = since_previous(new, pins, language) if len(pins.contexts) else None
        if previous:
            require_no_moves(previous)
        manifest = ReleaseManifest(
            name=settings.name,
            version=settings.version,
            language=language.code,
            licence=settings.licence or source.licence,
            recorded=recorded,
            source=source,
            tables=tuple(tables),
            counts=Counts(
                synsets=count_rows(synsets, Synset),
                glosses=count_rows(glosses, Gloss),
                glosses_from_source=sum(
                    batch["provenance"].null_count
                    for batch in read_batches(glosses, GlossProvenance, ["provenance"])
                ),
                examples_from_source=own_contexts,
                **_counts(inventory, n_contexts),
            ),
            links=_links(links),
            coverage=_coverage(n_contexts, settings.contexts_per_sense),
            splits=tuple(statistics),
            judge=_judge(statistics, judged),
            panel=panel,
            stages=tuple(stages),
            leakage=leakage,
            previous=previous,
            software=_software(*_SOFTWARE, *language.segmentation.software),
        )
        manifest.write(new)
    return manifest


def _write_examples(
    root: Path,
    selected: Path,
    splits: Path,
    inventory: NumberedSenses,
    language: Language,
    settings: ReleaseSettings,
    progress: Progress,
) -> tuple[list[TableFile], list[SplitStatistics], np.ndarray, int]:
    """The shards of all splits and of their provenance; also the rows of each sense.

    Last the number of examples that are the source's own.
    """
    shards = [
        ShardWriter(root, TableSpec("examples", "data/examples", s.value, Example, s), settings)
        for s in SPLITS
    ]
    traces = ShardWriter(
        root,
        TableSpec("example_provenance", "provenance", "examples", ExampleProvenance),
        settings,
    )
    counters = [SplitCounter(split, inventory) for split in SPLITS]
    schema = arrow_schema(ExampleProvenance)
    n_own = 0
    with ExitStack() as stack:
        for writer in (*shards, traces):
            stack.enter_context(writer)
        for rows in joined_examples(selected, splits, inventory, language):
            traces.write(pa.record_batch([rows.examples["context_id"], rows.provenance], schema))
            n_own += rows.provenance.null_count
            for number, (shard, counter) in enumerate(zip(shards, counters, strict=True)):
                at = np.flatnonzero(rows.split == number)
                if len(at):
                    part = rows.examples.take(pa.array(at))
                    shard.write(part)
                    counter.add(part, rows.sense[at])
            progress.advance(len(rows.sense))
        tables = [file for shard in shards for file in shard.close()]
        tables += traces.close(even_if_empty=True)
    if not any(shard.n_rows for shard in shards):
        raise InputError(f"{splits}: no rows to release; see the rejects of the stages before")
    statistics = [
        counter.statistics(shard.content_hash)
        for counter, shard in zip(counters, shards, strict=True)
    ]
    n_contexts = np.sum([counter.of_sense for counter in counters], axis=0)
    return tables, statistics, n_contexts, n_own


def _write_table(
    root: Path, spec: TableSpec, settings: ReleaseSettings, batches: Iterable[pa.RecordBatch]
) -> tuple[TableFile, ...]:
    with ShardWriter(root, spec, settings) as writer:
        for batch in batches:
            writer.write(batch)
        return writer.close(even_if_empty=True)


def _write_english(
    root: Path,
    tables: Sequence[TableFile],
    links: Path,
    english: EnglishSentences,
    settings: ReleaseSettings,
) -> list[TableFile]:
    """A file of pairs for each split that has some."""
    known = {link.synset_id: link for link in read_table(links, Link)}
    least = settings.word_in_context_en or 0.0
    written: list[TableFile] = []
    for split in SPLITS:
        files = [f for f in tables if f.table == "examples" and f.split is split]
        examples = (row for file in files for row in read_table(root / file.path, Example))
        spec = TableSpec(
            "word_in_context_en", "data/word_in_context_en", split.value, EnglishContext, split
        )
        with ShardWriter(root, spec, settings) as writer:
            found = english_contexts(examples, known, english, least)
            rows = [row.model_dump(mode="json") for row in found]
            if rows:
                writer.write(pa.RecordBatch.from_pylist(rows, arrow_schema(EnglishContext)))
            written += writer.close()
    return written


def _write_rephrasings(root: Path, rephrasings: Path, settings: ReleaseSettings) -> list[TableFile]:
    """A file of rephrased sentences for each split that has some."""
    written: list[TableFile] = []
    for split in SPLITS:
        spec = TableSpec("rephrasings", "data/rephrasings", split.value, Rephrasing, split)
        with ShardWriter(root, spec, settings) as writer:
            for batch in read_batches(rephrasings, Rephrasing):
                own = batch.filter(pc.equal(batch["split"], split.value))
                if own.num_rows:
                    writer.write(own)
            written += writer.close()
    return written


def _links(links: Path) -> LinkFigures:
    confidence = [row.link_confidence for row in read_table(links, Link)]
    return LinkFigures(
        synsets=len(confidence),
        stated=confidence.count(1.0),
        expected_right=round(math.fsum(confidence), 1),
    )


def _counts(inventory: NumberedSenses, n_contexts: np.ndarray) -> dict[str, int]:
    here = np.flatnonzero(n_contexts)
    same_pos = inventory.columns["n_siblings_same_pos"].to_numpy() > 0
    return {
        "senses": len(inventory),
        "lemmas": len(inventory.lemma_keys),
        "examples": int(n_contexts.sum()),
        "senses_with_examples": len(here),
        "lemmas_with_examples": len(np.unique(inventory.lemma[here])),
        "same_pos_lemmas": len(np.unique(inventory.lemma[same_pos])),
    }


def _coverage(n_contexts: np.ndarray, wanted: int) -> Coverage:
    by_contexts = Counter(n_contexts.tolist())
    return Coverage(
        wanted=wanted,
        senses_by_contexts={n: by_contexts[n] for n in sorted({0, *by_contexts})},
        senses_short=int((n_contexts < wanted).sum()),
        senses_without=by_contexts[0],
    )


def _judge(statistics: list[SplitStatistics], judged: tuple[int, int] | None) -> JudgeAgreement:
    of_all, agreed = judged or (None, None)
    return JudgeAgreement(
        agree=sum(part.by_judged["agree"] for part in statistics),
        disagree=sum(part.by_judged["disagree"] for part in statistics),
        unjudged=sum(part.by_judged["unjudged"] for part in statistics),
        judged_before_selection=of_all,
        agreed_before_selection=agreed,
    )


def _software(*packages: str) -> dict[str, str]:
    versions = {}
    for name in packages:
        with suppress(importlib.metadata.PackageNotFoundError):
            versions[name] = importlib.metadata.version(name)
    return versions
