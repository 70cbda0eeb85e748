"""Runs stages in their order, skips what is up to date, and leaves a manifest for each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.engine.decide import MustRun, UpToDate, again, decide
from pipeline.engine.fingerprint import digest_of_file
from pipeline.engine.folder import RunFolder
from pipeline.engine.handed_out import HandedOut
from pipeline.engine.manifest import StageManifest, TableEntry
from pipeline.engine.progress import Progress
from pipeline.engine.settings import EngineSettings
from pipeline.engine.shards import REJECTS
from pipeline.engine.stage import HERE, Counts, OpenModel, Stage, StageWork, Upstream
from pipeline.engine.tally import UsageTally
from schemas.errors import UsageError
from schemas.records import Record, Reject
from schemas.tables import TableWriter, content_hash, count_rows


async def _no_waves() -> None:
    raise AssertionError("no model of this session hands requests out")


Elsewhere = Callable[[Stage, StageWork, MustRun], Awaitable[Counts | None]]
"""Runs a stage in other processes, and returns its counts; None where it is not worth it."""


@dataclass(frozen=True, slots=True)
class Session:
    """What a run needs beside its stages: where it lives and how it talks to the world."""

    folder: RunFolder
    open_model: OpenModel
    skipped: Callable[[Stage, StageManifest], None]
    started: Callable[[Stage, MustRun, Progress], None]
    finished: Callable[[Stage, StageManifest], None]
    handed_out: Callable[[], Awaitable[None]] = _no_waves
    """Returns when a stage that handed requests out is worth another pass."""
    engine: EngineSettings = HERE
    elsewhere: Elsewhere | None = None
    """Does stages in other processes."""


def chosen(
    stages: Sequence[Stage], names: Collection[str] = (), until: str | None = None
) -> tuple[Stage, ...]:
    """The stages to run: those up to ``until``, or the named ones with all they read."""
    known = {stage.name: stage for stage in stages}
    for name in [*names, *([until] if until else [])]:
        if name not in known:
            raise UsageError(f"no stage {name!r}; the stages are {', '.join(known)}")
    wanted: set[str] = set()

    def add(name: str) -> None:
        wanted.add(name)
        for source in known[name].inputs:
            add(source)

    ends = [*names, *([until] if until else [])] or list(known)
    for name in ends:
        add(name)
    return tuple(stage for stage in stages if stage.name in wanted)


async def run_stages(
    stages: Sequence[Stage],
    session: Session,
    *,
    force: Collection[str] = (),
    retry_failed: bool = False,
) -> dict[str, Upstream]:
    """Brings every stage up to date; returns their outputs by name.

    With ``retry_failed`` a stage whose output lacks items that failed goes through all rounds of
    these items once more.
    """
    done: dict[str, Upstream] = {}
    for stage in stages:
        upstream = {name: done[name] for name in stage.inputs}
        decision = decide(stage, upstream, session.folder, forced=stage.name in force)
        if retry_failed and isinstance(decision, UpToDate) and decision.upstream.manifest.failed:
            decision = again(decision.upstream.manifest)
        if isinstance(decision, UpToDate):
            session.skipped(stage, decision.upstream.manifest)
            done[stage.name] = decision.upstream
        else:
            done[stage.name] = await _run(stage, upstream, decision, session)
    return done


async def _run(
    stage: Stage, upstream: Mapping[str, Upstream], decision: MustRun, session: Session
) -> Upstream:
    for read in upstream.values():
        read.check()
    progress = Progress(stage.name)
    session.started(stage, decision, progress)
    while True:
        try:
            manifest = await _pass(stage, upstream, decision, session, progress)
            break
        except HandedOut:  # nothing of the pass is kept but what it asked
            await session.handed_out()
            progress.restart()
    session.finished(stage, manifest)
    return Upstream(session.folder.stage(stage.name, decision.fingerprint), manifest)


async def _pass(
    stage: Stage,
    upstream: Mapping[str, Upstream],
    decision: MustRun,
    session: Session,
    progress: Progress,
) -> StageManifest:
    """Runs the stage once; HandedOut where replies are still to come, and then nothing is kept."""
    tally = UsageTally()
    codes: Counter[str] = Counter()
    with session.folder.new_output(stage.name, decision.fingerprint) as output:
        with TableWriter(output / f"{REJECTS}.parquet", Reject) as rejects:

            def reject(row: Reject) -> None:
                codes[row.code] += 1
                progress.rejected[row.code] += 1
                rejects.append(row)

            work = StageWork(
                upstream,
                output,
                reject,
                progress,
                tally,
                session.open_model,
                attempts=decision.attempts,
                engine=session.engine,
            )
            counts = await session.elsewhere(stage, work, decision) if session.elsewhere else None
            if counts is None:
                counts = await stage.run(work)
        manifest = StageManifest(
            stage=stage.name,
            version=stage.version,
            fingerprint=decision.fingerprint,
            settings=dict(decision.settings),
            inputs=dict(decision.inputs),
            tables=_entries(output, {**stage.tables, REJECTS: Reject}),
            counts=dict(counts),
            attempts=decision.attempts,
            rejects=dict(sorted(codes.items())),
            usage=tally.usage(),
            details=work.details,
            remarks=tuple(work.remarks),
            codes={code: stage.codes[code] for code in sorted(codes) if code in stage.codes},
        )
        manifest.write(output)
    return manifest


def _entries(output: Path, tables: Mapping[str, type[Record]]) -> dict[str, TableEntry]:
    return {
        name: TableEntry(
            rows=count_rows(output / f"{name}.parquet", record),
            content_hash=content_hash(output / f"{name}.parquet", record),
            sha256=digest_of_file(output / f"{name}.parquet"),
        )
        for name, record in tables.items()
    }
