"""What a stage is: a value that says what it reads, writes and depends on, and one function."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.engine.fingerprint import digest_of_file
from pipeline.engine.manifest import StageManifest
from pipeline.engine.progress import Progress
from pipeline.engine.settings import EngineSettings
from pipeline.engine.shards import Sharded
from pipeline.engine.tally import UsageTally
from schemas.errors import StorageError
from schemas.records import Record, Reject

OpenModel = Callable[[Any], AbstractAsyncContextManager[Any]]
"""Opens the model of an endpoint. The engine hands it on to the stages and knows neither."""

Counts = Mapping[str, int]

HERE = EngineSettings(kind="local")


@dataclass(frozen=True, slots=True)
class Upstream:
    """A finished stage that another one reads."""

    folder: Path
    manifest: StageManifest

    def table(self, name: str) -> Path:
        """The path of one of its tables."""
        return self.folder / f"{name}.parquet"

    def check(self) -> None:
        """StorageError if a table is not the file that the manifest was written for."""
        for name, entry in self.manifest.tables.items():
            path = self.table(name)
            if digest_of_file(path) != entry.sha256:
                raise StorageError(
                    f"{path}: damaged, its bytes are not those that were written; delete "
                    f"{self.folder} and run again: replies already paid for are in the ledger"
                )


@dataclass(frozen=True, slots=True)
class StageWork:
    """What the function of a stage is given: its inputs, an empty folder, and where to report."""

    inputs: Mapping[str, Upstream]
    output: Path
    reject: Callable[[Reject], None]
    progress: Progress
    tally: UsageTally
    open_model: OpenModel
    details: dict[str, int] = field(default_factory=dict)
    """Counts that are too many for a line: the stage fills them in, and shows them itself."""
    remarks: list[str] = field(default_factory=list)
    """What whoever ran the stage should know at the end, a line each; the stage fills them in."""
    attempts: int = 1
    """How often items may go through all their rounds: once more each time they are tried again."""
    engine: EngineSettings = HERE
    """What does work that the stage can cut up."""

    def table(self, name: str) -> Path:
        """Where the stage writes a table of its own."""
        return self.output / f"{name}.parquet"

    def rounds(self, per_attempt: int) -> list[range]:
        """The numbers of the rounds, attempt by attempt: from 1, without a gap."""
        starts = range(1, self.attempts * per_attempt + 1, per_attempt)
        return [range(start, start + per_attempt) for start in starts]


def no_lines(_: Counts) -> Sequence[str]:
    """What a stage without details shows of them."""
    return ()


def nothing_to_check() -> None:
    """Leaves it to the settings to say what is wrong with them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One step of the pipeline, bound to its own section of the configuration."""

    name: str
    version: int
    inputs: tuple[str, ...]
    tables: Mapping[str, type[Record]]
    settings: Callable[[], Mapping[str, object]]
    """What can change the result, with the digests of the files that are read."""
    run: Callable[[StageWork], Awaitable[Counts]]
    check: Callable[[], None] = nothing_to_check
    """Raises for what ``settings`` does not read, but the stage would fail over: it is called
    before a stage that costs money is run."""
    files: tuple[str, ...] = ()
    """What it writes beside its tables: without one of them its output is not there."""
    reads_manifests: bool = False
    """Whether the result also depends on how its inputs were made, not only on their rows."""
    codes: Mapping[str, str] = field(default_factory=dict)
    """Code -> why the stage drops an item with it, as a phrase for a table."""
    show_details: Callable[[Counts], Sequence[str]] = no_lines
    """The details of its manifest as lines for a terminal."""
    sharded: Sharded | None = None
    """How other processes do it in shards; None: it is done in one piece."""
    put_in_place: Callable[[Upstream], Path] | None = None
    """Copies the finished output to where people look for it, and returns that place."""
