"""All stages of a run, in their order, each bound to its section of the configuration."""

from __future__ import annotations

from audits.figures import REPORT_FILE
from audits.key import KEY_FILE
from audits.outcomes import outcomes
from pipeline.config import RunConfig
from pipeline.engine.stage import Stage
from pipeline.release.settings import ReleaseSettings
from pipeline.stages import contexts, glosses, judge, release, select, split, synsets


def all_stages(config: RunConfig, limit: int | None = None) -> tuple[Stage, ...]:
    """The stages of a run; ``limit`` takes only so many synsets of the source."""
    wordnet = config.source.wordnet
    audit = config.folder / "audits" / config.audit.name
    source = config.source.model_copy(
        update={
            "path": config.resolve(config.source.path),
            "wordnet": config.resolve(wordnet) if wordnet else None,
        }
    )
    return (
        synsets.stage(source, config.synsets, config.language, limit),
        glosses.stage(config.glosses, config.llm),
        contexts.stage(config.contexts, config.llm),
        judge.stage(config.judge, config.llm),
        select.stage(config.select, lambda: outcomes(audit) if (audit / KEY_FILE).exists() else {}),
        split.stage(config.split),
        release.stage(
            _release_settings(config),
            source,
            audit / REPORT_FILE,
            recorded=config.replay is not None,
        ),
    )


def _release_settings(config: RunConfig) -> ReleaseSettings:
    """[release], which measures against what [contexts] and [select] were told to do."""
    told = {
        "contexts_per_sense": config.contexts.per_sense,
        "near_duplicate_threshold": config.select.near_duplicate_threshold,
    }
    own = config.release.model_fields_set
    return config.release.model_copy(
        update={name: value for name, value in told.items() if name not in own}
    )
