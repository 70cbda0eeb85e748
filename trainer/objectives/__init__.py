"""Training objectives: the losses, which negatives they may use, and their weighted sum."""

from trainer.objectives.losses import (
    candidate_cross_entropy,
    cosine,
    info_nce,
    reference_loss,
    structure_loss,
)
from trainer.objectives.negatives import (
    GlossTable,
    false_negatives,
    padded_rows,
    same_gloss,
    unseen,
)
from trainer.objectives.objective import JointBatch, Objective

__all__ = [
    "GlossTable",
    "JointBatch",
    "Objective",
    "candidate_cross_entropy",
    "cosine",
    "false_negatives",
    "info_nce",
    "padded_rows",
    "reference_loss",
    "same_gloss",
    "structure_loss",
    "unseen",
]
