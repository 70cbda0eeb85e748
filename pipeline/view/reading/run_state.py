"""What a run folder holds for today's run.toml, stage by stage, and whether a run is at work."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pipeline.binding import all_stages
from pipeline.config import RunConfig
from pipeline.engine.decide import Decision, UpToDate, lineage
from pipeline.engine.folder import RunFolder
from pipeline.engine.manifest import FILE, StageManifest
from pipeline.engine.stage import Stage, Upstream

State = Literal["done", "working", "stale", "waiting"]


@dataclass(frozen=True, slots=True)
class StageState:
    """A stage: done, being worked on, done for other settings, or not yet done."""

    name: str
    state: State
    reasons: tuple[str, ...]
    upstream: Upstream | None

    @property
    def manifest(self) -> StageManifest | None:
        """That of its output, if it is done."""
        return self.upstream.manifest if self.upstream else None

    @property
    def written(self) -> int | None:
        """When the file of its manifest was written, in Unix seconds; a copy may say otherwise."""
        if self.upstream is None:
            return None
        try:
            return int((self.upstream.folder / FILE).stat().st_mtime)
        except OSError:
            return None


@dataclass(frozen=True, slots=True)
class RunState:
    """All stages of a run."""

    stages: tuple[StageState, ...]
    at_work: bool
    limit: int | None

    def output(self, name: str) -> Upstream | None:
        """The output of a stage that is done."""
        return next((stage.upstream for stage in self.stages if stage.name == name), None)


def read_run(config: RunConfig) -> RunState:
    """The state of a run now."""
    folder = RunFolder(config.folder)
    limit = folder.last_run().limit
    at_work = is_at_work(config.folder)
    decisions = lineage(all_stages(config, limit), folder)
    stages = tuple(_stage(folder, name, found, at_work) for name, found in decisions.items())
    return RunState(stages, at_work, limit)


def all_stages_of(config: RunConfig) -> tuple[Stage, ...]:
    """The stages of a run, limited as the last one was told."""
    return all_stages(config, RunFolder(config.folder).last_run().limit)


def is_at_work(folder: Path) -> bool:
    """Whether a process of this machine holds the run folder."""
    try:
        os.kill(int((folder / "run.pid").read_text(encoding="ascii")), 0)
    except PermissionError:
        return True
    except (OSError, ValueError):
        return False
    return True


def _stage(folder: RunFolder, name: str, decision: Decision, at_work: bool) -> StageState:
    if isinstance(decision, UpToDate):
        return StageState(name, "done", (), decision.upstream)
    place = folder.path / "stages" / name
    working = at_work and place.is_dir() and any(place.glob(".*.new"))
    state: State = "working" if working else "stale" if decision.stale else "waiting"
    return StageState(name, state, decision.reasons, None)
