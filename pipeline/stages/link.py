"""Stage ``link``: every synset finds its synset in Princeton WordNet, as far as that is known."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.engine.fingerprint import digest_of_files
from pipeline.engine.stage import Counts, Stage, StageWork
from pipeline.link.ili import read_ili
from pipeline.link.own import own_links
from pipeline.stages.definition import RunParts, StageDefinition
from pipeline.stages.settings import LinkSettings
from schemas.records import Link, Synset
from schemas.tables import read_table, write_table

NAME = "link"
VERSION = 1


def link_stage(parts: RunParts) -> Stage:
    """The stage bound to its settings; where nothing is set, it takes what the source states."""
    settings, kind = parts.section(LinkSettings), parts.source.kind
    ili = parts.folder / settings.ili.expanduser() if settings.ili else None

    def result_settings() -> Mapping[str, object]:
        return {"kind": kind, "ili": digest_of_files(ili) if ili else ""}

    async def run(work: StageWork) -> Counts:
        synsets = read_table(work.inputs["synsets"].table("synsets"), Synset)
        links = list(own_links(synsets, kind, read_ili(ili)))
        write_table(work.table("links"), Link, links)
        return {"links": len(links)}

    return Stage(
        name=NAME,
        version=VERSION,
        inputs=("synsets",),
        tables={"links": Link},
        settings=result_settings,
        run=run,
    )


DEFINITION = StageDefinition(NAME, LinkSettings, link_stage)
