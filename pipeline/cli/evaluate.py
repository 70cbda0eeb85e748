"""``viconwsd evaluate``: measures a trained model beside its baselines."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli.options import config_option, model_option, path_option, release_option

if TYPE_CHECKING:
    from pipeline.config import RunConfig
    from trainer.data import Inventory
    from trainer.evaluation.all_words import AllWords


@click.command()
@config_option
@model_option
@release_option
@path_option(
    "--output",
    "output_path",
    help="Where report, errors and plots go; by default `evaluation` in the run folder.",
)
@click.option("--plot", "lemmas", multiple=True, metavar="LEMMA", help="Plot this lemma's senses.")
@click.option("--projection", type=click.Choice(["pca", "umap"]), default="pca", show_default=True)
def evaluate(
    config_path: Path,
    model_path: Path | None,
    release_folder: Path | None,
    output_path: Path | None,
    lemmas: tuple[str, ...],
    projection: str,
) -> int:
    """Evaluate the run's model on the test splits, as the section [evaluate] says.

    Prints the tables; the report also goes into the model folder, for the model's card.
    """
    from rich.console import Console

    from pipeline.cli.training_display import TrainingDisplay, print_tables, quiet_libraries
    from pipeline.config import load_config

    config = load_config(config_path)
    quiet_libraries()
    from schemas.files import replacing
    from trainer.data.release import read_release
    from trainer.evaluation.plots import check_plots
    from trainer.evaluation.report import as_json, sections
    from trainer.evaluation.run import evaluate_model, write_evaluation
    from trainer.saved.model_folder import SavedModel

    display = TrainingDisplay(Console(stderr=True, highlight=False))
    settings = config.evaluate
    named = {"vicon": settings.vicon, "visim400": settings.visim400}
    paths = {key: str(config.resolve(path)) for key, path in named.items() if path is not None}
    settings = settings.model_copy(update=paths)
    data = read_release(release_folder or config.release_folder, config.language)
    all_words = _all_words(config, data.inventory)
    saved = SavedModel.open(model_path or config.folder / "model")
    output = output_path or config.folder / "evaluation"
    wanted = tuple(dict.fromkeys((*settings.plot_lemmas, *lemmas)))
    check_plots(wanted, data.split(*settings.splits), data.inventory, projection)
    with display.shown():
        evaluation = evaluate_model(saved, data, settings, display.say, all_words)
        for path in write_evaluation(output, evaluation, wanted, projection):
            display.say(f"wrote {path}")
    with replacing(saved.folder / "evaluation.json") as temporary:
        temporary.write_bytes(as_json(evaluation.report))
    print_tables(sections(evaluation.report))
    return 0


def _all_words(config: RunConfig, inventory: Inventory) -> AllWords | None:
    """The sets that the section names, over the inventory; None where it names none."""
    from pipeline.link.annotations import named_senses
    from schemas.errors import UsageError
    from trainer.evaluation.all_words import AllWords, read_all_words

    settings, source = config.evaluate, config.source
    if not settings.all_words:
        return None
    read = [item for path in settings.all_words for item in read_all_words(config.resolve(path))]
    wordnet = settings.wordnet or (source.path if source.kind == "princeton" else None)
    folder = None if wordnet is None else config.resolve(wordnet)
    named = named_senses(folder, inventory.synset_ids, config.language)
    if not named.synset_of:
        raise UsageError(
            "[evaluate] all_words is for releases whose synsets are Princeton WordNet's "
            '([source] kind = "princeton"), and this one has none of them: remove it'
        )
    return AllWords.of(read, inventory, named.synset_of, named.place_of)
