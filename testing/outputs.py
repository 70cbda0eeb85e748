"""What stages left in a run folder."""

from __future__ import annotations

from pathlib import Path

from pipeline.binding import all_stages
from pipeline.config import load_config
from pipeline.engine.decide import UpToDate, lineage
from pipeline.engine.folder import RunFolder
from pipeline.engine.manifest import StageManifest
from pipeline.engine.stage import Upstream


def only_output(folder: Path, stage: str) -> StageManifest:
    """The manifest of the one output of a stage."""
    [manifest] = RunFolder(folder).outputs(stage)
    return manifest


def current_output(folder: Path, stage: str) -> Upstream:
    """The output that a stage has under the run.toml as it is now."""
    found = lineage(all_stages(load_config(folder)), RunFolder(folder))[stage]
    assert isinstance(found, UpToDate), found
    return found.upstream
