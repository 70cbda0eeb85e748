"""``viconwsd train``: trains the sense-aware encoder on the run's release."""

from __future__ import annotations

from pathlib import Path

import click

from pipeline.cli.options import config_option, release_option


@click.command()
@config_option
@release_option
@click.option(
    "--output",
    "output_path",
    type=click.Path(path_type=Path),
    help="Where the model folder goes; by default the run folder.",
)
def train(config_path: Path, release_folder: Path | None, output_path: Path | None) -> int:
    """Train on the release, as the section [train] says; a killed training goes on.

    Under `torchrun` several devices train as one. Prints the model folder.
    """
    from rich.console import Console

    from pipeline.cli.training_display import TrainingDisplay, quiet_libraries
    from pipeline.config import load_config

    config = load_config(config_path)
    quiet_libraries()
    from trainer.data.release import read_release
    from trainer.run import train_model
    from trainer.training.distributed import leave_crew

    display = TrainingDisplay(Console(stderr=True, highlight=False))
    data = read_release(release_folder or config.release_folder, ("train", "validation"))
    with display.shown():
        trained = train_model(
            data, config.train, output_path or config.folder, display.say, display.step
        )
    if trained.leads:
        display.say(f"{trained.fit.samples_per_second:,.0f} samples/s, {trained.fit.steps} steps")
        click.echo(str(trained.folder))
    leave_crew()
    return 0
