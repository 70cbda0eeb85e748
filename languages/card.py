"""What cards of data and of models say in the data's language; the rest of a card is English."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CardFigures:
    """What the summary of a release tells."""

    name: str
    examples: int
    senses: int
    lemmas: int
    same_pos_lemmas: int
    """Lemmas with two or more senses of one part of speech."""
    source: str
    """The name of the WordNet."""
    licence: str
    recorded: bool
    """Replies were replayed from recordings: the release is a demonstration."""
    audited: bool
    """People have judged a sample."""
    clean: bool
    """No part of the release leaks into another."""


@dataclass(frozen=True, slots=True)
class PlotText:
    """The words of one plot."""

    title: str
    x: str
    """Along the bottom."""
    caption: str
    """What the plot shows, in a sentence."""
    y: str = ""


@dataclass(frozen=True, slots=True)
class PlotTexts:
    """The words of all plots of a data card."""

    senses_per_lemma: PlotText
    log_scale: str
    """Stands in brackets behind a label whose axis is logarithmic."""
    contexts_per_sense: PlotText
    """``{wanted}`` in the caption is the number of contexts that each sense was to get."""
    wanted: str
    """The same in two or three words."""
    rejections_by_code: PlotText
    audit_by_stratum: PlotText


@dataclass(frozen=True, slots=True)
class OwnCardTexts:
    """The paragraphs of a card in the language of the data, for those who do not read English."""

    heading: str
    summary: Callable[[CardFigures], str]
    """A paragraph on the release, numbers as the language writes them."""
    model_summary: str
    """A paragraph on what a trained model does."""
    plots: PlotTexts
    """Stand before the English words."""


@dataclass(frozen=True, slots=True)
class CardTexts:
    """The language's part in data cards and model cards."""

    example: str
    """A short sentence with its target in ``[[...]]``, as the model card's example of use."""
    own: OwnCardTexts | None
    """None for English, in which cards are written anyway."""
