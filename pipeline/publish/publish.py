"""Publishing a folder: look, refuse what would overwrite, upload, commit once, remember."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.publish.destination import Destination
from pipeline.publish.files import LocalFile, digest_of
from pipeline.publish.hub import Committed, Hub, Remote
from pipeline.publish.hub_errors import BusyError, MovedOnError
from pipeline.publish.plan import Plan, make_plan
from pipeline.publish.refusals import (
    refuse_missing,
    refuse_moved_on,
    refuse_moved_tag,
    refuse_public,
)
from pipeline.publish.remembered import Published, Remembered, memory_path, recall, remember
from pipeline.publish.repository import Repository
from schemas.errors import ServiceError

_COMMIT_ATTEMPTS = 4


@dataclass(frozen=True, slots=True)
class Outlook:
    """What publishing would do, after a look at the repository."""

    plan: Plan
    digest: str
    remote: Remote | None
    done_before: Published | None
    """The open pull request that carries these very files already."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What publishing did."""

    plan: Plan
    url: str
    commit: str | None
    created: bool
    changed: bool


def look(files: tuple[LocalFile, ...], destination: Destination, hub: Hub, memory: Path) -> Outlook:
    """The plan, or a refusal in one line; nothing is changed anywhere."""
    repository = destination.repository
    account = hub.account()
    if account.read_only:
        raise ServiceError(
            f"the token of {account.name} may only read: make one that may write at "
            f"{hub.endpoint}/settings/tokens"
        )
    remote = hub.find(repository, destination.branch)
    digest = digest_of(files)
    if remote is None:
        refuse_missing(destination, hub)
        return Outlook(make_plan(files, {}), digest, None, None)
    plan = make_plan(files, remote.files)
    known = _recall(memory, hub, repository)
    refuse_public(destination, remote)
    refuse_moved_tag(destination, remote, plan)
    if plan.changes and not destination.pull_request:
        refuse_moved_on(destination, remote, known.branches.get(destination.branch))
    waiting = known.pull_requests.get(destination.branch) if destination.pull_request else None
    same = waiting is not None and waiting.digest == digest
    return Outlook(plan, digest, remote, waiting if same else None)


def publish(
    files: tuple[LocalFile, ...],
    destination: Destination,
    hub: Hub,
    memory: Path,
    *,
    message: str,
    say: Callable[[str], None],
) -> Outcome:
    """Makes the branch (or a pull request) hold exactly ``files``; one commit, or none.

    ``memory`` is the folder of the run in which commits are remembered. Running it again after
    an interruption uploads only what the Hub does not have yet.
    """
    outlook = look(files, destination, hub, memory)
    repository, created = destination.repository, outlook.remote is None
    if not outlook.plan.changes and outlook.remote is not None:
        return _unchanged(outlook, outlook.remote, destination, hub, memory)
    if outlook.done_before is not None:
        before = outlook.done_before
        return Outcome(outlook.plan, before.url, before.commit, created=False, changed=False)
    remote = _prepared(outlook.remote, destination, hub, say)
    plan = make_plan(files, remote.files)
    say(f"uploading {len(plan.changes)} of {len(plan.steps)} files to {repository}")
    committed = _commit(files, plan, destination, hub, remote, message, outlook.digest)
    published = Published(commit=committed.oid, digest=outlook.digest, url=committed.url)
    known = _recall(memory, hub, repository)
    if destination.pull_request:
        _remember(memory, known.with_pull_request(destination.branch, published))
    else:
        _remember(memory, known.with_branch(destination.branch, published))
        _finish(destination, hub, remote, committed.oid)
    return Outcome(plan, committed.url, committed.oid, created=created, changed=True)


def _prepared(
    remote: Remote | None, destination: Destination, hub: Hub, say: Callable[[str], None]
) -> Remote:
    """The branch, made together with its repository where they are missing."""
    repository, branch = destination.repository, destination.branch
    if remote is None:
        say(f"creating the {'public' if destination.public else 'private'} {repository}")
        hub.create(repository, private=not destination.public)
        remote = hub.find(repository, branch)
        if remote is None:
            raise ServiceError(f"{repository} was created but cannot be seen yet: run again")
    if not remote.branch_exists:
        hub.create_branch(repository, branch, remote.head)
        remote = replace(remote, branch_exists=True)
    return remote


def _commit(
    files: tuple[LocalFile, ...],
    plan: Plan,
    destination: Destination,
    hub: Hub,
    remote: Remote,
    message: str,
    digest: str,
) -> Committed:
    """Uploads and commits; when the answer is lost, looks whether the commit is there."""
    repository, branch = destination.repository, destination.branch
    operations = hub.upload(repository, branch, plan.changes, pull_request=destination.pull_request)
    for attempt in range(1, _COMMIT_ATTEMPTS + 1):
        try:
            return hub.commit(
                repository,
                branch,
                operations,
                message=message,
                description=f"content {digest}",
                parent=remote.head,
                pull_request=destination.pull_request,
            )
        except MovedOnError as error:
            now = hub.find(repository, branch)
            if now is not None and not make_plan(files, now.files).changes:
                return Committed(now.head, f"{hub.page(repository)}/commit/{now.head}")
            raise MovedOnError(f"{error}; look at it, then run again") from error
        except ServiceError as error:
            if destination.pull_request:
                raise ServiceError(
                    f"{error} (look at {hub.page(repository)}/discussions first: "
                    "the pull request may be open)"
                ) from error
            now = hub.find(repository, branch)
            if now is not None and not make_plan(files, now.files).changes:
                return Committed(now.head, f"{hub.page(repository)}/commit/{now.head}")
            if attempt == _COMMIT_ATTEMPTS or not isinstance(error, BusyError):
                raise
            hub.pause(attempt)
    raise AssertionError("the loop returns or raises")


def _unchanged(
    outlook: Outlook, remote: Remote, destination: Destination, hub: Hub, memory: Path
) -> Outcome:
    """The branch holds the files already: nothing is uploaded; tag and visibility may follow."""
    url = f"{hub.page(destination.repository)}/commit/{remote.head}"
    if not destination.pull_request:
        known = _recall(memory, hub, destination.repository)
        published = Published(commit=remote.head, digest=outlook.digest, url=url)
        if known.branches.get(destination.branch) != published:
            _remember(memory, known.with_branch(destination.branch, published))
        if not remote.branch_exists:
            hub.create_branch(destination.repository, destination.branch, remote.head)
        _finish(destination, hub, remote, remote.head)
    return Outcome(outlook.plan, url, remote.head, created=False, changed=False)


def _finish(destination: Destination, hub: Hub, remote: Remote, commit: str) -> None:
    if destination.tag is not None and remote.tags.get(destination.tag) != commit:
        hub.tag(destination.repository, destination.tag, commit)
    if destination.public and remote.private:
        hub.open_to_all(destination.repository)


def _recall(memory: Path, hub: Hub, repository: Repository) -> Remembered:
    path = memory_path(memory, repository.kind, repository.repo_id)
    return recall(path, hub.endpoint, repository.kind, repository.repo_id)


def _remember(memory: Path, known: Remembered) -> None:
    remember(memory_path(memory, known.kind, known.repo), known)
