"""Stage ``select``: duplicates, the judge's verdicts and the auditors' decide what stays."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from pipeline.engine.stage import Counts, Stage, Work
from pipeline.select.records import SelectedContext
from pipeline.select.select import select_contexts
from pipeline.select.settings import SelectSettings
from schemas.ids import content_digest

NAME = "select"
VERSION = 1


def stage(settings: SelectSettings, outcomes: Callable[[], Mapping[str, str]]) -> Stage:
    """The stage bound to its settings; ``outcomes`` are the auditors', by context id."""

    def result_settings() -> Mapping[str, object]:
        audited = sorted(f"{key}\0{value}" for key, value in outcomes().items())
        digest = content_digest(*audited) if audited else ""
        return settings.model_dump(mode="json") | {"audits": digest}

    async def run(work: Work) -> Counts:
        return await asyncio.to_thread(
            select_contexts,
            contexts=work.inputs["contexts"].table("contexts"),
            senses=work.inputs["synsets"].table("senses"),
            glosses=work.inputs["glosses"].table("glosses"),
            verdicts=work.inputs["judge"].table("verdicts"),
            audit_outcomes=outcomes() or None,
            settings=settings,
            output=work.table("selected"),
            on_reject=work.reject,
            progress=work.progress,
        )

    return Stage(
        name=NAME,
        version=VERSION,
        inputs=("synsets", "glosses", "contexts", "judge"),
        tables={"selected": SelectedContext},
        settings=result_settings,
        run=run,
    )
