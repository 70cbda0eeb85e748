"""Everything a training starts from, made once from data and settings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from trainer.data import Inventory, WsdData
from trainer.glosses import GlossEncoder, make_gloss_encoder, stored_vectors
from trainer.model import ViConBERT
from trainer.model.build import build_model
from trainer.objectives import GlossTable
from trainer.settings import TrainSettings
from trainer.text.inputs import InputMaker


@dataclass(frozen=True, slots=True)
class Components:
    """A model, the maker of its inputs, the inventory and the gloss vectors (rows, width)."""

    model: ViConBERT
    inputs: InputMaker
    inventory: Inventory
    gloss_encoder: GlossEncoder
    gloss_vectors: NDArray[np.float32]

    def gloss_table(self) -> GlossTable:
        """The gloss vectors as one tensor on the model's device, moved once."""
        return GlossTable.of(self.gloss_vectors, self.inventory.text_numbers, self.model.device)


def build_components(data: WsdData, settings: TrainSettings, cache: Path) -> Components:
    """A fresh model for the data. Seeds torch; gloss vectors are kept in ``cache``.

    The small tokenizer and the TF-IDF see the training sentences and the inventory's glosses,
    never a sentence of a test part.
    """
    torch.manual_seed(settings.seed)
    inventory = data.inventory
    language, glosses = inventory.language, inventory.glosses
    encoder = make_gloss_encoder(settings, language, glosses, cache)
    vectors = stored_vectors(cache, encoder, glosses)
    texts = [item.sentence for item in data.split("train")] + list(glosses)
    model, inputs = build_model(settings, language, texts, encoder.width)
    return Components(model, inputs, inventory, encoder, vectors)
