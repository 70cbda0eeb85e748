"""Bounds for Vietnamese texts, in syllables."""

from __future__ import annotations

from languages.bounds import TextBounds

BOUNDS = TextBounds(
    gloss_length=(4, 40),
    context_length=(6, 60),
    longest_lemma=8,
    min_well_formed=0.6,
    min_telling=0.15,  # text without its accents has none
    copied_run=4,
    characters_per_token=3,  # 2.5 to 3.5
)
