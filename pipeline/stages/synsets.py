"""Stage ``synsets``: a source becomes the tables of synsets and senses."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path

import orjson
from pydantic import TypeAdapter, ValidationError

from pipeline.checks.finding import message
from pipeline.engine.fingerprint import digest_of_files
from pipeline.engine.stage import Counts, Stage, StageWork
from pipeline.sources.archives import ordinary
from pipeline.sources.build import build_synsets
from pipeline.sources.figures import figures_after, senses_by_polysemy
from pipeline.sources.interface import SourceDescription
from pipeline.sources.rules import LEMMA_RULES
from pipeline.sources.settings import NoiseSettings
from pipeline.sources.siblings import senses_of
from pipeline.stages.definition import RunParts, StageDefinition
from pipeline.stages.rejecting import phrased
from pipeline.stages.sample import sample_synsets
from schemas.errors import StorageError
from schemas.files import explained, write_text
from schemas.records import Sense, Synset
from schemas.tables import count_rows, read_table, write_table

NAME = "synsets"
VERSION = 2  # the figures of the source stand in the details of the manifest
DESCRIPTION = "source.json"
_DESCRIPTION = TypeAdapter(SourceDescription)
_BEFORE, _AFTER = "before_", "after_"
_CODES = phrased({code.value: message(rule) for code, rule in LEMMA_RULES.items()}) | {
    "no_lemma_left": "no usable lemma was left in the synset",
    "indistinct_synset": "another synset has the same lemmas and nothing tells the two apart",
}


def synsets_stage(parts: RunParts) -> Stage:
    """The stage bound to the source of a run."""
    source, rules = parts.source, parts.section(NoiseSettings)

    def result_settings() -> Mapping[str, object]:
        stated = source.model_dump(mode="json", exclude={"path", "wordnet"})
        wordnet = digest_of_files(ordinary(source.wordnet)) if source.wordnet else ""
        return {
            **stated,
            "language": parts.language.code,
            "content": digest_of_files(ordinary(source.path)),
            "wordnet": wordnet,
            "rules": rules.model_dump(mode="json")
            | {"max_length": rules.length_limit(parts.language)},
            "limit": parts.limit,
        }

    async def run(work: StageWork) -> Counts:
        return await asyncio.to_thread(_build, parts, rules, work)

    return Stage(
        name=NAME,
        version=VERSION,
        inputs=(),
        tables={"synsets": Synset, "senses": Sense},
        files=(DESCRIPTION,),
        settings=result_settings,
        run=run,
        codes=_CODES,
        show_details=_before_and_after,
    )


DEFINITION = StageDefinition(NAME, NoiseSettings, synsets_stage)


def _build(parts: RunParts, rules: NoiseSettings, work: StageWork) -> Counts:
    synsets, senses = work.table("synsets"), work.table("senses")
    figures = build_synsets(
        parts.source,
        rules,
        parts.language,
        synsets_path=synsets,
        senses_path=senses,
        on_reject=work.reject,
    )
    if parts.limit is not None:
        rows = list(read_table(synsets, Synset))
        chosen = sample_synsets(rows, parts.limit, parts.language)
        kept = [row for row in rows if row.synset_id in chosen]
        kept_senses = senses_of(kept, parts.language)
        write_table(synsets, Synset, kept)
        write_table(senses, Sense, kept_senses)
        figures = replace(
            figures,
            after=figures_after(kept, parts.language),
            senses=senses_by_polysemy(kept_senses),
        )
    description = orjson.dumps(asdict(figures.description), option=orjson.OPT_INDENT_2)
    write_text(work.output / DESCRIPTION, description.decode() + "\n")
    for when, counts in ((_BEFORE, figures.before), (_AFTER, figures.after)):
        work.details.update({f"{when}{name}": n for name, n in asdict(counts).items()})
    return {
        "synsets": count_rows(synsets, Synset),
        "senses": count_rows(senses, Sense),
        **{f"senses_{kind.value}": n for kind, n in figures.senses.items()},
    }


def _before_and_after(details: Counts) -> list[str]:
    """The source in numbers, before and after the noise rules, a line each."""
    lines = [f"{'in the source, before and after the noise rules':<48} {'before':>8} {'after':>8}"]
    for key, before in details.items():
        after = details.get(key.replace(_BEFORE, _AFTER, 1), 0)
        if key.startswith(_BEFORE) and (before or after):
            name = key.removeprefix(_BEFORE).replace("_", " ")
            lines.append(f"  {name:<46} {before:>8,} {after:>8,}")
    return lines


def read_description(folder: Path) -> SourceDescription:
    """What the stage noted about its source; StorageError if that is damaged."""
    path = folder / DESCRIPTION
    try:
        with explained(path):
            return _DESCRIPTION.validate_json(path.read_bytes())
    except ValidationError as error:
        raise StorageError(f"{path}: damaged; delete it and run again") from error
