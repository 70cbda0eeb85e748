"""Which stages have to run, and why: from their fingerprints today, in words of a closed set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.engine.fingerprint import fingerprint
from pipeline.engine.folder import RunFolder
from pipeline.engine.manifest import StageManifest, read_stage_manifest
from pipeline.engine.stage import Stage, Upstream
from schemas.numbers import counted

NEVER_FINISHED = ("never finished",)


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

    @property
    def stale(self) -> bool:
        """Whether there is an output, of other settings or inputs."""
        return self.reasons != NEVER_FINISHED


@dataclass(frozen=True, slots=True)
class Waits:
    """Whether the stage has to run is not known: stages that it reads have to run first."""

    reasons: tuple[str, ...]
    stale: bool
    """Whether there is an output, of whatever settings and inputs."""


Decision = UpToDate | MustRun | Waits


def lineage(stages: Sequence[Stage], folder: RunFolder) -> dict[str, Decision]:
    """Of each stage by name, whether the run folder holds its output for today's settings.

    ``stages`` stand in their order, with all that they read.
    """
    found: dict[str, Decision] = {}
    for stage in stages:
        done = {n: d.upstream for n in stage.inputs if isinstance(d := found[n], UpToDate)}
        waiting = [name for name in stage.inputs if name not in done]
        if waiting:
            before = bool(folder.outputs(stage.name))
            found[stage.name] = Waits((f"waits for {', '.join(waiting)}",), before)
        else:
            found[stage.name] = decide(stage, done, folder)
    return found


def decide(
    stage: Stage, upstream: Mapping[str, Upstream], folder: RunFolder, *, forced: bool = False
) -> UpToDate | MustRun:
    """Compares the stage's fingerprint with what the run folder holds."""
    settings = dict(stage.settings())
    inputs = {name: _identity(stage, upstream[name].manifest) for name in stage.inputs}
    mark = fingerprint(stage.name, stage.version, settings, inputs)
    output = folder.stage(stage.name, mark)
    manifest = read_stage_manifest(output)
    if forced:
        return MustRun(mark, settings, inputs, ("forced",))
    if manifest is None:
        reasons = _reasons(stage, settings, inputs, folder)
        return MustRun(mark, settings, inputs, reasons)
    found = Upstream(output, manifest)
    gone = tuple(f"table {t} is gone" for t in manifest.tables if not found.table(t).exists())
    gone += tuple(f"{name} is gone" for name in stage.files if not (output / name).exists())
    return MustRun(mark, settings, inputs, gone) if gone else UpToDate(found)


def require_usable(stages: Iterable[Stage]) -> None:
    """Raises what a stage would raise over its settings and the files that they name.

    So it is known before the first request is paid, and not when the stage is reached.
    """
    for stage in stages:
        stage.settings()
        stage.check()


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


def _reasons(
    stage: Stage, settings: Mapping[str, object], inputs: Mapping[str, str], folder: RunFolder
) -> tuple[str, ...]:
    """What tells today's run from the output that differs least from it, whichever was last."""
    found = [_differences(stage, settings, inputs, old) for old in folder.outputs(stage.name)]
    return min(found, key=lambda reasons: (len(reasons), reasons), default=NEVER_FINISHED)


def _differences(
    stage: Stage, settings: Mapping[str, object], inputs: Mapping[str, str], old: StageManifest
) -> tuple[str, ...]:
    reasons = []
    if old.version != stage.version:
        reasons.append(f"stage version {old.version} -> {stage.version}")
    for name in sorted(set(settings) | set(old.settings)):
        if settings.get(name) != old.settings.get(name):
            reasons.append(f"setting {name} changed")
    for name in sorted(set(inputs) | set(old.inputs)):
        if inputs.get(name) != old.inputs.get(name):
            reasons.append(f"input {name} changed")
    return tuple(reasons)
