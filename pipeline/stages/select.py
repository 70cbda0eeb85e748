"""Stage ``select``: duplicates, the judge's verdicts and the auditors' decide what stays."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from audits.rounds import run_outcomes
from pipeline.engine.pool import Pool, open_pool
from pipeline.engine.stage import Counts, Stage, StageWork
from pipeline.select.codes import MEANINGS
from pipeline.select.records import SelectedContext
from pipeline.select.select import select_contexts
from pipeline.select.settings import SelectSettings
from pipeline.stages.definition import RunParts, StageDefinition
from schemas.ids import content_digest
from schemas.records import Context
from schemas.tables import count_rows

NAME = "select"
VERSION = 2  # contexts that the judge did not answer are dropped
_WORTH = 200_000
"""Contexts from which on the start of other processes is soon made up for."""


def select_stage(parts: RunParts) -> Stage:
    """The stage bound to its settings and to the audits of the run, which all count."""
    settings = parts.section(SelectSettings)
    contexts, judge = parts.turn.name("contexts"), parts.turn.name("judge")

    def audited_contexts() -> Mapping[str, str]:
        return run_outcomes(parts.audits)

    def result_settings() -> Mapping[str, object]:
        audited = sorted(f"{key}\0{value}" for key, value in audited_contexts().items())
        digest = content_digest(*audited) if audited else ""
        return settings.model_dump(mode="json") | {"audits": digest}

    async def run(work: StageWork) -> Counts:
        table = work.inputs[contexts].table("contexts")
        with closing(open_pool(work.engine, count_rows(table, Context), _WORTH)) as pool:
            return await asyncio.to_thread(select, work, table, pool)

    def select(work: StageWork, table: Path, pool: Pool) -> Counts:
        return select_contexts(
            contexts=table,
            senses=work.inputs["synsets"].table("senses"),
            glosses=work.inputs["glosses"].table("glosses"),
            verdicts=work.inputs[judge].table("verdicts"),
            unjudged=work.inputs[judge].table("unjudged"),
            audit_outcomes=audited_contexts() or None,
            settings=settings,
            language=parts.language,
            output=work.table("selected"),
            on_reject=work.reject,
            progress=work.progress,
            pool=pool,
        )

    return Stage(
        name=parts.turn.name(NAME),
        version=VERSION,
        inputs=("synsets", "glosses", contexts, judge),
        tables={"selected": SelectedContext},
        settings=result_settings,
        run=run,
        codes={code.value: meaning for code, meaning in MEANINGS.items()},
    )


DEFINITION = StageDefinition(NAME, SelectSettings, select_stage, repeats=True)
