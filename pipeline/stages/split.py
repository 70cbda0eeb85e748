"""Stage ``split``: every selected context gets its part."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

from pipeline.engine.stage import Counts, Stage, StageWork
from pipeline.split.pins import NO_PINS, Pins, read_pins
from pipeline.split.records import Assignment
from pipeline.split.settings import SplitSettings
from pipeline.split.split import APART, PART_OFF, STRADDLES, UNSUPPORTED, split_contexts
from pipeline.stages.definition import RunParts, StageDefinition

NAME = "split"
VERSION = 1
PUBLISHED = Path("publish") / "splits.parquet"
"""In the run folder: the parts of the rows that it published last."""
_CODES = {
    STRADDLES: "a sentence that nearly equals it stands in a part that must not resemble its own",
    PART_OFF: "it can only go into an unseen part, whose share is 0",
    APART: "its lemma and its synset stand in parts of the earlier release that share neither",
    UNSUPPORTED: "training has no row any more that its part in the earlier release rests on",
}


def earlier_parts(parts: RunParts) -> Pins:
    """The parts of rows that stay: of ``[split] previous``, else of what was published last."""
    previous = parts.section(SplitSettings).previous
    if previous is None:
        published = parts.folder / PUBLISHED
        return read_pins(published, parts.language) if published.exists() else NO_PINS
    return read_pins(parts.folder / previous, parts.language) if previous else NO_PINS


def split_stage(parts: RunParts) -> Stage:
    """The stage bound to its settings."""
    settings = parts.section(SplitSettings)

    def result_settings() -> Mapping[str, object]:
        own = settings.model_dump(mode="json", exclude={"previous"})
        digest = earlier_parts(parts).digest
        return own | ({"previous": digest} if digest else {})

    async def run(work: StageWork) -> Counts:
        return await asyncio.to_thread(
            split_contexts,
            selected=work.inputs["select"].table("selected"),
            senses=work.inputs["synsets"].table("senses"),
            settings=settings,
            language=parts.language,
            output=work.table("splits"),
            on_reject=work.reject,
            progress=work.progress,
            pins=earlier_parts(parts),
        )

    return Stage(
        name=NAME,
        version=VERSION,
        inputs=("synsets", "select"),
        tables={"splits": Assignment},
        settings=result_settings,
        run=run,
        codes=_CODES,
    )


DEFINITION = StageDefinition(NAME, SplitSettings, split_stage)
