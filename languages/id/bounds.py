"""Bounds for Indonesian texts, in words."""

from __future__ import annotations

from languages.bounds import TextBounds

BOUNDS = TextBounds(
    gloss_length=(3, 30),
    context_length=(5, 45),
    longest_lemma=6,
    min_well_formed=0.75,  # letters alone are a lenient test
    min_telling=0.1,  # ordinary sentences have 0.3 to 0.5, headlines less
    copied_run=4,
    characters_per_token=3,
)
