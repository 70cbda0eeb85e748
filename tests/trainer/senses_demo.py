"""A dictionary of usages of the tiny release's contexts."""

from __future__ import annotations

from tiny_release import VI

from trainer.data import WsdData
from trainer.senses.build import CorpusToRead, build_senses
from trainer.senses.folder import DictionaryDescription, SensesFolder
from trainer.senses.settings import SensesSettings
from trainer.states.teacher import Teacher

SETTINGS = SensesSettings(
    min_count=2,
    width=6,
    max_length=64,
    segmenter="units",
    sample=60,
    held_out=0.2,
    restarts=2,
    choice="inventory",
)


class KilledError(Exception):
    """In the place of a kill: nothing handles it."""


def built_again(
    folder: SensesFolder, corpus: CorpusToRead, teacher: Teacher, data: WsdData
) -> DictionaryDescription | None:
    """Builds into the folder, or finds it built."""
    return build_senses(corpus, teacher, VI, data.inventory, SETTINGS, folder, lambda _: None)
