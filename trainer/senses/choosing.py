"""Which usage of its word a vector is, and the student's loss for naming another one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from trainer.senses.kmeans import Floats
from trainer.senses.settings import Similarity


def usage_logits(
    vectors: Tensor, usages: Tensor, known: Tensor, similarity: Similarity, temperature: float
) -> Tensor:
    """(B, k) scores of usages (B, k, w) for vectors (B, w); -inf where ``known`` (B, k) is not.

    nearest: -|h - S_j|^2 / (2 temperature); dot: h S_j, as in the paper. Padding would be worth 0
    in the paper's code, more than any usage with a negative score.
    """
    if similarity == "dot":
        scores = torch.einsum("bw,bkw->bk", vectors, usages)
    else:
        scores = -(vectors[:, None, :] - usages).square().sum(dim=2) / (2.0 * temperature)
    return scores.masked_fill(~known, -torch.inf)


def labels_of(
    vectors: Tensor, usages: Tensor, known: Tensor, similarity: Similarity = "nearest"
) -> Tensor:
    """(B,) the usage of the highest score."""
    return usage_logits(vectors, usages, known, similarity, 1.0).argmax(dim=1)


def chosen_usages(
    vectors: Floats,
    usages: Floats,
    known: NDArray[np.bool_],
    similarity: Similarity = "nearest",
) -> NDArray[np.int64]:
    """:func:`labels_of` for arrays."""
    tensors = (torch.from_numpy(vectors), torch.from_numpy(usages), torch.from_numpy(known))
    return np.asarray(labels_of(*tensors, similarity=similarity).numpy())


@dataclass(frozen=True, slots=True)
class UsageLoss:
    """What a student's vectors h (B, w) cost beside the teacher's, over the usages of their words.

    The cross entropy of the usage that the teacher's vector has, where a word has several; times
    ``soft`` the divergence of the student's shares from the teacher's; times ``regression`` the
    mean squared difference of the vectors, for all words. Each is a mean over the words that it
    is for, and nothing where there is none.
    """

    similarity: Similarity = "nearest"
    temperature: float = 1.0
    choice: float = 1.0
    soft: float = 0.0
    regression: float = 0.0

    def __call__(self, student: Tensor, teacher: Tensor, usages: Tensor, known: Tensor) -> Tensor:
        """The loss as a scalar."""
        total = student.sum() * 0.0
        several = known.sum(dim=1) > 1
        if bool(several.any()):
            own, mask = usages[several], known[several]
            logits = self._logits(student[several], own, mask)
            targets = self._logits(teacher[several], own, mask)
            if self.choice:
                chosen = targets.argmax(dim=1)
                total = total + self.choice * functional.cross_entropy(logits, chosen)
            if self.soft:
                total = total + self.soft * _divergence(targets, logits, mask)
        if self.regression:
            total = total + self.regression * functional.mse_loss(student, teacher)
        return total

    def _logits(self, vectors: Tensor, usages: Tensor, known: Tensor) -> Tensor:
        return usage_logits(vectors, usages, known, self.similarity, self.temperature)


def _divergence(targets: Tensor, logits: Tensor, known: Tensor) -> Tensor:
    """KL(teacher's shares || student's shares), padding left out; a mean over the rows."""
    theirs, own = targets.log_softmax(dim=1), logits.log_softmax(dim=1)
    # What is masked before it is multiplied sends no NaN back.
    lead = (theirs - own).masked_fill(~known, 0.0)
    return (theirs.exp() * lead).sum(dim=1).mean()
