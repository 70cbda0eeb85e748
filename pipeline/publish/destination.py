"""Where a folder is published to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from schemas.errors import UsageError
from schemas.secrets import masked

Kind = Literal["dataset", "model"]

_NAME = re.compile(r"\w[\w.-]*/\w[\w.-]*", re.ASCII)
_REF = re.compile(r"\w(?:[\w./-]*\w)?")


def _is_ref(name: str) -> bool:
    """Whether git takes the name for a branch or a tag; it takes some more."""
    return bool(_REF.fullmatch(name)) and not re.search(r"\.\.|//|/\.|\.lock", name)


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository of the Hub: its kind and USER/NAME."""

    kind: Kind
    repo_id: str

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.repo_id):
            raise UsageError(f"--repo {masked(self.repo_id)!r}: a repository is USER/NAME")

    def __str__(self) -> str:
        return f"{'data set' if self.kind == 'dataset' else self.kind} {self.repo_id}"


def data_set_at(text: str) -> tuple[Repository, str] | None:
    """USER/NAME or USER/NAME@REVISION, main where none is given; None where it is neither."""
    name, _, revision = text.partition("@")
    if not _NAME.fullmatch(name) or not _is_ref(revision or "main"):
        return None
    return Repository("dataset", name), revision or "main"


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
        for option, name in (("--revision", self.branch), ("--tag", self.tag)):
            if name is not None and not _is_ref(name):
                raise UsageError(
                    f"{option} {masked(name)!r}: give a name of letters, digits, '.', '-', '_', '/'"
                )
        if self.pull_request and self.branch != "main":
            raise UsageError("--pr is made against main: leave out --revision")
        if self.pull_request and self.tag is not None:
            raise UsageError("--tag names a commit of a branch: leave it out with --pr")
        if self.onto is not None and len(self.onto) < 7:
            raise UsageError(f"--onto {self.onto}: give at least 7 characters of the commit")
