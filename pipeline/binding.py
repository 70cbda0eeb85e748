"""The one place that binds run.toml to the stages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from audits.rounds import AUDITS
from pipeline.catalogue import STAGES
from pipeline.config import RunConfig
from pipeline.engine.stage import Stage
from pipeline.stages.definition import RunParts
from pipeline.stages.passes import Pass


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
    passes = 1 + config.contexts.refill  # type: ignore[attr-defined]
    return tuple(_bound(parts, passes))


def _bound(parts: RunParts, passes: int) -> Iterator[Stage]:
    """All stages in order; those that repeat, pass after pass, in the place of the first."""
    repeating = [definition for definition in STAGES if definition.repeats]
    for definition in STAGES:
        if not definition.repeats:
            yield definition.bind(replace(parts, turn=Pass(passes, passes)))
        elif definition is repeating[0]:
            for number in range(1, passes + 1):
                turn = Pass(number, passes)
                yield from (each.bind(replace(parts, turn=turn)) for each in repeating)
