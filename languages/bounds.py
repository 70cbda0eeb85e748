"""Default bounds of the checks, with a setting each in run.toml; and what a token is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

Span: TypeAlias = tuple[int, int]
"""The least and the most."""


@dataclass(frozen=True, slots=True)
class TextBounds:
    """Lengths are in the language's unit (``Segmentation.unit``), shares from 0 to 1."""

    gloss_length: Span
    context_length: Span
    longest_lemma: int
    """A lemma of more units is a description rather than a word."""
    min_well_formed: float
    """Share of a text's counted words that must be well formed."""
    min_telling: float
    """Share of its counted words that must be telling; see :mod:`languages.recognition`."""
    copied_run: int
    """Units of the runs of a gloss that a sentence should not repeat; shorter ones are shared
    by chance."""
    characters_per_token: int
    """In the tokenisers of today's models; only the forecast of `plan` rests on it."""
