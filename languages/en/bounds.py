"""Bounds for English texts, in words."""

from __future__ import annotations

from languages.bounds import TextBounds

BOUNDS = TextBounds(
    gloss_length=(3, 40),  # of Princeton WordNet's definitions 96 % are that long
    context_length=(4, 40),
    longest_lemma=8,
    min_well_formed=0.7,
    min_telling=0.1,
    copied_run=4,
    characters_per_token=4,
)
