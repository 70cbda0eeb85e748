"""Publishing a folder: look, refuse what would overwrite, upload, commit once, remember."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.publish.destination import Destination
from pipeline.publish.files import LocalFile, digest_of
from pipeline.publish.hub import Committed, Hub, Remote
from pipeline.publish.hub_errors import BusyError, MovedOnError
from pipeline.publish.plan import UploadPlan, upload_plan
from pipeline.publish.refusals import (
    refuse_missing,
    refuse_moved_on,
    refuse_moved_tag,
    refuse_public,
)
from pipeline.publish.remembered import Published, Remembered, recall, remember
from schemas.errors import ServiceError

_COMMIT_ATTEMPTS = 4


@dataclass(frozen=True, slots=True)
class Outlook:
    """What publishing would do, after a look at the repository."""

    plan: UploadPlan
    remote: Remote | None
    known: Remembered
    done_before: Published | None
    """The open pull request that carries these very files already."""


@dataclass(frozen=True, slots=True)
class Publication:
    """What publishing did."""

    plan: UploadPlan
    url: str
    commit: str
    created: bool
    changed: bool


def look(files: tuple[LocalFile, ...], destination: Destination, hub: Hub, memory: Path) -> Outlook:
    """The plan, or a refusal in one line; nothing is changed anywhere."""
    repository = destination.repository
    hub.check_token()
    known = recall(memory, hub.endpoint, repository)
    remote = hub.find(repository, destination.branch)
    if remote is None:
        refuse_missing(destination, hub)
        return Outlook(upload_plan(files, {}), None, known, None)
    plan = upload_plan(files, remote.files)
    refuse_public(destination, remote)
    refuse_moved_tag(destination, remote, plan)
    if plan.changes and not destination.pull_request:
        refuse_moved_on(destination, remote, known.branches.get(destination.branch))
    waiting = known.pull_requests.get(destination.branch) if destination.pull_request else None
    same = waiting is not None and waiting.digest == digest_of(files)
    return Outlook(plan, remote, known, waiting if same else None)


def publish_files(
    files: tuple[LocalFile, ...],
    destination: Destination,
    hub: Hub,
    memory: Path,
    *,
    message: str,
    say: Callable[[str], None],
) -> Publication:
    """Makes the branch (or a pull request) hold exactly ``files``; one commit, or none.

    ``memory`` is the folder of the run in which commits are remembered. Running it again after
    an interruption uploads only what the Hub does not have yet.
    """
    outlook = look(files, destination, hub, memory)
    repository, plan, known = destination.repository, outlook.plan, outlook.known
    if (before := outlook.done_before) is not None:
        return Publication(plan, before.url, before.commit, created=False, changed=False)
    remote = _prepared(outlook.remote, destination, hub, say)
    created = outlook.remote is None
    if created:
        plan = upload_plan(files, remote.files)
    changed = created or bool(plan.changes)
    if changed:
        say(f"uploading {len(plan.changes)} of {len(plan.steps)} files to {repository}")
        done = _commit(files, plan, destination, hub, remote.head, message)
    else:
        done = Committed(remote.head, _commit_page(hub, destination, remote.head))
    published = Published(commit=done.oid, digest=digest_of(files), url=done.url)
    if not destination.pull_request:
        if known.branches.get(destination.branch) != published:
            remember(memory, known.with_branch(destination.branch, published))
        if destination.tag is not None and remote.tags.get(destination.tag) != done.oid:
            hub.tag(repository, destination.tag, done.oid)
        if destination.public and remote.private:
            hub.open_to_all(repository)
    elif changed:
        remember(memory, known.with_pull_request(destination.branch, published))
    return Publication(plan, done.url, done.oid, created=created, changed=changed)


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
    plan: UploadPlan,
    destination: Destination,
    hub: Hub,
    parent: str,
    message: str,
) -> Committed:
    """Uploads and commits; when the answer is lost, looks whether the commit is there."""
    description = f"content {digest_of(files)}"
    attempt = 1
    while True:
        try:
            return hub.commit(
                destination, plan.changes, message=message, description=description, parent=parent
            )
        except ServiceError as error:
            if destination.pull_request:
                raise ServiceError(
                    f"{error} (look at {hub.page(destination.repository)}/discussions first: "
                    "the pull request may be open)"
                ) from error
            now = hub.find(destination.repository, destination.branch)
            if now is not None and not upload_plan(files, now.files).changes:
                return Committed(now.head, _commit_page(hub, destination, now.head))
            if isinstance(error, MovedOnError):
                raise MovedOnError(f"{error}; look at it, then run again") from error
            if attempt == _COMMIT_ATTEMPTS or not isinstance(error, BusyError):
                raise
            hub.pause(attempt)
            attempt += 1


def _commit_page(hub: Hub, destination: Destination, commit: str) -> str:
    return f"{hub.page(destination.repository)}/commit/{commit}"
