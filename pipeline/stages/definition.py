"""What a stage says of itself before a run is known, and what of a run it may be bound to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from audits.questions import UnsureRule
from languages.language import Language
from pipeline.checks.reference import ReferenceSettings
from pipeline.engine.fingerprint import digest_of_file
from pipeline.engine.stage import Stage
from pipeline.llm.settings import EndpointSettings
from pipeline.sources.settings import SourceSettings
from pipeline.stages.passes import ONLY_PASS, Pass

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
    turn: Pass = ONLY_PASS
    """Which of several passes over contexts, judge and select this is."""
    unsure: UnsureRule = "not_good"
    """How the figures of the audits count an unsure answer."""
    checks: ReferenceSettings = field(default_factory=ReferenceSettings)
    """What definitions and sentences must not stand too near to."""

    def reference(self) -> Mapping[str, object]:
        """What of the reference can change a result, for fingerprints; nothing where none is."""
        if self.checks.reference is None:
            return {}
        stated = self.checks.model_dump(mode="json", include={"run", "reject"})
        return {"reference": stated | {"content": digest_of_file(self.checks.reference)}}

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
    repeats: bool = False
    """Whether there is one of it in every pass."""
