"""Everything a training starts from, made once from data and settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from schemas.errors import UsageError
from trainer.data import Inventory, WsdData
from trainer.glosses import GlossEncoder, make_gloss_encoder, stored_vectors
from trainer.glosses.backbone import BackboneEncoder, BackboneStates
from trainer.objectives import GlossTable
from trainer.pretrained import opening_pretrained
from trainer.ranking.vocabulary import likelihood_vocabulary
from trainer.settings import BACKBONE_GLOSSES, SMALL_BACKBONE, TFIDF_GLOSSES, TrainSettings
from trainer.text.inputs import InputMaker
from trainer.text.pieces import Pieces
from trainer.text.words import segmenter

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from trainer.model import ViConBERT, ViConBERTConfig


@dataclass(frozen=True, slots=True)
class Workbench:
    """A model, its tokenizer and inputs, the inventory and the gloss vectors (rows, width)."""

    model: ViConBERT
    tokenizer: PreTrainedTokenizerBase
    inputs: InputMaker
    inventory: Inventory
    gloss_encoder: GlossEncoder
    gloss_vectors: NDArray[np.float32]

    def gloss_table(self) -> GlossTable:
        """The gloss vectors as one tensor on the model's device, moved once."""
        device = self.model.device
        return GlossTable(
            torch.from_numpy(np.array(self.gloss_vectors)).to(device),
            torch.tensor(self.inventory.text_numbers, device=device),
        )


def make_workbench(data: WsdData, settings: TrainSettings, cache: Path) -> Workbench:
    """A fresh model for the data. Seeds torch; gloss vectors are kept in ``cache``.

    The small tokenizer and the TF-IDF see the training sentences and the inventory's glosses,
    never a sentence of a test part.
    """
    torch.manual_seed(settings.seed)
    inventory = data.inventory
    encoder = _gloss_encoder(settings, inventory.glosses, cache)
    vectors = stored_vectors(cache, encoder, inventory.glosses)
    model, tokenizer = _model(data, settings, encoder.width)
    model.to(_device())  # type: ignore[arg-type]
    return Workbench(
        model, tokenizer, inputs_of(config_of(model), tokenizer), inventory, encoder, vectors
    )


def _gloss_encoder(settings: TrainSettings, glosses: Sequence[str], cache: Path) -> GlossEncoder:
    scratch = settings.backbone == SMALL_BACKBONE
    name = settings.gloss_encoder or (TFIDF_GLOSSES if scratch else BACKBONE_GLOSSES)
    if name != BACKBONE_GLOSSES:
        return make_gloss_encoder(name, settings.gloss_width, glosses)
    if scratch:
        raise UsageError(
            'gloss_encoder "backbone" needs a pretrained backbone: the small one knows nothing '
            'before training; use "tfidf"'
        )
    states = BackboneStates(
        settings.backbone,
        settings.backbone_dtype,
        settings.layer,
        settings.segmenter,
        settings.joined_words,
        settings.max_length,
    )
    return BackboneEncoder.fit(states, glosses, cache)


def inputs_of(config: ViConBERTConfig, tokenizer: PreTrainedTokenizerBase) -> InputMaker:
    """The input maker that a model's configuration describes."""
    return InputMaker(
        Pieces(tokenizer, config.joined_words),
        segmenter("syllables" if config.segmenter == "syllables" else "underthesea"),
        config.max_length,
        config.echo,
    )


def config_of(model: ViConBERT) -> ViConBERTConfig:
    """The model's configuration, as its own type."""
    from trainer.model import ViConBERTConfig

    assert isinstance(model.config, ViConBERTConfig)
    return model.config


def _device() -> torch.device:
    if torch.cuda.is_available():
        return torch.device("cuda", torch.cuda.current_device())
    return torch.device("cpu")


def _model(
    data: WsdData, settings: TrainSettings, gloss_width: int
) -> tuple[ViConBERT, PreTrainedTokenizerBase]:
    head = {
        "heads": settings.heads,
        "blocks": settings.blocks,
        "head_width": settings.head_width,
        "gloss_width": gloss_width,
        "dropout": settings.dropout,
        "layer": settings.layer,
        "segmenter": settings.segmenter,
        "joined_words": settings.joined_words,
    }
    if settings.backbone == SMALL_BACKBONE:
        from trainer.model.small import small_model, train_tokenizer

        texts = [item.sentence for item in data.split("train")] + list(data.inventory.glosses)
        small = train_tokenizer(texts, settings.small.vocabulary)
        return small_model(settings.small, len(small), settings.max_length, **head), small
    from transformers import AutoTokenizer

    from trainer.model import ViConBERT
    from trainer.model.layers import train_upper_layers
    from trainer.model.vicon import reads_one_way

    name, ranker = settings.backbone, settings.ranker
    one_way = reads_one_way(name)
    with opening_pretrained(name):
        tokenizer = AutoTokenizer.from_pretrained(name)
    likelihood = one_way if ranker.likelihood is None else ranker.likelihood
    vocabulary = torch.zeros(0, dtype=torch.long)
    if likelihood:
        texts = [item.sentence for item in data.split("train")] + list(data.inventory.glosses)
        vocabulary = likelihood_vocabulary(Pieces(tokenizer, settings.joined_words), texts)
    model = ViConBERT.from_backbone(
        name,
        dtype=torch.bfloat16 if settings.backbone_dtype == "bf16" else torch.float32,
        echo=one_way if settings.echo is None else settings.echo,
        max_length=settings.max_length,
        reading=one_way if ranker.reading is None else ranker.reading,
        likelihood=likelihood,
        reading_layers=list(ranker.layers),
        reading_width=ranker.width,
        reading_dropout=ranker.dropout,
        n_vocabulary=len(vocabulary),
        **head,
    )
    model.vocabulary.copy_(vocabulary)
    if settings.freeze_backbone:
        model.backbone.requires_grad_(False)
    elif settings.trained_layers is not None:
        train_upper_layers(model.backbone, settings.trained_layers, settings.layer)
    return model, tokenizer
