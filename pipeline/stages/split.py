"""Stage ``split``: every selected context gets its part."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from pipeline.engine.stage import Counts, Stage, Work
from pipeline.split.records import Assignment
from pipeline.split.settings import SplitSettings
from pipeline.split.split import split_contexts

NAME = "split"
VERSION = 1


def stage(settings: SplitSettings) -> Stage:
    """The stage bound to its settings."""

    def result_settings() -> Mapping[str, object]:
        return settings.model_dump(mode="json")

    async def run(work: Work) -> Counts:
        return await asyncio.to_thread(
            split_contexts,
            selected=work.inputs["select"].table("selected"),
            senses=work.inputs["synsets"].table("senses"),
            settings=settings,
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
    )
