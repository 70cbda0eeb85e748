"""A data set that lies on the Hub: its rows alone, or all that makes it a release."""

from __future__ import annotations

import re
from pathlib import Path

from pipeline.publish.destination import Repository
from pipeline.publish.hub import Hub, Remote
from schemas.errors import UsageError
from schemas.files import replacing_folder

_EXAMPLES = re.compile(r"data/examples/[^/]+\.parquet")
_RELEASE = re.compile(
    r"(?:data|provenance)/(?:[\w.-]+/)?[\w.-]+\.parquet|manifest\.json|audit\.json"
)


def fetch_examples(repository: Repository, revision: str, into: Path, hub: Hub) -> None:
    """The tables of config ``examples`` at a branch, tag or commit, in the folders of a release."""
    remote = _remote(repository, revision, hub)
    paths = sorted(path for path in remote.files if _EXAMPLES.fullmatch(path))
    if not paths:
        raise UsageError(f"{hub.page(repository)} has no data/examples/*.parquet: it is no release")
    for path in paths:
        hub.fetch(repository, remote.head, path, into)


def fetch_release(repository: Repository, revision: str, cache: Path, hub: Hub) -> Path:
    """The folder of a release in a cache, by its commit; what is there is not fetched again."""
    remote = _remote(repository, revision, hub)
    folder = cache / repository.repo_id.replace("/", "--") / remote.head
    if folder.is_dir():
        return folder
    if "manifest.json" not in remote.files:
        raise UsageError(f"{hub.page(repository)} has no manifest.json: it is no release")
    with replacing_folder(folder) as new:
        for path in sorted(path for path in remote.files if _RELEASE.fullmatch(path)):
            hub.fetch(repository, remote.head, path, new)
    return folder


def _remote(repository: Repository, revision: str, hub: Hub) -> Remote:
    """What is there at a branch, tag or commit."""
    hub.check_online()
    remote = hub.find(repository, revision)
    if remote is None:
        raise UsageError(f"{hub.page(repository)} is not there, or not for your token to read")
    if not remote.branch_exists:
        raise UsageError(f"{hub.page(repository)} has no revision {revision}")
    return remote
