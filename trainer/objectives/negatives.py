"""Which glosses and candidates are negatives of an item, and which only look like it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from trainer.objectives.losses import cosine


@dataclass(frozen=True, slots=True)
class GlossTable:
    """All gloss vectors (n, d) on the training device, with a number per distinct text (n,).

    A row stands for a synset.
    """

    vectors: Tensor
    texts: Tensor

    @classmethod
    def of(
        cls, vectors: NDArray[np.float32], text_numbers: Sequence[int], device: torch.device
    ) -> GlossTable:
        """A copy on the device, moved once."""
        return cls(
            torch.from_numpy(np.array(vectors)).to(device),
            torch.tensor(text_numbers, device=device),
        )


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


def false_negatives(
    gold: Tensor, others: Tensor, table: GlossTable, near: float | None = None
) -> Tensor:
    """Whether another synset than the gold one means the same, for each pair, broadcast.

    ``gold`` and ``others`` are gloss rows, for example (n, 1) against the batch's (1, m) or
    against its candidates (n, c); -1 in ``others`` is padding, and False. Training leaves false
    negatives out of its softmax; ranking and evaluation never do.
    """
    alike = same_gloss(gold, others.clamp(min=0), table, near)
    return alike & (gold != others) & (others >= 0)


def unseen(rows: Tensor, seen: frozenset[int]) -> Tensor:
    """Booleans like ``rows`` (gloss rows, -1 for none): a sense without training items.

    Such a sense is no negative of any item: it could only be learned as "never meant", and would
    then not be found where it is.
    """
    return (rows >= 0) & ~torch.isin(rows, torch.tensor(sorted(seen), dtype=torch.long))


def padded_rows(rows: Sequence[Sequence[int]]) -> Tensor:
    """(n, c) gloss rows, -1 where an item has fewer."""
    padded = torch.full((len(rows), max(map(len, rows), default=1)), -1, dtype=torch.long)
    for at, own in enumerate(rows):
        padded[at, : len(own)] = torch.tensor(own, dtype=torch.long)
    return padded
