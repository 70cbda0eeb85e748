"""The rows of a data set that lies on the Hub, and nothing else of it."""

from __future__ import annotations

import re
from pathlib import Path

from pipeline.publish.destination import Repository
from pipeline.publish.hub import Hub
from schemas.errors import UsageError

_EXAMPLES = re.compile(r"data/examples/[^/]+\.parquet")


def fetch_examples(repository: Repository, revision: str, into: Path, hub: Hub) -> None:
    """The tables of config ``examples`` at a branch, tag or commit, in the folders of a release."""
    hub.check_online()
    remote = hub.find(repository, revision)
    if remote is None:
        raise UsageError(f"{hub.page(repository)} is not there, or not for your token to read")
    if not remote.branch_exists:
        raise UsageError(f"{hub.page(repository)} has no revision {revision}")
    paths = sorted(path for path in remote.files if _EXAMPLES.fullmatch(path))
    if not paths:
        raise UsageError(f"{hub.page(repository)} has no data/examples/*.parquet: it is no release")
    for path in paths:
        hub.fetch(repository, remote.head, path, into)
