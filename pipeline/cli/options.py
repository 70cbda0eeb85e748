"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path

import click

config_option = click.option(
    "-c",
    "--config",
    "config_path",
    type=click.Path(path_type=Path),
    default=Path("run.toml"),
    show_default=True,
    help="The run's configuration; its folder is the run folder.",
)

release_option = click.option(
    "--release",
    "release_folder",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="A release folder, instead of that of a run.",
)
