"""What gave a reply: a ledger keeps replies alone, so their stage is worked through once more.

A stage's requests follow from its inputs and from the replies before them. So the stage is run over
the replies of the ledger, in an empty folder and with nobody to ask, until it comes to the request
whose key is the reply's: a key is a digest of the whole request, so that these words were sent.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson

from pipeline.binding import all_stages
from pipeline.config import RunConfig
from pipeline.engine.decide import UpToDate, lineage
from pipeline.engine.folder import RunFolder
from pipeline.engine.progress import Progress
from pipeline.engine.stage import StageWork, Upstream
from pipeline.engine.tally import UsageTally
from pipeline.llm.body import Prepared
from pipeline.llm.kept import models_over
from pipeline.llm.ledger import Ledger
from pipeline.llm.request import Message
from pipeline.stages.requests import AskingStage
from schemas.errors import ItemError, RunError

PATIENCE_S = 60.0
"""How long a stage is worked through, which a page waits for in the background."""


@dataclass(frozen=True, slots=True)
class AskedWords:
    """What a model was asked; ``exact``: these very words gave this reply."""

    messages: tuple[Message, ...]
    exact: bool


class _EnoughError(RunError):
    """The stage has come far enough."""


@dataclass(slots=True)
class _Search:
    """The request that is looked for, by its key and its label."""

    key: str
    label: str
    until: float
    found: AskedWords | None = None

    def look(self, prepared: Prepared) -> None:
        """Keeps a request that is meant; _EnoughError when no other can be."""
        if prepared.key == self.key or (prepared.label == self.label and self.found is None):
            turns = orjson.loads(prepared.body)["messages"]
            messages = tuple(Message(turn["role"], turn["content"]) for turn in turns)
            self.found = AskedWords(messages, prepared.key == self.key)
        if time.monotonic() > self.until or (self.found is not None and self.found.exact):
            raise _EnoughError("enough was seen")


def find_prompt(config: RunConfig, item: str, key: str) -> AskedWords | None:
    """The request that gave the reply under a key, with a label such as ``contexts/t-1#khoan/1``.

    Where none of today's stages asks it, for settings or tables are others now, the first request
    under its label, which is not ``exact``; None where there is none, or it takes too long.
    """
    search = _Search(key, item, time.monotonic() + PATIENCE_S)
    with Ledger(RunFolder(config.folder).ledger, read_only=True) as ledger:
        for stage, inputs, attempts in _stages(config, item.partition("/")[0]):
            with TemporaryDirectory(prefix="viconwsd-prompt-") as output:
                asyncio.run(_work(config, stage, inputs, attempts, Path(output), ledger, search))
            if search.found is not None and search.found.exact:
                break
    return search.found


def _stages(config: RunConfig, kind: str) -> Iterator[tuple[AskingStage, dict[str, Upstream], int]]:
    """The stages of a kind whose inputs are there, with these, and how often they tried.

    All that ask, where none has that name: a stage may ask for other things than it is called by.
    """
    folder = RunFolder(config.folder)
    stages = all_stages(config, folder.last_run().limit)
    decisions = lineage(stages, folder)
    asking = [stage for stage in stages if isinstance(stage, AskingStage)]
    named = [stage for stage in asking if stage.name.partition(".")[0] == kind]
    for stage in named or asking:
        known = {name: decisions[name] for name in stage.inputs}
        inputs = {name: d.upstream for name, d in known.items() if isinstance(d, UpToDate)}
        own = decisions[stage.name]
        attempts = own.upstream.manifest.attempts if isinstance(own, UpToDate) else 1
        if len(inputs) == len(known):
            yield stage, inputs, attempts


async def _work(
    config: RunConfig,
    stage: AskingStage,
    inputs: dict[str, Upstream],
    attempts: int,
    output: Path,
    ledger: Ledger,
    search: _Search,
) -> None:
    """Runs a stage over the ledger until enough is seen, or it cannot go on."""
    work = StageWork(
        inputs,
        output,
        lambda _: None,
        Progress(stage.name),
        UsageTally(),
        models_over(ledger, config.language.replies, search.look),
        attempts=attempts,
    )
    try:
        await stage.run(work)
    except (RunError, ItemError, BaseExceptionGroup):
        return
