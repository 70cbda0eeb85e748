"""A worker of a run: asks its owner for shards, does them, and ends when there are no more."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from pathlib import Path
from socket import gethostname
from typing import Any

from pipeline.binding import all_stages
from pipeline.config import load_config
from pipeline.engine.decide import MustRun, decide
from pipeline.engine.folder import RunFolder
from pipeline.engine.ordered import first_of
from pipeline.engine.progress import Progress
from pipeline.engine.shards import REJECTS, Sharded, ShardTables, shard_folder
from pipeline.engine.stage import StageWork, Upstream
from pipeline.engine.tally import UsageTally
from pipeline.engine.wire import Answer, Told, Wire, dial
from pipeline.llm.model import LanguageModel
from pipeline.llm.remote import RemoteDesk
from pipeline.stages.requests import AskingStage, endpoints_of
from schemas.errors import RunError
from schemas.files import replacing_folder
from schemas.records import Record, Reject

TOKEN = "token"
"""In the folder of the shards: whoever reads it sees what the run sees."""
TELL_S = 0.25
"""Between two words on how far a shard is."""


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker is told to begin with; all of them are told the same."""

    config: Path
    limit: int | None
    stage: str
    fingerprint: str
    attempts: int
    inputs: Mapping[str, Upstream]
    folder: Path
    """Of the shards."""
    host: str
    port: int
    token: str
    program: str
    """A digest of the program."""


def work_on_shards(job: Job) -> int:
    """Does shards until there are none; returns how many it did."""
    return asyncio.run(_Worker(job).work())


class _Worker:
    def __init__(self, job: Job) -> None:
        self._job = job
        _sees_the_run(job)
        if digest_of_program() != job.program:
            raise RunError(
                f"the worker on {gethostname()} has another version of viconwsd, or of a language's"
                " folder, than the run; install the same everywhere and run again"
            )
        self._stage = _stage_of(job)
        assert self._stage.sharded is not None
        self._sharded: Sharded = self._stage.sharded
        self._open: list[LanguageModel] = []

    async def work(self) -> int:
        job = self._job
        wire = await dial(job.host, job.port, job.token, _unasked)
        listening = asyncio.create_task(wire.listen())
        n_done = 0
        try:
            begun, _ = await wire.call({"do": "begin"})
            language = load_config(job.config).language
            for number, endpoint in enumerate(endpoints_of([self._stage])):
                desk = RemoteDesk(wire, number, endpoint, begun["notes"][number])
                self._open.append(LanguageModel(desk, language.replies))
            prepared = self._sharded.prepare(job.inputs, job.folder)
            async with asyncio.TaskGroup() as group:
                while (number := (await wire.call({"do": "next"}))[0]["shard"]) is not None:
                    fed = asyncio.Event()
                    group.create_task(self._do(wire, prepared, number, fed))
                    n_done += 1
                    await fed.wait()  # its last items are on their way: the next shard may begin
            for model in self._open:
                await model.__aexit__(None, None, None)
        except BaseExceptionGroup as errors:
            raise first_of(errors) from None
        finally:
            wire.close()
            listening.cancel()
        return n_done

    async def _do(self, wire: Wire, prepared: Any, number: int, fed: asyncio.Event) -> None:
        folder = shard_folder(self._job.folder, number)
        tally, codes, progress = UsageTally(), Counter[str](), Progress()
        said = time.monotonic()

        def tell() -> None:
            how_far = {"done": progress.done, "accepted": progress.accepted, "rejected": codes}
            wire.tell({"do": "progress", "shard": number, **how_far})

        def reject(row: Reject) -> None:
            nonlocal said
            codes[row.code] += 1
            if time.monotonic() > said + TELL_S:
                said = time.monotonic()
                tell()

        work = StageWork(
            self._job.inputs,
            folder,
            reject,
            progress,
            tally,
            self._opened,
            attempts=self._job.attempts,
        )
        try:
            with replacing_folder(folder) as output:
                tables: dict[str, type[Record]] = {**self._stage.tables, REJECTS: Reject}
                with ShardTables(output, tables) as writer:
                    counts = await self._sharded.run(prepared, number, work, writer, fed.set)
                writer.finish(counts, codes, tally.usage())
            tell()
            wire.tell({"do": "done", "shard": number})
        finally:
            fed.set()

    @asynccontextmanager
    async def _opened(self, endpoint: object) -> AsyncIterator[LanguageModel]:
        yield next(model for model in self._open if model.settings == endpoint)


@cache
def digest_of_program() -> str:
    """A digest over the sources of the program, its languages and its prompts."""
    digest = blake2b(digest_size=16)
    root = Path(__file__).resolve().parents[2]
    for package in ("schemas", "languages", "prompts", "pipeline"):
        for path in sorted((root / package).rglob("*")):
            if path.suffix in (".py", ".j2", ".txt", ".toml", ".tsv"):
                digest.update(f"{path.relative_to(root)}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def _sees_the_run(job: Job) -> None:
    """RunError where the run's folder is not this machine's, or is an old copy of it."""
    try:
        shown = (job.folder / TOKEN).read_text(encoding="utf-8")
    except OSError:
        shown = ""
    if shown != job.token:
        raise RunError(
            f"the worker on {gethostname()} does not see the run's folder {job.config.parent}; put"
            " it where all machines of the cluster find it under the same path"
        )


def _stage_of(job: Job) -> AskingStage:
    """The stage as this process finds it, which must be what the run means to do."""
    config = load_config(job.config)
    found = {stage.name: stage for stage in all_stages(config, job.limit)}[job.stage]
    decision = decide(found, job.inputs, RunFolder(config.folder), forced=True)
    assert isinstance(decision, MustRun)
    if decision.fingerprint != job.fingerprint:
        raise RunError(
            f"a worker would do {job.stage} otherwise than the run: run.toml, a prompt or the "
            "program has changed since it was started, or the worker has another version of "
            "viconwsd or of the language's folder; make them equal and run again"
        )
    assert isinstance(found, AskingStage)
    return found


async def _unasked(told: Told, body: bytes) -> Answer | None:  # noqa: ARG001
    """An owner asks nothing of its workers."""
    return None
