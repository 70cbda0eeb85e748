"""``viconwsd publish``: the release, or a model, to the Hugging Face Hub."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli.options import config_option, release_option

if TYPE_CHECKING:
    from rich.console import Console

    from pipeline.publish.destination import Destination
    from pipeline.publish.hub import Hub
    from pipeline.publish.plan import Plan
    from pipeline.publish.task import Task


@click.command()
@config_option
@release_option
@click.option(
    "--model",
    "model_folder",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="A trained model's folder, instead of a release.",
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
) -> None:
    """Publish the release, whole and checked, as one commit; again only what has changed.

    The token is HF_TOKEN or that of `hf auth login`. The commit's address is printed on
    standard output; --dry-run prints one line per file there: what would happen to it, its
    size in bytes, its SHA-256 and its path.
    """
    from rich.console import Console

    from pipeline.publish.destination import Destination
    from pipeline.publish.hub import Hub
    from pipeline.publish.publish import publish as publish_files
    from pipeline.publish.repository import Repository
    from pipeline.publish.task import open_task
    from pipeline.publish.transport import show_progress

    console = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
    show_progress(console.is_terminal)
    with open_task(config_path, release_folder, model_folder, say=console.print) as task:
        destination = Destination(
            Repository(task.kind, task.repo_id(repo)),
            branch=revision or task.settings.revision,
            public=task.settings.public if public is None else public,
            pull_request=pull_request,
            tag=tag,
            onto=onto,
        )
        hub = Hub()
        if dry_run:
            _print_plan(_dry_plan(task, destination, hub, console), console)
            return
        outcome = publish_files(
            task.files, destination, hub, task.memory, message=task.message, say=console.print
        )
    if not outcome.changed:
        console.print("nothing to upload: the repository holds these very files")
    click.echo(outcome.url)


def _dry_plan(task: Task, destination: Destination, hub: Hub, console: Console) -> Plan:
    """The plan against the repository, or against an empty one where the Hub cannot be asked."""
    from pipeline.publish.plan import make_plan
    from pipeline.publish.publish import look
    from schemas.errors import ViconwsdError

    try:
        outlook = look(task.files, destination, hub, task.memory)
    except ViconwsdError as error:
        console.print(f"publishing would stop: {error}")
        console.print("the plan below is that for a new repository")
        return make_plan(task.files, {})
    if outlook.remote is None:
        visibility = "public" if destination.public else "private"
        console.print(f"{destination.repository} would be created, {visibility}")
    elif outlook.done_before is not None:
        console.print(f"a pull request holds these very files: {outlook.done_before.url}")
    return outlook.plan


def _print_plan(plan: Plan, console: Console) -> None:
    from pipeline.publish.plan import Action
    from schemas.markdown import grouped, size

    for step in plan.steps:
        click.echo(f"{step.action.value:<6} {step.size:>12} {step.sha256 or '-':<64} {step.path}")
    counts = ", ".join(f"{plan.count(action)} {action.value}" for action in Action)
    console.print(
        f"{counts}; {grouped(plan.upload_bytes)} bytes ({size(plan.upload_bytes)}) at most to "
        "upload; nothing was changed"
    )
