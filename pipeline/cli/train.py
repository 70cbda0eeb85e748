"""``viconwsd train``: trains the sense-aware encoder on the run's release."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import click

from pipeline.cli.options import config_option, path_option, release_option


@click.command()
@config_option
@release_option
@click.option("--again", is_flag=True, help="Train anew although nothing has changed.")
@path_option(
    "--output", "output_path", help="Where the model folder goes; by default the run folder."
)
def train(
    config_path: Path, release_folder: Path | None, again: bool, output_path: Path | None
) -> int:
    """Train on the release, as the section [train] says; a killed training goes on.

    A model that the same settings made of the same data is left as it is. Under `torchrun`
    several devices train as one. Prints the model folder.
    """
    from rich.console import Console

    from pipeline.cli.training_display import TrainingDisplay, quiet_libraries
    from pipeline.config import load_config

    config = load_config(config_path)
    quiet_libraries()
    from trainer.data.release import read_release
    from trainer.training.distributed import is_main_process, leave_process_group
    from trainer.training.run import is_trained, model_folder, train_model

    display = TrainingDisplay(Console(stderr=True, highlight=False))
    release = release_folder or config.release_folder
    data = read_release(release, config.language, ("train", "validation"))
    folder = output_path or config.folder
    if not again and is_trained(data, config.train, folder):
        if is_main_process():
            display.say(
                "up to date: settings and data are those of the model (--again trains anew)"
            )
            click.echo(str(model_folder(folder)))
        return 0
    with display.shown() if is_main_process() else nullcontext():
        trained = train_model(data, config.train, folder, display.say, display.step)
    if trained.is_main:
        done = trained.summary
        display.say(f"{done.samples_per_second:,.0f} samples/s, {done.steps} steps")
        click.echo(str(trained.folder))
    leave_process_group()
    return 0
