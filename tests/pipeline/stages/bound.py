"""Stages bound to default settings, for tests that need no run.toml."""

from dataclasses import replace
from pathlib import Path

from pydantic import BaseModel

from languages.find import find_language
from pipeline.catalogue import STAGES
from pipeline.engine.stage import Stage
from pipeline.llm.settings import EndpointSettings
from pipeline.sources.settings import SourceSettings
from pipeline.stages.definition import RunParts


def run_parts(folder: Path, *sections: BaseModel) -> RunParts:
    """A run in ``folder``; ``sections`` stand in the place of the default ones."""
    given = {type(section): section for section in sections}
    return RunParts(
        folder=folder,
        language=find_language("vi"),
        source=SourceSettings(kind="csv", path=folder / "lexicon"),
        llm=EndpointSettings(base_url="http://127.0.0.1:9/v1", model="scripted"),
        audits=folder / "audits",
        recorded=False,
        limit=None,
        sections=tuple(
            given.get(definition.section, definition.section()) for definition in STAGES
        ),
    )


def bound_stages(folder: Path, *sections: BaseModel, **parts: object) -> dict[str, Stage]:
    """All stages by name; ``parts`` replace fields of the run's parts."""
    run = replace(run_parts(folder, *sections), **parts)  # type: ignore[arg-type]
    return {definition.name: definition.bind(run) for definition in STAGES}
