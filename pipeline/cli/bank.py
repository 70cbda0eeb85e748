"""``viconwsd bank``: sense vectors out of unlabelled sentences, for fast answers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli.options import config_option, model_option, release_option

if TYPE_CHECKING:
    from pipeline.cli.training_display import TrainingDisplay
    from pipeline.config import RunConfig
    from trainer.data import Item
    from trainer.senses.bank_reading import BankParts


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
    config, display = _session(config_path)
    from trainer.senses.bank_build import build_bank

    with display.shown():
        parts, sentences = _material(config, release_folder, model_path)
        built = build_bank(parts, sentences, config.senses.bank, config.folder, display.say)
    if built is None:
        display.say("up to date: settings, sentences and model are those of the bank")
    else:
        display.say(
            f"{built.n_sentences:,} sentences; {built.n_moved:,} senses have one's worth or more; "
            f"temperature {built.temperature:.2f}"
        )
    click.echo(str(config.folder / "bank"))
    return 0


@bank.command("distil")
@config_option
@release_option
@model_option
def distil_bank_of_run(
    config_path: Path, release_folder: Path | None, model_path: Path | None
) -> int:
    """Teach a student what the model says of the bank's sentences; a killed one goes on.

    It is the first layers of the model's backbone under a head of its own, and learns the senses'
    vectors too. `viconwsd disambiguate --fast` then asks it. Prints the folder.
    """
    config, display = _session(config_path)
    from trainer.senses.bank_fit import distil_bank

    with display.shown():
        parts, sentences = _material(config, release_folder, model_path)
        taught = distil_bank(parts, sentences, config.senses.bank, config.folder, display.say)
    if taught is None:
        display.say("up to date: settings, bank and model are those of the student")
    else:
        display.say(
            f"{taught.layers} layers, taught by {taught.n_sentences:,} sentences that the model "
            f"read and {taught.n_labelled:,} labelled ones"
        )
    click.echo(str(config.folder / "bank-student"))
    return 0


def _session(config_path: Path) -> tuple[RunConfig, TrainingDisplay]:
    from rich.console import Console

    from pipeline.cli.training_display import TrainingDisplay, quiet_libraries
    from pipeline.config import load_config

    config = load_config(config_path)
    quiet_libraries()
    return config, TrainingDisplay(Console(stderr=True, highlight=False))


def _material(
    config: RunConfig, release_folder: Path | None, model_path: Path | None
) -> tuple[BankParts, list[Item]]:
    """The model with what it may learn from, and the sentences: of the corpus, of the release."""
    from trainer.data.release import read_release
    from trainer.saved.model_folder import SavedModel
    from trainer.senses.bank_reading import BankParts
    from trainer.storage.manifest import check_files

    model = model_path or config.folder / "model"
    identity = check_files(model).identity
    data = read_release(release_folder or config.release_folder, config.language)
    ranker = SavedModel.open(model).ranker
    parts = BankParts(ranker, identity, data.split("train"), data.split("validation"))
    return parts, [*_of_corpus(config, parts), *data.split(*config.senses.bank.splits)]


def _of_corpus(config: RunConfig, parts: BankParts) -> list[Item]:
    """Sentences of the corpus that `senses build` has gathered; none where it has not run."""
    from trainer.senses.bank_reading import corpus_items
    from trainer.senses.build import kept_words
    from trainer.senses.folder import SensesFolder, opened_description

    folder = SensesFolder(config.folder / "senses")
    if not folder.dictionary.is_dir():
        return []
    gathered = kept_words(folder, opened_description(folder.dictionary))
    return corpus_items(gathered, parts.ranker.inventory, config.senses.bank.per_lemma)
