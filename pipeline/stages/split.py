"""Stage ``split``: every selected context gets its part."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from pipeline.engine.pool import Pool, open_pool
from pipeline.engine.stage import Counts, Stage, StageWork
from pipeline.publish.destination import Repository, data_set_at
from pipeline.select.records import SelectedContext
from pipeline.split.pins import NO_PINS, Pins, keep_pins, read_pins
from pipeline.split.records import Assignment
from pipeline.split.settings import SplitSettings
from pipeline.split.split import (
    PART_OFF,
    PIN_UNSUPPORTED,
    PINNED_APART,
    STRADDLES,
    split_contexts,
)
from pipeline.stages.definition import RunParts, StageDefinition
from schemas.errors import RunError, UsageError
from schemas.tables import count_rows

NAME = "split"
VERSION = 1
_WORTH = 1_000_000
"""Rows from which on the start of other processes is soon made up for."""
PUBLISHED = Path("publish") / "splits.parquet"
"""In the run folder: the parts of the rows that it published last."""
FETCHED = Path("previous")
"""Of data sets on the Hub, a file each: delete it to have it fetched again."""
_CODES = {
    STRADDLES: "a sentence that nearly equals it stands in a part that must not resemble its own",
    PART_OFF: "it can only go into an unseen part, whose share is 0",
    PINNED_APART: "its lemma and synset stand in parts of the earlier release that share neither",
    PIN_UNSUPPORTED: "training has no row any more that its part in the earlier release rests on",
}


def earlier_parts(parts: RunParts) -> Pins:
    """The parts of rows that stay: of ``[split] previous``, else of what was published last."""
    previous = parts.section(SplitSettings).previous
    if previous is None:
        published = parts.folder / PUBLISHED
        return read_pins(published, parts.language) if published.exists() else NO_PINS
    if not previous:
        return NO_PINS
    folder = parts.folder / previous
    if not folder.exists() and (on_the_hub := data_set_at(previous)):
        return read_pins(_fetched(previous, *on_the_hub, parts.folder), parts.language)
    return read_pins(folder, parts.language)


def _fetched(name: str, repository: Repository, revision: str, folder: Path) -> Path:
    """The parts of the rows of a data set on the Hub, which is asked for them once."""
    kept = folder / FETCHED / f"{name.replace('/', '--')}.parquet"
    if not kept.exists():
        from pipeline.publish.fetch import fetch_examples
        from pipeline.publish.hub import Hub

        try:
            with tempfile.TemporaryDirectory() as fetched:
                fetch_examples(repository, revision, Path(fetched), Hub())
                keep_pins(Path(fetched), kept)
        except (UsageError, RunError) as error:
            message = f"[split] previous: {name} is no folder, and from the Hub: {error}"
            raise type(error)(message) from error
    return kept


def split_stage(parts: RunParts) -> Stage:
    """The stage bound to its settings."""
    settings = parts.section(SplitSettings)

    def result_settings() -> Mapping[str, object]:
        own = settings.model_dump(mode="json", exclude={"previous"})
        digest = earlier_parts(parts).digest
        return own | ({"previous": digest} if digest else {})

    async def run(work: StageWork) -> Counts:
        table = work.inputs["select"].table("selected")
        n_rows = count_rows(table, SelectedContext)
        with closing(open_pool(work.engine, n_rows, _WORTH)) as pool:
            return await asyncio.to_thread(split, work, table, pool)

    def split(work: StageWork, table: Path, pool: Pool) -> Counts:
        return split_contexts(
            selected=table,
            senses=work.inputs["synsets"].table("senses"),
            settings=settings,
            language=parts.language,
            output=work.table("splits"),
            on_reject=work.reject,
            progress=work.progress,
            pins=earlier_parts(parts),
            pool=pool,
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
