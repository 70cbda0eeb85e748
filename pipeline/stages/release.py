"""Stage ``release``: the folder that is published, and its copy beside run.toml."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Mapping
from pathlib import Path

import orjson

from pipeline.engine.fingerprint import digest_of_files
from pipeline.engine.manifest import StageManifest
from pipeline.engine.stage import Counts, Stage, Upstream, Work
from pipeline.release.manifest import PromptUse, SourceInfo, StageSummary
from pipeline.release.settings import ReleaseSettings
from pipeline.release.write import write_release
from pipeline.sources.settings import SourceSettings
from pipeline.stages.synsets import read_description
from schemas.files import explained, replacing_folder
from schemas.ids import content_digest

NAME = "release"
VERSION = 1
FOLDER = "release"
_DETAILS = ("before_", "after_", "rejected_")
"""Counts of the source that are too many for a card."""


def stage(
    settings: ReleaseSettings, source: SourceSettings, audit: Path, *, recorded: bool
) -> Stage:
    """The stage bound to its settings.

    ``audit`` is where the report of a human audit lies once there is one; ``recorded`` says
    that no model was asked.
    """

    def result_settings() -> Mapping[str, object]:
        stated = source.model_dump(mode="json", include={"name", "url", "licence"})
        audited = digest_of_files(audit) if audit.exists() else ""
        own = {"source": stated, "recorded": recorded, "audit": audited}
        return settings.model_dump(mode="json") | own

    async def run(work: Work) -> Counts:
        report = audit if audit.exists() else None
        return await asyncio.to_thread(_write, settings, work, report, recorded=recorded)

    return Stage(
        name=NAME,
        version=VERSION,
        inputs=("synsets", "glosses", "contexts", "judge", "select", "split"),
        tables={},
        settings=result_settings,
        run=run,
        reads_manifests=True,
    )


def _write(settings: ReleaseSettings, work: Work, audit: Path | None, *, recorded: bool) -> Counts:
    description = read_description(work.inputs["synsets"].folder)
    manifest = write_release(
        folder=work.output / FOLDER,
        synsets=work.inputs["synsets"].table("synsets"),
        senses=work.inputs["synsets"].table("senses"),
        glosses=work.inputs["glosses"].table("glosses"),
        selected=work.inputs["select"].table("selected"),
        splits=work.inputs["split"].table("splits"),
        settings=settings,
        stages=[summary(upstream.manifest) for upstream in work.inputs.values()],
        source=SourceInfo(
            name=description.name,
            url=description.url,
            licence=description.licence,
            citation=description.citation or None,
        ),
        recorded=recorded,
        audit=audit,
        progress=work.progress,
    )
    counts = {split.split.value: split.rows for split in manifest.splits}
    return {"examples": manifest.counts.examples, **counts, "senses": manifest.counts.senses}


def summary(manifest: StageManifest) -> StageSummary:
    """What a card tells of a stage."""
    usage = manifest.usage
    rounds = manifest.settings.get("rounds")
    prompts = [prompt.rpartition(".") for prompt in usage.prompts]
    settings = orjson.dumps(manifest.settings, option=orjson.OPT_SORT_KEYS).decode()
    return StageSummary(
        name=manifest.stage,
        version=str(manifest.version),
        fingerprint=manifest.fingerprint,
        settings_digest=content_digest(settings)[:16],
        counts={k: n for k, n in manifest.counts.items() if not k.startswith(_DETAILS)},
        rejects=manifest.rejects,
        requests=usage.requests,
        prompt_tokens=usage.prompt_tokens,
        completion_tokens=usage.completion_tokens,
        cost=usage.cost,
        currency=usage.currency,
        models=usage.models,
        prompts=tuple(PromptUse(prompt_id=name, version=v) for name, _, v in prompts),
        rounds=rounds if isinstance(rounds, int) and usage.requests else 0,
        first_request=usage.first_date or None,
        last_request=usage.last_date or None,
    )


def put_in_place(release: Upstream, target: Path) -> None:
    """Copies the stage's release to where people look for it, in one step.

    A copy, so that nothing done to it reaches the stage's output.
    """
    with replacing_folder(target) as new, explained(target):
        shutil.copytree(release.folder / FOLDER, new, dirs_exist_ok=True)
