"""The one place that binds run.toml to the stages."""

from __future__ import annotations

from audits.rounds import AUDITS
from pipeline.catalogue import STAGES
from pipeline.config import RunConfig
from pipeline.engine.stage import Stage
from pipeline.stages.definition import RunParts


def all_stages(config: RunConfig, limit: int | None = None) -> tuple[Stage, ...]:
    """The stages of a run; ``limit`` takes only so many synsets of the source."""
    wordnet, reference = config.source.wordnet, config.checks.reference
    resolved = {
        "path": config.resolve(config.source.path),
        "wordnet": config.resolve(wordnet) if wordnet else None,
    }
    parts = RunParts(
        folder=config.folder,
        language=config.language,
        source=config.source.model_copy(update=resolved),
        llm=config.llm,
        audits=config.folder / AUDITS,
        recorded=config.replay is not None,
        limit=limit,
        sections=config.sections,
        unsure=config.audit.unsure,
        checks=config.checks.model_copy(
            update={"reference": config.resolve(reference) if reference else None}
        ),
    )
    return tuple(definition.bind(parts) for definition in STAGES)
