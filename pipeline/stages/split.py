"""Stage ``split``: every selected context gets its part."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from pipeline.engine.stage import Counts, Stage, StageWork
from pipeline.split.records import Assignment
from pipeline.split.settings import SplitSettings
from pipeline.split.split import PART_OFF, STRADDLES, split_contexts
from pipeline.stages.definition import RunParts, StageDefinition

NAME = "split"
VERSION = 1
_CODES = {
    STRADDLES: "a sentence that nearly equals it stands in a part that must not resemble its own",
    PART_OFF: "it can only go into an unseen part, whose share is 0",
}


def split_stage(parts: RunParts) -> Stage:
    """The stage bound to its settings."""
    settings = parts.section(SplitSettings)

    def result_settings() -> Mapping[str, object]:
        return settings.model_dump(mode="json")

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
