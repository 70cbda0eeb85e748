"""What publishing would change: each file of the folder against each file of the repository."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from pipeline.publish.files import LocalFile

KEPT = frozenset({".gitattributes"})
"""Files of a repository that the Hub itself made, and that no plan deletes."""


class Action(StrEnum):
    """What happens to one path of the repository."""

    ADD = "add"
    UPDATE = "update"
    DELETE = "delete"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file as the Hub lists it; large files have a SHA-256, small ones a git object id."""

    size: int
    git_oid: str
    sha256: str | None

    def holds(self, file: LocalFile) -> bool:
        """Whether the content is that of the local file."""
        if self.size != file.size:
            return False
        if self.sha256 is not None:
            return self.sha256 == file.sha256
        return self.git_oid == file.git_oid()


@dataclass(frozen=True, slots=True)
class Step:
    """One path and what happens to it; size and hash are those that it will have."""

    action: Action
    path: str
    size: int
    sha256: str | None
    file: LocalFile | None


@dataclass(frozen=True, slots=True)
class UploadPlan:
    """Every path of the folder and of the repository, sorted by path."""

    steps: tuple[Step, ...]

    @property
    def changes(self) -> tuple[Step, ...]:
        """The steps that are not "same"."""
        return tuple(step for step in self.steps if step.action is not Action.SAME)

    @property
    def upload_bytes(self) -> int:
        """The size of all files that are added or updated."""
        return sum(step.size for step in self.changes if step.file is not None)

    def count(self, action: Action) -> int:
        """How many paths the action is for."""
        return sum(step.action is action for step in self.steps)


def upload_plan(files: tuple[LocalFile, ...], remote: Mapping[str, RemoteFile]) -> UploadPlan:
    """The steps that make a repository with the files ``remote`` equal to ``files``."""
    steps = []
    for file in files:
        there = remote.get(file.path)
        kept = Action.SAME if there and there.holds(file) else Action.UPDATE
        action = Action.ADD if there is None else kept
        steps.append(Step(action, file.path, file.size, file.sha256, file))
    for path in remote.keys() - {file.path for file in files} - KEPT:
        steps.append(Step(Action.DELETE, path, remote[path].size, remote[path].sha256, None))
    return UploadPlan(tuple(sorted(steps, key=lambda step: step.path)))
