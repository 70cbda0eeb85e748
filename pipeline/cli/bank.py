"""``viconwsd bank``: sense vectors out of unlabelled sentences, for fast answers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli.options import config_option, model_option, release_option

if TYPE_CHECKING:
    from pipeline.config import RunConfig
    from trainer.data import Item
    from trainer.senses.bank_build import BankParts


@click.group()
def bank() -> None:
    """Have the trained model read unlabelled sentences once, so that answers come fast.

    `viconwsd disambiguate --fast` then reads a sentence alone, without its candidates' glosses.
    """


@bank.command("build")
@config_option
@release_option
@model_option
def build_bank_of_run(
    config_path: Path, release_folder: Path | None, model_path: Path | None
) -> int:
    """Build the bank of the run's model, as the section [senses.bank] says; a killed one goes on.

    No label of a sentence is read but those of training and validation. Prints the folder.
    """
    from rich.console import Console

    from pipeline.cli.training_display import TrainingDisplay, quiet_libraries
    from pipeline.config import load_config

    config = load_config(config_path)
    quiet_libraries()
    from trainer.data.release import read_release
    from trainer.saved.manifest import check_files
    from trainer.saved.model_folder import SavedModel
    from trainer.senses.bank_build import BankParts, build_bank

    display = TrainingDisplay(Console(stderr=True, highlight=False))
    settings, model = config.senses.bank, model_path or config.folder / "model"
    identity = check_files(model).identity
    data = read_release(release_folder or config.release_folder, config.language)
    with display.shown():
        ranker = SavedModel.open(model).ranker
        parts = BankParts(ranker, identity, data.split("train"), data.split("validation"))
        sentences = [*_of_corpus(config, parts), *data.split(*settings.splits)]
        built = build_bank(parts, sentences, settings, config.folder, display.say)
    if built is None:
        display.say("up to date: settings, sentences and model are those of the bank")
    else:
        display.say(
            f"{built.n_sentences:,} sentences; {built.n_moved:,} senses have one's worth or more; "
            f"temperature {built.temperature:.2f}"
        )
    click.echo(str(config.folder / "bank"))
    return 0


def _of_corpus(config: RunConfig, parts: BankParts) -> list[Item]:
    """Sentences of the corpus that `senses build` has gathered; none where it has not run."""
    from trainer.senses.bank_build import corpus_items
    from trainer.senses.build import kept_words
    from trainer.senses.folder import SensesFolder, opened_description

    folder = SensesFolder(config.folder / "senses")
    if not folder.dictionary.is_dir():
        return []
    gathered = kept_words(folder, opened_description(folder.dictionary))
    return corpus_items(gathered, parts.ranker.inventory, config.senses.bank.per_lemma)
