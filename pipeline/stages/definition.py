"""What a stage says of itself before a run is known, and what of a run it may be bound to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from audits.questions import UnsureRule
from languages.language import Language
from pipeline.engine.stage import Stage
from pipeline.llm.settings import EndpointSettings
from pipeline.sources.settings import SourceSettings

S = TypeVar("S", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class RunParts:
    """What run.toml says, with all paths resolved; a stage takes what it needs and no more."""

    folder: Path
    """The run folder."""
    language: Language
    source: SourceSettings
    llm: EndpointSettings
    audits: Path
    """The folder of the run's audits, all of which count."""
    recorded: bool
    """Whether replies are replayed from recordings and no model is asked."""
    limit: int | None
    """How many synsets of the source are taken; None: all."""
    sections: tuple[BaseModel, ...]
    """The sections of the stages."""
    unsure: UnsureRule = "not_good"
    """How the figures of the audits count an unsure answer."""

    def section(self, kind: type[S]) -> S:
        """The section that ``kind`` reads."""
        return next(section for section in self.sections if isinstance(section, kind))


@dataclass(frozen=True, slots=True)
class StageDefinition:
    """A stage's line in the catalogue: its name, its section of run.toml, how it is bound."""

    name: str
    """Also the name of its section."""
    section: type[BaseModel]
    """Every field has a default: a section may be left out."""
    bind: Callable[[RunParts], Stage]
