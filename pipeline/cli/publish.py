"""``viconwsd publish``: the release, or a model, to the Hugging Face Hub."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli.options import config_option, path_option, release_option

if TYPE_CHECKING:
    from pipeline.publish.destination import Destination
    from pipeline.publish.hub import Hub
    from pipeline.publish.plan import UploadPlan
    from pipeline.publish.task import PublishingTask


@click.command()
@config_option
@release_option
@path_option(
    "--model", "model_folder", metavar="DIR", help="A trained model's folder, instead of a release."
)
@click.option("--repo", metavar="USER/NAME", help="The repository.  [default: run.toml's]")
@click.option("--dry-run", is_flag=True, help="Print what would change; change nothing.")
@click.option("--public/--private", default=None, help="Open to all.  [default: private]")
@click.option("--revision", metavar="BRANCH", help="The branch to commit to.  [default: main]")
@click.option("--tag", metavar="NAME", help="Name the commit; a tag never moves.")
@click.option("--pr", "pull_request", is_flag=True, help="Open a pull request instead.")
@click.option(
    "--onto",
    metavar="COMMIT",
    help="Build on this commit although others made it; what it holds besides is deleted.",
)
@click.option("--with-pages", is_flag=True, help="Add the release's pages, under pages/.")
def publish(
    config_path: Path,
    release_folder: Path | None,
    model_folder: Path | None,
    repo: str | None,
    dry_run: bool,
    public: bool | None,
    revision: str | None,
    tag: str | None,
    pull_request: bool,
    onto: str | None,
    with_pages: bool,
) -> None:
    """Publish the release, whole and checked, as one commit; again only what has changed.

    The token is HF_TOKEN or that of `hf auth login`. The commit's address is printed on
    standard output; --dry-run prints one line per file there: what would happen to it, its
    size in bytes, its SHA-256 and its path.
    """
    from pipeline.config import load_config
    from pipeline.publish.destination import Destination, Repository
    from pipeline.publish.hub import Hub, show_progress
    from pipeline.publish.publish import publish_files
    from pipeline.publish.settings import PublishSettings
    from pipeline.publish.task import model_task, release_task
    from pipeline.split.pins import keep_pins
    from schemas.errors import UsageError

    if release_folder is not None and model_folder is not None:
        raise UsageError("--release and --model exclude each other: publish one after the other")
    if with_pages and model_folder is not None:
        raise UsageError("--with-pages is for a release: a model has no pages")
    settings = PublishSettings()
    if release_folder is None and model_folder is None:
        config = load_config(config_path)
        settings, release_folder = config.publish, config.release_folder
    repo = repo or settings.repo
    if repo is None:
        raise UsageError("which repository? give --repo USER/NAME")
    destination = Destination(
        Repository("dataset" if model_folder is None else "model", repo),
        branch=revision or settings.revision,
        public=settings.public if public is None else public,
        pull_request=pull_request,
        tag=tag,
        onto=onto,
    )
    show_progress(sys.stderr.isatty())
    opened: Callable[..., AbstractContextManager[PublishingTask]] = release_task
    if model_folder is not None:
        opened = model_task
    elif with_pages:
        from pipeline.view.export import pages_of

        opened = partial(release_task, pages=pages_of)
    folder = model_folder or release_folder
    assert folder is not None
    with opened(folder, _say) as task:
        hub = Hub()
        if dry_run:
            _print_plan(_dry_plan(task, destination, hub))
            return
        done = publish_files(
            task.files, destination, hub, task.memory, message=task.message, say=_say
        )
        if task.kind == "dataset" and not pull_request:
            keep_pins(folder, task.memory / "splits.parquet")
    if not done.changed:
        _say("nothing to upload: the repository holds these very files")
    click.echo(done.url)


def _say(line: str) -> None:
    click.echo(line, err=True)


def _dry_plan(task: PublishingTask, destination: Destination, hub: Hub) -> UploadPlan:
    """The plan against the repository, or against an empty one where the Hub cannot be asked."""
    from pipeline.publish.plan import upload_plan
    from pipeline.publish.publish import look
    from schemas.errors import ViconwsdError

    try:
        outlook = look(task.files, destination, hub, task.memory)
    except ViconwsdError as error:
        _say(f"publishing would stop: {error}")
        _say("the plan below is that for a new repository")
        return upload_plan(task.files, {})
    if outlook.remote is None:
        visibility = "public" if destination.public else "private"
        _say(f"{destination.repository} would be created, {visibility}")
    elif outlook.done_before is not None:
        _say(f"a pull request holds these very files: {outlook.done_before.url}")
    return outlook.plan


def _print_plan(plan: UploadPlan) -> None:
    from pipeline.publish.plan import Action
    from schemas.markdown import grouped, size

    for step in plan.steps:
        path = step.path if step.path.isprintable() else repr(step.path)
        click.echo(f"{step.action.value:<6} {step.size:>12} {step.sha256 or '-':<64} {path}")
    counts = ", ".join(f"{plan.count(action)} {action.value}" for action in Action)
    _say(
        f"{counts}; {grouped(plan.upload_bytes)} bytes ({size(plan.upload_bytes)}) at most to "
        "upload; nothing was changed"
    )
