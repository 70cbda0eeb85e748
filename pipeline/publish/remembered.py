"""What the last publication left on the Hub, so that other people's commits are noticed."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from pipeline.publish.destination import Repository
from schemas.files import explained, read_json, write_text


class Published(BaseModel):
    """A commit or pull request of ours: its id on the Hub and the digest of its files."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    commit: str
    digest: str
    url: str


class Remembered(BaseModel):
    """All publications to one repository, by branch; pull requests by the branch they are for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    endpoint: str
    repo: str
    kind: str
    branches: dict[str, Published] = {}
    pull_requests: dict[str, Published] = {}

    def with_branch(self, branch: str, published: Published) -> Remembered:
        """The same, with the branch now at ``published``."""
        return self.model_copy(update={"branches": {**self.branches, branch: published}})

    def with_pull_request(self, branch: str, published: Published) -> Remembered:
        """The same, with ``published`` waiting to be merged into the branch."""
        merged = {**self.pull_requests, branch: published}
        return self.model_copy(update={"pull_requests": merged})


def recall(folder: Path, endpoint: str, repository: Repository) -> Remembered:
    """What is remembered of a repository at an endpoint; nothing when there is no such file."""
    fresh = Remembered(endpoint=endpoint, repo=repository.repo_id, kind=repository.kind)
    path = _path(folder, fresh)
    with explained(path):
        if not path.exists():
            return fresh
    advice = "delete it, then publish with --onto COMMIT"
    known = read_json(path, Remembered, "a record of publications", advice)
    return known if known.endpoint == endpoint else fresh


def remember(folder: Path, known: Remembered) -> None:
    """Writes what is known, whole or not at all."""
    write_text(_path(folder, known), known.model_dump_json(indent=2) + "\n")


def _path(folder: Path, known: Remembered) -> Path:
    return folder / f"{known.kind}--{known.repo.replace('/', '--')}.json"
