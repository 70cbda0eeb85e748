"""What publishing refuses to do, before anything is uploaded."""

from __future__ import annotations

from pipeline.publish.destination import Destination
from pipeline.publish.hub import Hub, Remote
from pipeline.publish.hub_errors import MovedOnError
from pipeline.publish.plan import KEPT, UploadPlan
from pipeline.publish.remembered import Published
from schemas.errors import ServiceError, UsageError


def refuse_missing(destination: Destination, hub: Hub) -> None:
    """A missing repository is made, unless its name means another kind or --pr needs it."""
    repository = destination.repository
    kind = hub.other_kind(repository)
    if kind is not None:
        raise ServiceError(
            f"{repository.repo_id} is a {kind} repository, not a {repository.kind}: choose another "
            f"name (if you mean both to have it, create the {repository.kind} on the Hub first)"
        )
    if destination.pull_request:
        raise ServiceError(f"{repository} does not exist, so --pr has nothing to be made against")


def refuse_public(destination: Destination, remote: Remote) -> None:
    """Nothing is shown to all unless that was said."""
    if not remote.private and not destination.public:
        raise UsageError(
            f"{destination.repository} is public: say --public to publish where all can read"
        )


def refuse_moved_tag(destination: Destination, remote: Remote, plan: UploadPlan) -> None:
    """A tag names one commit for ever."""
    tag = destination.tag
    if tag is None or tag not in remote.tags:
        return
    if plan.changes or remote.tags[tag] != remote.head:
        raise UsageError(
            f"the tag {tag} already names commit {remote.tags[tag][:10]}: choose another tag"
        )


def refuse_moved_on(destination: Destination, remote: Remote, published: Published | None) -> None:
    """Lets pass: our own last commit, an untouched repository, a new branch, and --onto."""
    if destination.onto is not None:
        if not remote.head.startswith(destination.onto):
            raise MovedOnError(
                f"{destination.branch} of {destination.repository} is at {remote.head[:10]}, "
                f"not at --onto {destination.onto}: look at it again"
            )
        return
    if published is not None and published.commit == remote.head:
        return
    if not remote.branch_exists or remote.files.keys() <= KEPT:
        return
    last = f"not at our {published.commit[:10]}" if published else "which this run did not make"
    raise MovedOnError(
        f"{destination.branch} of {destination.repository} is at {remote.head[:10]}, {last}: "
        f"look at it, then publish on top with --onto {remote.head[:10]}, or with --pr"
    )
