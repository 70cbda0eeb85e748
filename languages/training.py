"""What training and evaluation say to a model in a language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TrainingTexts:
    """The few texts that stand around words, glosses and sentences when a model reads them."""

    example_label: str
    """Stands between a gloss and a sentence that are read together: ``For example:``."""
    carriers: Mapping[str, tuple[str, ...]]
    """Per part of speech (``noun``, ``verb``, ``adj``) short sentences that tell nothing of the
    word at ``{}``: in them the vectors of two words are compared. As many for each."""
