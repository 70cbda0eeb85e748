"""``viconwsd export``: a trained model as a folder that opens without this project."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import click

from pipeline.cli.options import config_option, model_option, path_option

_GLOSSES_TRIED = 16
"""Texts at hand, read by the graph and by torch."""


@click.command()
@model_option
@config_option
@path_option("-o", "--output", "output_path", required=True, help="The folder to be written.")
@click.option(
    "--format",
    "_format",
    type=click.Choice(["hub"]),
    default="hub",
    show_default=True,
    help="hub: for transformers, with its code in one file.",
)
@click.option("--onnx", is_flag=True, help="Write the encoder as encoder.onnx too.")
@click.option(
    "--licence",
    metavar="NAME",
    help="Of weights and inventory, for the card.  [default: that of the run's release]",
)
def export(
    model_path: Path | None,
    config_path: Path,
    output_path: Path,
    _format: str,
    onnx: bool,
    licence: str | None,
) -> int:
    """Write a trained model as a folder that opens without viconwsd.

    AutoModel.from_pretrained(FOLDER, trust_remote_code=True) gives vectors of marked words and
    ranks their senses by cosine; README.md in it has a script. Prints the folder.
    """
    from pipeline.cli.training_display import quiet_libraries
    from pipeline.release.manifest import MANIFEST, ReleaseManifest
    from schemas.errors import UsageError
    from schemas.files import explained, replacing_folder, write_text

    with explained(output_path):
        if output_path.exists() and not (output_path.is_dir() and not any(output_path.iterdir())):
            raise UsageError(f"{output_path}: there is something already: name a new folder")
    for package in ("onnx", "onnxruntime") if onnx else ():
        import_module(package)  # a missing one is told before the model is opened
    release = config_path.parent / "release"
    if licence is None and model_path is None and (release / MANIFEST).is_file():
        licence = ReleaseManifest.read(release).licence
    quiet_libraries()
    from pipeline.card.model_card import README, compose_model_card
    from trainer.export.hub import write_hub_folder
    from trainer.export.onnx_graph import write_onnx
    from trainer.inference.marking import find_target
    from trainer.saved.model_folder import SavedModel
    from trainer.text.inputs import MarkedSentence

    saved = SavedModel.open(model_path or config_path.parent / "model")
    inventory = saved.ranker.inventory
    with replacing_folder(output_path) as folder:
        write_hub_folder(saved, folder, licence)
        if onnx:
            language = inventory.language
            tried = [find_target(language.card.example, language)]
            for gloss in inventory.glosses[:_GLOSSES_TRIED]:
                tried.append(MarkedSentence(gloss, 0, len(gloss.split()[0])))
            worst = write_onnx(saved.ranker.model, saved.ranker.inputs, tried, folder)
            click.echo(f"encoder.onnx differs from torch by {worst:.1e} at most", err=True)
        write_text(folder / README, compose_model_card(folder, output_path.resolve().name))
    click.echo(str(output_path))
    return 0
