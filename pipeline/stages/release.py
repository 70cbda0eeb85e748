"""Stage ``release``: the folder that is published, and its copy beside run.toml."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import orjson

from audits.rounds import PAIR_AUDITS, audit_folders, read_rounds, run_outcomes
from languages.find import find_language
from pipeline.card.audit import attach_audits
from pipeline.card.render import write_card
from pipeline.engine.fingerprint import digest_of_file, digest_of_files
from pipeline.engine.manifest import StageManifest
from pipeline.engine.pool import Pool, open_pool
from pipeline.engine.stage import Counts, Stage, StageWork, Upstream
from pipeline.panel.figures import PanelFigures, panel_figures
from pipeline.panel.records import CastVote
from pipeline.release.manifest import MANIFEST, PromptUse, ReleaseManifest, SourceInfo, StageSummary
from pipeline.release.settings import ReleaseSettings
from pipeline.release.word_in_context import EnglishSentences
from pipeline.release.write import write_release
from pipeline.select.records import SelectedContext
from pipeline.select.settings import SelectSettings
from pipeline.sources.princeton_file import ENGLISH, open_wordnet
from pipeline.stages.definition import RunParts, StageDefinition
from pipeline.stages.link_files import LinkFiles
from pipeline.stages.settings import ContextSettings, LinkSettings
from pipeline.stages.split import earlier_parts
from pipeline.stages.synsets import read_description
from schemas.errors import InputError, StorageError, UsageError
from schemas.files import explained, replacing_folder
from schemas.ids import content_digest
from schemas.tables import count_rows, read_table

NAME = "release"
VERSION = 1
FOLDER = "release"
_WORTH = 200_000
"""Rows from which on the start of other processes is soon made up for."""
_DECIDING = ("key.json", "items.parquet", "sheets", "answers")
"""What of an audit's folder its figures depend on."""


def release_stage(parts: RunParts) -> Stage:
    """The stage bound to its settings and to the answers of the run's audits."""
    settings, source = _settings(parts), parts.source

    def result_settings() -> Mapping[str, object]:
        named = source.model_dump(mode="json", include={"name", "url", "licence"})
        own: dict[str, object] = {
            "source": named,
            "recorded": parts.recorded,
            "audits": _audited(parts.audits, parts),
        }
        own["language"] = parts.language.code
        pairs = parts.folder / PAIR_AUDITS
        if audit_folders(pairs):
            own["pair_audits"] = _audited(pairs, parts)
        if previous := earlier_parts(parts).digest:
            own["previous"] = previous
        stated = settings.model_dump(mode="json")
        if settings.word_in_context_en is None:
            del stated["word_in_context_en"]  # as before there was such a table
        else:
            own["wordnet"] = LinkFiles.of(parts.section(LinkSettings), parts.folder).digests()[
                "wordnet"
            ]
        return stated | own

    def check() -> None:
        least = parts.section(SelectSettings).near_duplicate_threshold
        if settings.near_duplicate_threshold < least:
            raise UsageError(
                f"[release] near_duplicate_threshold {settings.near_duplicate_threshold:g} is "
                f"below that of [select], {least:g}, which finds nothing less alike: the release "
                "could not be proved free of leaks; raise it, or leave it out"
            )
        _english(settings, parts)
        _require_replaceable(parts.folder / FOLDER)

    async def run(work: StageWork) -> Counts:
        n_rows = count_rows(work.inputs["select"].table("selected"), SelectedContext)
        with closing(open_pool(work.engine, n_rows, _WORTH)) as pool:
            return await asyncio.to_thread(_write, settings, parts, work, pool)

    def put_in_place(output: Upstream) -> Path:
        target = parts.folder / FOLDER
        copy_release(output.folder / FOLDER, target)
        return target

    return Stage(
        name=NAME,
        version=VERSION,
        inputs=(
            "synsets",
            "link",
            "glosses",
            *parts.turn.drafts("contexts", "judge"),
            "contexts",
            "judge",
            "select",
            "split",
            "rephrase",
        ),
        tables={},
        settings=result_settings,
        run=run,
        check=check,
        files=(FOLDER,),
        reads_manifests=True,
        put_in_place=put_in_place,
    )


DEFINITION = StageDefinition(NAME, ReleaseSettings, release_stage)


def _audited(audits: Path, parts: RunParts) -> dict[str, str]:
    """A digest of what was drawn and answered in each audit, and of how unsure answers count."""
    found = {
        folder.name: content_digest(
            *(digest_of_files(path) for name in _DECIDING if (path := folder / name).exists())
        )
        for folder in audit_folders(audits)
    }
    return found | {"unsure": parts.unsure} if found else {}


def _settings(parts: RunParts) -> ReleaseSettings:
    """[release], which measures against what [contexts] and [select] were told to do."""
    stated = parts.section(ReleaseSettings)
    told = {
        "contexts_per_sense": parts.section(ContextSettings).per_sense,
        "near_duplicate_threshold": parts.section(SelectSettings).near_duplicate_threshold,
    }
    own = stated.model_fields_set
    return stated.model_copy(update={k: value for k, value in told.items() if k not in own})


def _write(settings: ReleaseSettings, parts: RunParts, work: StageWork, pool: Pool) -> Counts:
    folder = work.output / FOLDER
    description = read_description(work.inputs["synsets"].folder)
    selected = work.inputs["select"].manifest.counts
    manifest = write_release(
        folder=folder,
        synsets=work.inputs["synsets"].table("synsets"),
        senses=work.inputs["synsets"].table("senses"),
        glosses=work.inputs["glosses"].table("glosses"),
        links=work.inputs["link"].table("links"),
        selected=work.inputs["select"].table("selected"),
        splits=work.inputs["split"].table("splits"),
        rephrasings=work.inputs["rephrase"].table("rephrasings"),
        settings=settings,
        language=parts.language,
        stages=[stage_summary(upstream.manifest) for upstream in work.inputs.values()],
        source=SourceInfo(
            name=description.name,
            url=description.url,
            licence=description.licence,
            citation=description.citation or None,
            notice=description.notice or None,
        ),
        recorded=parts.recorded,
        judged=(selected["judged"], selected["judge_agrees"]) if "judged" in selected else None,
        panel=_panel(work.inputs["judge"], parts),
        pins=earlier_parts(parts),
        english=_english(settings, parts),
        progress=work.progress,
        pool=pool,
    )
    work.progress.note = "writing the card"
    of_pairs = read_rounds(parts.folder / PAIR_AUDITS)
    attach_audits(folder, read_rounds(parts.audits), parts.language, parts.unsure, of_pairs)
    write_card(folder)
    counts = {split.split.value: split.rows for split in manifest.splits}
    return {"examples": manifest.counts.examples, **counts, "senses": manifest.counts.senses}


def _english(settings: ReleaseSettings, parts: RunParts) -> EnglishSentences | None:
    """The sentences of [link] wordnet, or of NLTK's corpus, where they are wanted."""
    if settings.word_in_context_en is None:
        return None
    database = open_wordnet(LinkFiles.of(parts.section(LinkSettings), parts.folder).wordnet)
    return EnglishSentences(database, find_language(ENGLISH))


def _panel(judge: Upstream, parts: RunParts) -> PanelFigures | None:
    votes = read_table(judge.table("votes"), CastVote)
    figures = panel_figures(votes, run_outcomes(parts.audits))
    return figures if figures.votes else None


def stage_summary(manifest: StageManifest) -> StageSummary:
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
        counts=manifest.counts,
        rejects=manifest.rejects,
        codes=manifest.codes,
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


def copy_release(source: Path, target: Path) -> None:
    """Copies the stage's release to where people look for it, in one step.

    A copy, so that nothing done to it reaches the stage's output. Raises InputError for a target
    that holds something else than a release, StorageError where a table is not as it was written.
    """
    _require_replaceable(target)
    with replacing_folder(target) as new, explained(target):
        shutil.copytree(source, new, dirs_exist_ok=True)
        for table in ReleaseManifest.read(new).tables:
            if digest_of_file(new / table.path) != table.sha256:
                raise StorageError(
                    f"{source / table.path}: damaged, its bytes are not those that were written; "
                    "run again with --force release"
                )


def _require_replaceable(target: Path) -> None:
    with explained(target):
        if target.is_dir() and any(target.iterdir()) and not (target / MANIFEST).exists():
            raise InputError(
                f"{target}: not empty and not a release; move what is in it to another place"
            )
