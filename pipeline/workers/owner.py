"""The owner of a run: hands shards to workers, answers at its desks, and merges what they leave."""

from __future__ import annotations

import asyncio
import secrets
import shutil
from collections import Counter, deque
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from threading import Thread

from pipeline.engine.decide import MustRun
from pipeline.engine.folder import RunFolder
from pipeline.engine.pool import Pool, kind_for, open_pool
from pipeline.engine.progress import Progress
from pipeline.engine.shards import (
    SHARDS,
    Sharded,
    ShardManifest,
    join_shards,
    read_shard,
    rejects_of,
)
from pipeline.engine.stage import Counts, Stage, StageWork
from pipeline.engine.wire import Answer, Told, Wire, received
from pipeline.llm.desk import RequestDesk
from pipeline.llm.model import LanguageModel
from pipeline.llm.remote import answer_at
from pipeline.stages.requests import AskingStage, endpoints_of
from pipeline.workers.worker import TOKEN, Job, digest_of_program, work_on_shards
from schemas.files import explained, write_text

LOOPBACK = "127.0.0.1"


class Elsewhere:
    """Does the stages of a run that are worth it in several processes."""

    def __init__(self, config: Path, folder: RunFolder, limit: int | None) -> None:
        self._config = config
        self._folder = folder
        self._limit = limit

    async def run(self, stage: Stage, work: StageWork, decision: MustRun) -> Counts | None:
        """The counts of the stage, whose tables are there; None where it stays in one piece.

        What is sent in batches stays too: a wave is written by one process.
        """
        sharded = stage.sharded
        if sharded is None or not isinstance(stage, AskingStage):
            return None
        if any(endpoint.mode != "online" for endpoint in endpoints_of([stage])):
            return None
        n_items = sharded.n_items(work.inputs)
        if kind_for(work.engine, n_items, sharded.worth) == "local":
            return None
        shards = self._folder.shards(stage.name, decision.fingerprint, work.attempts)
        if "forced" in decision.reasons:
            shutil.rmtree(shards, ignore_errors=True)
        with explained(shards):
            shards.mkdir(parents=True, exist_ok=True)
        sharded.spread(work.inputs, shards)
        book = _Book(shards, work.progress)
        work.progress.begin(n_items)
        if book.waiting:
            job = Job(
                config=self._config.resolve(),
                limit=self._limit,
                stage=stage.name,
                fingerprint=decision.fingerprint,
                attempts=work.attempts,
                inputs=work.inputs,
                folder=shards.resolve(),
                host=LOOPBACK,
                port=0,
                token=secrets.token_hex(32),
                program=digest_of_program(),
            )
            write_text(shards / TOKEN, job.token)
            await _done_by_workers(stage, work, job, book)
        counts = await asyncio.to_thread(_merge, stage, sharded, work, shards)
        shutil.rmtree(shards, ignore_errors=True)
        return counts


class _Book:
    """Which shards are done, being done, and waiting; and how far they are."""

    def __init__(self, folder: Path, progress: Progress) -> None:
        self._progress = progress
        self._how_far: dict[int, tuple[int, int, Counter[str]]] = {}
        self.waiting: deque[int] = deque()
        for number in range(SHARDS):
            manifest = read_shard(folder, number)
            if manifest is None:
                self.waiting.append(number)

    def next(self) -> int | None:
        """A shard to do."""
        return self.waiting.popleft() if self.waiting else None

    def again(self, numbers: set[int]) -> None:
        """The worker that had these shards is gone."""
        self.waiting.extendleft(sorted(numbers, reverse=True))
        for number in numbers:
            self._how_far.pop(number, None)
        self._show()

    def note(self, told: Told) -> None:
        """How far a shard is."""
        codes = Counter[str](told["rejected"])
        self._how_far[told["shard"]] = told["done"], told["accepted"], codes
        self._show()

    def _show(self) -> None:
        far = self._how_far.values()
        self._progress.done = sum(done for done, _, _ in far)
        self._progress.accepted = sum(accepted for _, accepted, _ in far)
        self._progress.rejected = sum((codes for _, _, codes in far), Counter())


async def _done_by_workers(stage: AskingStage, work: StageWork, job: Job, book: _Book) -> None:
    """Return once all shards are done.

    Where that is cut short, the desks first wait for what is on its way; then workers lose their
    wires, and end.
    """
    workers, desks = _Workers(open_pool(work.engine, SHARDS, 0)), list[RequestDesk]()
    async with AsyncExitStack() as stack:
        stack.push_async_callback(workers.ended)
        answering = _answering(job.token, desks, book, workers.pool)
        port = await stack.enter_async_context(answering)
        for endpoint in endpoints_of([stage]):
            model: LanguageModel = await stack.enter_async_context(work.open_model(endpoint))
            desks.append(model.desk)
        await asyncio.shield(workers.start(replace(job, port=port)))


class _Workers:
    """A pool at work in a thread of its own."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self._working: asyncio.Future[None] | None = None

    def start(self, job: Job) -> asyncio.Future[None]:
        """Has all workers do shards; done when there are none left, or as one of them ends."""
        loop = asyncio.get_running_loop()
        working = self._working = loop.create_future()

        def tell(error: BaseException | None) -> None:
            if error is None:
                working.set_result(None)
            else:
                working.set_exception(error)

        def work() -> None:
            error: BaseException | None = None
            try:
                for _ in self.pool.each(work_on_shards, [job] * self.pool.workers):
                    pass
            except BaseException as caught:
                error = caught
            finally:
                self.pool.close()
            if not loop.is_closed():
                loop.call_soon_threadsafe(tell, error)

        Thread(target=work, daemon=True).start()
        return working

    async def ended(self) -> None:
        """Wait for the workers."""
        if self._working is not None:
            await asyncio.wait([self._working])
            self._working.exception()  # whoever wanted to know has been told


@asynccontextmanager
async def _answering(
    token: str, desks: Sequence[RequestDesk], book: _Book, pool: Pool
) -> AsyncIterator[int]:
    """The port at which workers reach the run while the body runs."""
    wires: set[Wire] = set()

    async def come(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held: set[int] = set()

        async def handle(told: Told, body: bytes) -> Answer | None:
            match told["do"]:
                case "begin":
                    return {"notes": [_form_notes(desk) for desk in desks]}, b""
                case "next":
                    number = book.next()
                    if number is not None:
                        held.add(number)
                    return {"shard": number}, b""
                case "progress":
                    book.note(told)
                case "done":
                    held.discard(told["shard"])
                    pool.went_on()
                case _:
                    return await answer_at(desks[told["desk"]], told, body)
            return None

        wire = await received(reader, writer, token, handle)
        if wire is None:
            return
        wires.add(wire)
        try:
            await wire.listen()
        finally:
            wires.discard(wire)
            book.again(held)

    server = await asyncio.start_server(come, LOOPBACK, 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for wire in list(wires):
            wire.close()


def _form_notes(desk: RequestDesk) -> dict[str, str]:
    """The form that the endpoint takes, where an earlier run found it out."""
    name = f"form {desk.settings.endpoint} {desk.settings.model}"
    noted = desk.note(name)
    return {} if noted is None else {name: noted}


def _merge(stage: Stage, sharded: Sharded, work: StageWork, folder: Path) -> Counts:
    """The tables, rejects and counts of the whole."""
    manifests: dict[int, ShardManifest] = {}
    for number in range(SHARDS):
        manifest = read_shard(folder, number)
        assert manifest is not None
        manifests[number] = manifest
    join_shards(folder, manifests, stage.tables, work.output)
    work.progress.rejected.clear()
    for row in rejects_of(folder, manifests):
        work.reject(row)
    counts: dict[str, int] = {}
    for manifest in manifests.values():
        work.tally.include(manifest.usage)
        for name, n in manifest.counts.items():
            counts[name] = counts.get(name, 0) + n
    sharded.finish(work)
    return counts
