"""Whether a stage has to run, and why; from a closed set of reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.engine.fingerprint import fingerprint
from pipeline.engine.folder import RunFolder
from pipeline.engine.manifest import StageManifest, read_stage_manifest
from pipeline.engine.stage import Stage, Upstream
from schemas.numbers import counted


@dataclass(frozen=True, slots=True)
class UpToDate:
    """The stage's output is there, for exactly these settings and inputs."""

    upstream: Upstream


@dataclass(frozen=True, slots=True)
class MustRun:
    """The stage has to run; ``reasons`` says why, in words."""

    fingerprint: str
    settings: Mapping[str, object]
    inputs: Mapping[str, str]
    reasons: tuple[str, ...]
    attempts: int = 1


def decide(
    stage: Stage, upstream: Mapping[str, Upstream], folder: RunFolder, *, forced: bool = False
) -> UpToDate | MustRun:
    """Compares the stage's fingerprint with what the run folder holds."""
    settings = dict(stage.settings())
    inputs = {name: _identity(stage, upstream[name].manifest) for name in stage.inputs}
    mark = fingerprint(stage.name, stage.version, settings, inputs)
    output = folder.stage(stage.name, mark)
    manifest = read_stage_manifest(output)
    if manifest is not None and not forced:
        return UpToDate(Upstream(output, manifest))
    if forced:
        reasons: tuple[str, ...] = ("forced",)
    else:
        reasons = _differences(stage, settings, inputs, folder.latest(stage.name))
    return MustRun(mark, settings, inputs, reasons)


def again(manifest: StageManifest) -> MustRun:
    """Runs a finished stage once more, so that it tries its failed items again."""
    reason = f"{counted(manifest.failed, 'failed item')} to try again"
    return MustRun(
        manifest.fingerprint,
        manifest.settings,
        manifest.inputs,
        (reason,),
        manifest.attempts + 1,
    )


def _identity(stage: Stage, manifest: StageManifest) -> str:
    if stage.reads_manifests:
        return f"{manifest.fingerprint}: {manifest.output_hash}"
    return manifest.output_hash


def _differences(
    stage: Stage,
    settings: Mapping[str, object],
    inputs: Mapping[str, str],
    last: StageManifest | None,
) -> tuple[str, ...]:
    if last is None:
        return ("never finished",)
    reasons = []
    if last.version != stage.version:
        reasons.append(f"stage version {last.version} -> {stage.version}")
    for name in sorted(set(settings) | set(last.settings)):
        if settings.get(name) != last.settings.get(name):
            reasons.append(f"setting {name} changed")
    for name in sorted(set(inputs) | set(last.inputs)):
        if inputs.get(name) != last.inputs.get(name):
            reasons.append(f"input {name} changed")
    return tuple(reasons) or ("its last output is gone",)
