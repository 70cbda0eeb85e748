"""``viconwsd distil``: meaning vectors of words in context, distilled from a frozen backbone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli.options import config_option, path_option, release_option

if TYPE_CHECKING:
    from pipeline.config import RunConfig


@click.group()
def distil() -> None:
    """Distil meaning vectors of words in context, and measure them beside their baselines."""


@distil.command("train")
@config_option
@release_option
@click.option("--again", is_flag=True, help="Distil anew although nothing has changed.")
@path_option("--output", "output_path", help="Where `distilled` goes; by default the run folder.")
def distil_train(
    config_path: Path, release_folder: Path | None, again: bool, output_path: Path | None
) -> int:
    """Distil from the release, as the section [distil] says; killed, it goes on.

    Prints the folder.
    """
    from rich.console import Console

    from pipeline.cli.training_display import TrainingDisplay, quiet_libraries
    from pipeline.config import load_config

    config = load_config(config_path)
    backbone, settings = _backbone(config), config.distil
    if settings.backbone is None and settings.threads is None:  # a small encoder brings its own
        settings = settings.model_copy(update={"threads": config.train.threads})
    quiet_libraries()
    from trainer.data.release import read_english, read_release, read_rephrasings
    from trainer.distil.run import train_distiller

    display = TrainingDisplay(Console(stderr=True, highlight=False))
    release = release_folder or config.release_folder
    data = read_release(release, config.language, ("train", "validation"))
    with display.shown():
        made = train_distiller(
            data,
            settings,
            backbone,
            output_path or config.folder,
            display.say,
            again,
            read_english(release),
            read_rephrasings(release),
        )
    click.echo(str(made))
    return 0


@distil.command("evaluate")
@config_option
@release_option
@path_option(
    "-m", "--model", "model_path", help="The folder; by default `distilled` in the run folder."
)
@path_option("--output", "output_path", help="Where the report goes; by default `evaluation`.")
def distil_evaluate(
    config_path: Path,
    release_folder: Path | None,
    model_path: Path | None,
    output_path: Path | None,
) -> int:
    """Measure all kinds of vectors side by side, on the sets that [distil.evaluate] names.

    Prints the tables; `distil.json` and `distil.md` hold them too.
    """
    from rich.console import Console

    from pipeline.cli.training_display import TrainingDisplay, print_tables, quiet_libraries
    from pipeline.config import load_config

    config = load_config(config_path)
    settings = config.distil.evaluate
    quiet_libraries()
    from trainer.benchsets.linked import linked_set
    from trainer.benchsets.named import read_sets
    from trainer.data.release import read_release
    from trainer.distil.evaluate import evaluate_distilled, release_set, write_distil_report
    from trainer.distil.report import distil_sections
    from trainer.meanings.model import DistilledModel, distilled_folder

    display = TrainingDisplay(Console(stderr=True, highlight=False))
    model = DistilledModel.open(model_path or distilled_folder(config.folder))
    sets = read_sets(settings.sets, config.resolve, config.language)
    if settings.release:
        release = release_folder or config.release_folder
        data = read_release(release, config.language)
        across = linked_set(release, settings.splits, config.language)
        sets = [release_set(data, settings.splits), *([across] if across.test else []), *sets]
    with display.shown():
        report = evaluate_distilled(
            model, sets, settings, config.folder / "distil" / "states", display.say
        )
        for path in write_distil_report(output_path or config.folder / "evaluation", report):
            display.say(f"wrote {path}")
    print_tables(distil_sections(report))
    return 0


def _backbone(config: RunConfig) -> str:
    """The backbone of [distil], or the run's own model; UsageError where there is neither."""
    from schemas.errors import UsageError

    if config.distil.backbone is not None:
        own = config.resolve(config.distil.backbone)
        return str(own) if own.is_dir() else config.distil.backbone
    model = config.folder / "model"
    if not model.is_dir():
        raise UsageError(
            f"{model} is not there to be distilled: run `viconwsd train` first, or set [distil] "
            "backbone to a pretrained model"
        )
    return str(model)
