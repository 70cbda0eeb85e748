"""Stage ``synsets``: a source becomes the tables of synsets and senses."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path

import orjson

from languages.language import Language
from pipeline.engine.fingerprint import digest_of_files
from pipeline.engine.stage import Counts, Stage, Work
from pipeline.sources.build import build_synsets
from pipeline.sources.figures import figures_after, senses_by_polysemy
from pipeline.sources.interface import SourceDescription
from pipeline.sources.settings import NoiseSettings, SourceSettings
from pipeline.sources.siblings import senses_of
from pipeline.stages.sample import sample_synsets
from schemas.files import explained, write_text
from schemas.records import Sense, Synset
from schemas.tables import count_rows, read_table, write_table

NAME = "synsets"
VERSION = 1
DESCRIPTION = "source.json"


def stage(
    source: SourceSettings, rules: NoiseSettings, language: Language, limit: int | None
) -> Stage:
    """The stage bound to a source whose path is already resolved."""

    def result_settings() -> Mapping[str, object]:
        stated = source.model_dump(mode="json", exclude={"path", "wordnet"})
        wordnet = digest_of_files(source.wordnet) if source.wordnet else ""
        return {
            **stated,
            "language": language.code,
            "content": digest_of_files(source.path),
            "wordnet": wordnet,
            "rules": rules.model_dump(mode="json"),
            "limit": limit,
        }

    async def run(work: Work) -> Counts:
        return await asyncio.to_thread(_build, source, rules, language, limit, work)

    return Stage(
        name=NAME,
        version=VERSION,
        inputs=(),
        tables={"synsets": Synset, "senses": Sense},
        settings=result_settings,
        run=run,
    )


def _build(
    source: SourceSettings,
    rules: NoiseSettings,
    language: Language,
    limit: int | None,
    work: Work,
) -> Counts:
    synsets, senses = work.table("synsets"), work.table("senses")
    figures = build_synsets(
        source, rules, language, synsets_path=synsets, senses_path=senses, on_reject=work.reject
    )
    if limit is not None:
        rows = list(read_table(synsets, Synset))
        chosen = sample_synsets(rows, limit)
        kept = [row for row in rows if row.synset_id in chosen]
        kept_senses = senses_of(kept)
        write_table(synsets, Synset, kept)
        write_table(senses, Sense, kept_senses)
        figures = replace(
            figures, after=figures_after(kept), senses=senses_by_polysemy(kept_senses)
        )
    description = orjson.dumps(asdict(figures.description), option=orjson.OPT_INDENT_2)
    write_text(work.output / DESCRIPTION, description.decode() + "\n")
    return {
        "synsets": count_rows(synsets, Synset),
        "senses": count_rows(senses, Sense),
        **figures.as_counts(),
    }


def read_description(folder: Path) -> SourceDescription:
    """What the stage noted about its source."""
    with explained(folder / DESCRIPTION):
        return SourceDescription(**orjson.loads((folder / DESCRIPTION).read_bytes()))
