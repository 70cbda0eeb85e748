"""``viconwsd init``: a commented run.toml to start from."""

from __future__ import annotations

import os
from pathlib import Path

import click

PRESETS = ("demo", "openai", "gemini", "vllm", "ollama", "llama-cpp")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--preset",
    type=click.Choice(PRESETS),
    default="demo",
    show_default=True,
    help="Which model is asked; demo replays recorded replies and needs no key.",
)
@click.option(
    "--source",
    type=click.Path(path_type=Path),
    help="The WordNet to read: a CSV folder, a .tar.xz, a .tab or an .xml file.",
)
@click.option("--force", is_flag=True, help="Overwrite a run.toml that is there.")
def init(folder: Path, preset: str, source: Path | None, force: bool) -> None:
    """Write a commented run.toml into FOLDER, which becomes a run folder.

    Everything that a run makes stays inside FOLDER.
    """
    from pipeline.presets import run_toml
    from schemas.errors import UsageError
    from schemas.files import write_text

    target = folder / "run.toml"
    if target.exists() and not force:
        raise UsageError(f"{target} is there already; edit it, or give --force to overwrite it")
    write_text(target, run_toml(preset, folder, source))
    shown = os.path.relpath(target)
    click.echo(f"wrote {shown}")
    click.echo(f"next: viconwsd plan -c {shown}, then viconwsd run -c {shown}", err=True)
