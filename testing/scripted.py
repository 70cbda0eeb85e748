"""A stage on its own: tables in the place of the stages before it, a script in that of the wire."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from languages.find import find_language
from pipeline.engine.folder import RunFolder
from pipeline.engine.manifest import StageManifest
from pipeline.engine.progress import Progress
from pipeline.engine.runner import Session, run_stages
from pipeline.engine.stage import Counts, Stage, StageWork, Upstream
from pipeline.llm.desk import LedgerDesk
from pipeline.llm.ledger import Ledger
from pipeline.llm.model import LanguageModel
from pipeline.llm.settings import EndpointSettings
from schemas.records import Record, Reject
from schemas.tables import read_table, write_table

Script = Callable[[str, str], "str | Exception"]
"""From a request's label (stage/item/round, and /repair) and its last message to the reply."""
Tables = Mapping[str, tuple[type[Record], Sequence[Record]]]


@dataclass
class ScriptedTransport:
    """Answers from a script; an exception that it returns is raised, as a wire would."""

    script: Script
    asked: list[str] = field(default_factory=list)
    """The labels of what was asked, in order."""

    async def send(self, body: bytes, label: str) -> bytes:
        self.asked.append(label)
        said = self.script(label, orjson.loads(body)["messages"][-1]["content"])
        if isinstance(said, Exception):
            raise said
        choice = {
            "index": 0,
            "finish_reason": "stop",
            "message": {"role": "assistant", "content": said},
        }
        usage = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
        completion = {"id": "x", "model": "scripted", "choices": [choice], "usage": usage}
        return orjson.dumps(completion)

    async def check(self) -> None:
        """The script is there."""

    async def close(self) -> None:
        """Nothing was opened."""


@dataclass(frozen=True)
class Finished:
    """What a stage left."""

    output: Upstream
    asked: list[str]
    """The labels of the requests that were sent."""
    progress: Progress | None
    """What the stage had counted at its end; None where it was up to date."""
    inputs: Mapping[str, Upstream]
    """What it read."""

    @property
    def manifest(self) -> StageManifest:
        return self.output.manifest

    def rows(self, table: str, record: type[Record]) -> list[Record]:
        return list(read_table(self.output.table(table), record))

    @property
    def rejects(self) -> list[tuple[str, str]]:
        """Item and code of every reject, in order."""
        rows = read_table(self.output.table("rejects"), Reject)
        return [(row.item_id, row.code) for row in rows]


def given_stage(name: str, tables: Tables) -> Stage:
    """A stage that writes these tables."""

    async def run(work: StageWork) -> Counts:
        for table, (record, rows) in tables.items():
            write_table(work.table(table), record, rows)
        return {table: len(rows) for table, (_, rows) in tables.items()}

    return Stage(
        name=name,
        version=1,
        inputs=(),
        tables={table: record for table, (record, _) in tables.items()},
        settings=dict,
        run=run,
    )


def run_stage(
    stage: Stage,
    inputs: Mapping[str, Tables],
    folder: Path,
    script: Script,
    *,
    force: bool = False,
    retry_failed: bool = False,
) -> Finished:
    """Runs ``stage`` on these tables, by stage, in a run folder that keeps its ledger."""
    run_folder = RunFolder(folder)
    transport = ScriptedTransport(script)
    folder.mkdir(parents=True, exist_ok=True)
    with Ledger(run_folder.ledger) as ledger:

        @asynccontextmanager
        async def open_model(endpoint: EndpointSettings) -> AsyncIterator[LanguageModel]:
            replies = find_language("vi").replies
            desk = LedgerDesk(endpoint, transport, ledger=ledger)
            async with LanguageModel(desk, replies) as model:
                yield model

        seen: dict[str, Progress] = {}
        session = Session(
            run_folder,
            open_model,
            skipped=lambda *_: None,
            started=lambda stage, _, progress: seen.update({stage.name: progress}),
            finished=lambda *_: None,
        )
        before = [given_stage(name, inputs.get(name, {})) for name in stage.inputs]
        forced = [*stage.inputs, stage.name] if force else stage.inputs
        done = asyncio.run(
            run_stages([*before, stage], session, force=forced, retry_failed=retry_failed)
        )
    read = {name: done[name] for name in stage.inputs}
    return Finished(done[stage.name], transport.asked, seen.get(stage.name), read)
