"""``viconwsd init``: a commented run.toml to start from."""

from __future__ import annotations

import os
from pathlib import Path

import click

from pipeline.cli.options import path_option
from pipeline.presets import DEMO, copy_demo, presets, run_toml


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--preset",
    type=click.Choice(presets()),
    default=DEMO,
    show_default=True,
    help="Which model is asked; demo replays recorded replies and needs no key.",
)
@path_option(
    "--source",
    help="The WordNet to read: a CSV folder, a .tar.xz, a .tab or an .xml file, or the folder of "
    "Princeton WordNet's files; demo has its own.",
)
@click.option(
    "--language",
    metavar="CODE",
    help="Of the WordNet; by default en for Princeton WordNet, else vi.",
)
@click.option(
    "--force", is_flag=True, help="Overwrite a run.toml, and the demo's files, that are there."
)
def init(folder: Path, preset: str, source: Path | None, language: str | None, force: bool) -> None:
    """Write a commented run.toml into FOLDER, which becomes a run folder.

    Everything that a run makes stays inside FOLDER. The demo's lexicon and replies are
    copied into it.
    """
    from schemas.errors import UsageError
    from schemas.files import write_text

    target = folder / "run.toml"
    if target.exists() and not force:
        raise UsageError(f"{target} is there already; edit it, or give --force to overwrite it")
    text = run_toml(preset, folder, source, language)
    if preset == DEMO:
        copied = copy_demo(folder, overwrite=force)
        click.echo(f"wrote {os.path.relpath(copied)}, the demo's lexicon, replies and sheets")
    write_text(target, text)
    shown = os.path.relpath(target)
    click.echo(f"wrote {shown}")
    click.echo(f"next: viconwsd plan -c {shown}, then viconwsd run -c {shown}", err=True)
