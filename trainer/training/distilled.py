"""The distilled meanings of a run as a signal of its ranker."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch

from schemas.errors import UsageError
from trainer.data import Item
from trainer.meanings.heads import MatrixHead
from trainer.meanings.model import DistilledModel, distilled_folder
from trainer.model import ViConBERT
from trainer.ranking.sense_meanings import SenseMeanings
from trainer.settings import TrainSettings
from trainer.states.kept import standardised_rows
from trainer.storage.pretrained import weights_digest


def open_distilled(folder: Path) -> DistilledModel:
    """What ``viconwsd distil train`` left in the run folder.

    UsageError where there is nothing, or where it was distilled from the model that is about to be
    trained, InputError where it or its backbone is damaged.
    """
    made = distilled_folder(folder)
    if not made.is_dir():
        raise UsageError(
            f"{made} is not there, which [train.ranker] distilled and query want: run `viconwsd "
            "distil train` first"
        )
    distilled = DistilledModel.open(made)
    if Path(distilled.about.backbone).resolve() == (folder / "model").resolve():
        raise UsageError(
            f"{made} was distilled from the model that is to be trained: set [distil] backbone to "
            "a pretrained one, or train without it"
        )
    return distilled


def sense_meanings(distilled: DistilledModel, items: Sequence[Item], folder: Path) -> SenseMeanings:
    """What each sense of the training items means, from states that the run folder keeps."""
    tokenized = distilled.teacher.inputs.tokenize_all([item.marked for item in items])
    states = folder / "distil" / "states"
    read = standardised_rows(distilled.teacher, tokenized, states, distilled.standardiser)
    vectors = distilled.chosen.meaning(read(range(len(items))))
    return SenseMeanings.of(items, vectors, distilled.vectors)


def set_query(model: ViConBERT, settings: TrainSettings, distilled: DistilledModel) -> None:
    """Has the attention of the model ask with distilled meanings.

    As the head sees standardised states, W times their mean over the target is the meaning of that
    layer. UsageError where the distilled model is none of that very layer.
    """
    config, about, head = model.backbone.config.get_text_config(), distilled.about, distilled.chosen
    n_layers = int(config.num_hidden_layers)
    layer = n_layers if settings.layer == -1 else settings.layer
    advice = "run `viconwsd distil train` so, or leave out [train] query"
    if not isinstance(head, MatrixHead) or distilled.standardiser.components is not None:
        raise UsageError(
            f'query = "distilled" takes a linear map of whole states, and {about.chosen!r} is '
            f'none: set [distil] distiller = "linear" and no reduce; {advice}'
        )
    if about.layers != (layer,) or about.echo != model.config.echo:
        raise UsageError(
            f'query = "distilled": the meanings are of the layers {list(about.layers)}'
            f"{' read twice' if about.echo else ''}, the head sees layer {layer}"
            f"{' read twice' if model.config.echo else ''}: set [distil] layers = [{layer}] and "
            f"the same echo; {advice}"
        )
    for name in ("max_length", "segmenter", "joined_words"):
        here, there = getattr(settings, name), getattr(about.settings, name)
        if here != there:
            raise UsageError(
                f'query = "distilled": {name} is {there!r} in [distil], {here!r} in [train]: make '
                f"them equal; {advice}"
            )
    if about.weights != weights_digest(model.backbone):
        raise UsageError(
            f'query = "distilled": the meanings are of another backbone ({about.backbone}), or of '
            "other precision: set [distil] backbone and backbone_dtype to those of [train]; "
            f"{advice}"
        )
    assert model.attention.query_map is not None  # as the settings say
    if head.matrix is not None:
        model.attention.query_map.copy_(torch.from_numpy(head.matrix))
