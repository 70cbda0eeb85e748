"""The distilled meanings of a run as a signal of its ranker."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from schemas.errors import UsageError
from trainer.data import Item
from trainer.meanings.model import DistilledModel, distilled_folder
from trainer.ranking.sense_meanings import SenseMeanings
from trainer.states.kept import standardised_rows


def open_distilled(folder: Path) -> DistilledModel:
    """What ``viconwsd distil train`` left in the run folder.

    UsageError where there is nothing, or where it was distilled from the model that is about to be
    trained, InputError where it or its backbone is damaged.
    """
    made = distilled_folder(folder)
    if not made.is_dir():
        raise UsageError(
            f"{made} is not there, which [train.ranker] distilled wants: run `viconwsd distil "
            "train` first"
        )
    distilled = DistilledModel.open(made)
    if Path(distilled.about.backbone).resolve() == (folder / "model").resolve():
        raise UsageError(
            f"{made} was distilled from the model that is to be trained: set [distil] backbone to "
            "a pretrained one, or leave out [train.ranker] distilled"
        )
    return distilled


def sense_meanings(distilled: DistilledModel, items: Sequence[Item], folder: Path) -> SenseMeanings:
    """What each sense of the training items means, from states that the run folder keeps."""
    tokenized = distilled.teacher.inputs.tokenize_all([item.marked for item in items])
    states = folder / "distil" / "states"
    read = standardised_rows(distilled.teacher, tokenized, states, distilled.standardiser)
    vectors = distilled.chosen.meaning(read(range(len(items))))
    return SenseMeanings.of(items, vectors, distilled.vectors)
