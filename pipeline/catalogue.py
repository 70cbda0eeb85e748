"""The stages of the pipeline, in their order: a new stage is its file and a line here."""

from __future__ import annotations

from pipeline.stages import (
    contexts,
    glosses,
    judge,
    link,
    release,
    rephrase,
    select,
    split,
    synsets,
)

STAGES = (
    synsets.DEFINITION,
    link.DEFINITION,
    glosses.DEFINITION,
    contexts.DEFINITION,
    judge.DEFINITION,
    select.DEFINITION,
    split.DEFINITION,
    rephrase.DEFINITION,
    release.DEFINITION,
)
