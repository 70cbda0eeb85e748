"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

C = TypeVar("C", bound=Callable[..., Any] | click.Command)


def path_option(*names: str, **more: Any) -> Callable[[C], C]:
    """An option whose value is a path, as :func:`click.option` makes it."""
    return click.option(*names, type=click.Path(path_type=Path), **more)


config_option = path_option(
    "-c",
    "--config",
    "config_path",
    default=Path("run.toml"),
    show_default=True,
    help="The run's configuration; its folder is the run folder.",
)
release_option = path_option(
    "--release",
    "release_folder",
    metavar="DIR",
    help="A release folder, instead of that of a run.",
)
model_option = path_option(
    "-m", "--model", "model_path", help="The model folder; by default `model` in the run folder."
)
