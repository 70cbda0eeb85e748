"""The gloss table, and the one rule that says which of its glosses mean the same."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from trainer.objectives.cosine import cosine


@dataclass(frozen=True, slots=True)
class GlossTable:
    """All gloss vectors (n, d) on the training device, with a number per distinct text (n,).

    A row stands for a synset.
    """

    vectors: Tensor
    texts: Tensor


def same(rows: Tensor, columns: Tensor) -> Tensor:
    """(n, m) booleans: the id of row i is the id of column j."""
    return rows[:, None] == columns[None, :]


@torch.no_grad()
def same_gloss(left: Tensor, right: Tensor, table: GlossTable, near: float | None) -> Tensor:
    """Whether two rows of the gloss table mean the same, for each pair, broadcast.

    They do when they are one synset, when their texts are equal, and, with ``near``, when the
    cosine of their vectors reaches it. A context of one is then no evidence against the other,
    so no loss calls either a negative of the other. ``left`` and ``right`` are gloss rows, for
    example (n, 1) against (1, m), or (n, 1) against its candidates (n, c).
    """
    alike = (left == right) | (table.texts[left] == table.texts[right])
    if near is None or not alike.numel():
        return alike
    # Each distinct pair of rows once: broadcasting vectors would take n * c * d numbers.
    rows, row_at = torch.unique(left, return_inverse=True)
    columns, column_at = torch.unique(right, return_inverse=True)
    close = cosine(table.vectors[rows].float(), table.vectors[columns].float()) >= near
    return alike | close[row_at, column_at]


def not_negatives(
    rows: Tensor, columns: Tensor, table: GlossTable, near: float | None = None
) -> Tensor:
    """(n, m) booleans: gloss row j is another synset than gloss row i, yet means the same."""
    return same_gloss(rows[:, None], columns[None, :], table, near) & ~same(rows, columns)


def echoes(
    candidates: Tensor, gold: Tensor, table: GlossTable, near: float | None = None
) -> Tensor:
    """(n, c) booleans: the candidate is not the gold synset (n,), yet means the same.

    ``candidates`` (n, c) are gloss rows, -1 where there are fewer. Training leaves echoes out of
    the softmax over candidates; ranking and evaluation never do.
    """
    rows = candidates.clamp(min=0)
    alike = same_gloss(rows, gold[:, None], table, near)
    return alike & (rows != gold[:, None]) & (candidates >= 0)
