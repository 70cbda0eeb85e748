"""What a stage is: a value that says what it reads, writes and depends on, and one function."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.engine.manifest import StageManifest
from pipeline.engine.progress import Progress
from pipeline.engine.tally import UsageTally
from schemas.records import Record, Reject

if TYPE_CHECKING:
    from pipeline.llm.model import LanguageModel
    from pipeline.llm.request import Request
    from pipeline.llm.settings import EndpointSettings

OpenModel = Callable[["EndpointSettings"], "AbstractAsyncContextManager[LanguageModel]"]


@dataclass(frozen=True, slots=True)
class Upstream:
    """A finished stage that another one reads."""

    folder: Path
    manifest: StageManifest

    def table(self, name: str) -> Path:
        """The path of one of its tables."""
        return self.folder / f"{name}.parquet"


@dataclass(frozen=True, slots=True)
class Work:
    """What the function of a stage is given: its inputs, an empty folder, and where to report."""

    inputs: Mapping[str, Upstream]
    output: Path
    reject: Callable[[Reject], None]
    progress: Progress
    tally: UsageTally
    open_model: OpenModel

    def table(self, name: str) -> Path:
        """Where the stage writes a table of its own."""
        return self.output / f"{name}.parquet"


Counts = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Requests:
    """The first-round requests of a stage, for ``plan``: exact where its inputs are there."""

    endpoint: EndpointSettings
    listed: Callable[[Mapping[str, Upstream]], Iterator[Request[Any]]]
    estimated: Callable[[Counts], Estimate]


@dataclass(frozen=True, slots=True)
class Estimate:
    """About how many requests a stage would send, and of how many tokens each."""

    requests: int
    prompt_tokens: int
    completion_tokens: int


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of the pipeline, bound to its own section of the configuration."""

    name: str
    version: int
    inputs: tuple[str, ...]
    tables: Mapping[str, type[Record]]
    settings: Callable[[], Mapping[str, object]]
    """What can change the result, with the digests of the files that are read."""
    run: Callable[[Work], Awaitable[Counts]]
    requests: Requests | None = None
    reads_manifests: bool = False
    """Whether the result also depends on how its inputs were made, not only on their rows."""
