"""Where a folder is published to."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.publish.repository import Repository
from schemas.errors import UsageError


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a folder goes, and how."""

    repository: Repository
    branch: str = "main"
    public: bool = False
    pull_request: bool = False
    tag: str | None = None
    onto: str | None = None
    """A commit made by others on which to build nevertheless (at least 7 characters)."""

    def __post_init__(self) -> None:
        if self.pull_request and self.branch != "main":
            raise UsageError("--pr is made against main: leave out --revision")
        if self.pull_request and self.tag is not None:
            raise UsageError("--tag names a commit of a branch: leave it out with --pr")
        if self.onto is not None and len(self.onto) < 7:
            raise UsageError(f"--onto {self.onto}: give at least 7 characters of the commit")
