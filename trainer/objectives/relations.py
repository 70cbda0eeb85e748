"""Who is a positive of whom, and who must not be called a negative."""

from __future__ import annotations

import torch
from torch import Tensor

from trainer.objectives.cosine import cosine


def same(rows: Tensor, columns: Tensor) -> Tensor:
    """(n, m) booleans: the id of row i is the id of column j."""
    return rows[:, None] == columns[None, :]


def not_negatives(
    row_synsets: Tensor,
    column_synsets: Tensor,
    row_texts: Tensor,
    column_texts: Tensor,
    row_glosses: Tensor | None = None,
    column_glosses: Tensor | None = None,
    near: float | None = None,
) -> Tensor:
    """(n, m) booleans: column j is another synset whose gloss equals or nearly equals row i's.

    ``*_texts`` number the gloss texts: equal texts have equal numbers. With ``near`` two glosses
    are nearly equal when the cosine of their vectors reaches it. Such a pair is no evidence
    that the context means something else, so losses leave it out of their denominators.
    """
    alike = same(row_texts, column_texts)
    if near is not None and row_glosses is not None and column_glosses is not None:
        with torch.no_grad():
            alike = alike | (cosine(row_glosses, column_glosses) >= near)
    return alike & ~same(row_synsets, column_synsets)
