"""Training objectives: pure functions of vectors and of who belongs to whom."""

from trainer.objectives.candidates import candidate_cross_entropy
from trainer.objectives.contrastive import info_nce
from trainer.objectives.cosine import cosine
from trainer.objectives.objective import JointBatch, Objective
from trainer.objectives.reference import reference_loss
from trainer.objectives.relations import GlossTable, echoes, not_negatives, same, same_gloss
from trainer.objectives.structure import structure_loss

__all__ = [
    "GlossTable",
    "JointBatch",
    "Objective",
    "candidate_cross_entropy",
    "cosine",
    "echoes",
    "info_nce",
    "not_negatives",
    "reference_loss",
    "same",
    "same_gloss",
    "structure_loss",
]
