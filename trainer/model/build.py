"""A fresh model and its tokenizer as the settings describe them, and the inputs of any model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import torch

from languages.find import find_language
from languages.language import Language
from languages.segmentation import Segmenter
from trainer.model.config import ViConBERTConfig
from trainer.model.layers import train_upper_layers
from trainer.model.small import small_model, train_tokenizer
from trainer.model.vicon import ViConBERT
from trainer.settings import SMALL_BACKBONE, TrainSettings
from trainer.storage.pretrained import opening_pretrained
from trainer.text.inputs import InputMaker
from trainer.text.pieces import Pieces
from trainer.text.words import split_units

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


def build_model(
    settings: TrainSettings, language: Language, texts: Sequence[str], gloss_width: int
) -> tuple[ViConBERT, InputMaker]:
    """The model on this process's device, before any training, and its inputs.

    ``texts`` decide the small tokenizer, or the pieces over which likelihoods are normalised.
    """
    build = _small if settings.backbone == SMALL_BACKBONE else _pretrained
    model, tokenizer = build(settings, language, texts, gloss_width)
    device = (
        torch.device("cuda", torch.cuda.current_device()) if torch.cuda.is_available() else "cpu"
    )
    model.to(device)  # type: ignore[arg-type]
    return model, input_maker(config_of(model), tokenizer)


def input_maker(config: ViConBERTConfig, tokenizer: PreTrainedTokenizerBase) -> InputMaker:
    """The input maker that a model's configuration describes."""
    language = find_language(config.language)
    return InputMaker(
        Pieces(tokenizer, config.joined_words),
        words_for(config.segmenter, language),
        config.max_length,
        config.echo,
        language.training.example_label,
    )


def words_for(segmenter: str, language: Language) -> Segmenter:
    """What cuts a text into words: ``units`` or the language's own segmenter."""
    return split_units if segmenter == "units" else language.segmentation.segment


def config_of(model: ViConBERT) -> ViConBERTConfig:
    """The model's configuration, as its own type."""
    assert isinstance(model.config, ViConBERTConfig)
    return model.config


def _head(settings: TrainSettings, language: Language, gloss_width: int) -> dict[str, object]:
    return {
        "heads": settings.heads,
        "distilled_query": settings.query == "distilled",
        "blocks": settings.blocks,
        "head_width": settings.head_width,
        "gloss_width": gloss_width,
        "dropout": settings.dropout,
        "layer": settings.layer,
        "language": language.code,
        "segmenter": settings.segmenter,
        "joined_words": settings.joined_words,
        "max_length": settings.max_length,
    }


def _small(
    settings: TrainSettings, language: Language, texts: Sequence[str], gloss_width: int
) -> tuple[ViConBERT, PreTrainedTokenizerBase]:
    tokenizer = train_tokenizer(texts, settings.small.vocabulary)
    head = _head(settings, language, gloss_width)
    return small_model(settings.small, len(tokenizer), **head), tokenizer


def _pretrained(
    settings: TrainSettings, language: Language, texts: Sequence[str], gloss_width: int
) -> tuple[ViConBERT, PreTrainedTokenizerBase]:
    from transformers import AutoTokenizer

    name, ranker = settings.backbone, settings.ranker
    one_way = reads_one_way(name)
    with opening_pretrained(name):
        tokenizer = AutoTokenizer.from_pretrained(name)
    likelihood = one_way if ranker.likelihood is None else ranker.likelihood
    pieces = Pieces(tokenizer, settings.joined_words).vocabulary(texts) if likelihood else []
    model = over_backbone(
        name,
        dtype=torch.bfloat16 if settings.backbone_dtype == "bf16" else torch.float32,
        echo=one_way if settings.echo is None else settings.echo,
        cross_encoder=one_way if ranker.cross_encoder is None else ranker.cross_encoder,
        likelihood=likelihood,
        cross_encoder_layers=list(ranker.layers),
        cross_encoder_width=ranker.width,
        cross_encoder_dropout=ranker.dropout,
        n_vocabulary=len(pieces),
        **_head(settings, language, gloss_width),
    )
    model.vocabulary.copy_(torch.tensor(pieces, dtype=torch.long))
    if settings.freeze_backbone:
        model.backbone.requires_grad_(False)
    elif settings.trained_layers is not None:
        train_upper_layers(model.backbone, settings.trained_layers, settings.layer)
    return model, tokenizer


def over_backbone(
    name_or_path: str, dtype: torch.dtype = torch.float32, **settings: Any
) -> ViConBERT:
    """A new head over the pretrained backbone of that name or folder."""
    from transformers import AutoModel

    with opening_pretrained(name_or_path):
        backbone = AutoModel.from_pretrained(name_or_path, dtype=dtype)
    model = ViConBERT(ViConBERTConfig(backbone=backbone.config.to_dict(), **settings))
    model.backbone.to(dtype)
    model.backbone.load_state_dict(backbone.state_dict())
    return model


def reads_one_way(name_or_path: str) -> bool:
    """Whether the backbone is decoder-only: its tokens see only what stands before them."""
    from transformers import AutoConfig
    from transformers.models.auto.modeling_auto import (
        MODEL_FOR_CAUSAL_LM_MAPPING_NAMES,
        MODEL_FOR_MASKED_LM_MAPPING_NAMES,
    )

    with opening_pretrained(name_or_path):
        kind = AutoConfig.from_pretrained(name_or_path).model_type
    return (
        kind in MODEL_FOR_CAUSAL_LM_MAPPING_NAMES and kind not in MODEL_FOR_MASKED_LM_MAPPING_NAMES
    )
