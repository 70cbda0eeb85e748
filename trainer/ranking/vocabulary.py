"""The pieces over which likelihoods are normalised."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

from trainer.text.pieces import Pieces
from trainer.text.words import split_syllables, words_of


def likelihood_vocabulary(pieces: Pieces, texts: Iterable[str]) -> Tensor:
    """(k,) sorted ids of every piece that the texts need, at the start of a text and inside."""
    found: set[int] = set()
    for text in texts:
        found.update(pieces.of_words(words_of(text, split_syllables)))
        found.update(pieces.of_words(words_of(f" {text}", split_syllables)))
    return torch.tensor(sorted(found), dtype=torch.long)
