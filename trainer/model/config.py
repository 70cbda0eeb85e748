"""The configuration of ViConBERT."""

from typing import Any, ClassVar

from transformers import AutoConfig, PreTrainedConfig
from transformers.configuration_utils import SubConfigSpec


class ViConBERTConfig(PreTrainedConfig):
    """A backbone's configuration and the widths of what stands on it.

    ``layer`` picks the backbone's hidden states (0 are the embeddings, -1 the last);
    ``distilled_query`` says that the attention asks with a distilled meaning;
    ``gloss_width`` is the width of the gloss vectors, so of the output; ``echo`` says that
    inputs hold the sentence twice; ``language`` is the code of the language whose words and texts
    they are made with, ``segmenter`` "language" or "units", what a word is. ``cross_encoder``
    adds the head that scores glosses read together with a sentence, ``likelihood`` the
    sentence's likelihood after the gloss, normalised over ``n_vocabulary`` of the backbone's
    pieces.
    """

    model_type = "viconbert"
    sub_configs_defaults: ClassVar[dict[str, SubConfigSpec]] = {
        "backbone": SubConfigSpec(config_class=AutoConfig, model_type="bert")
    }

    backbone: dict[str, Any] | PreTrainedConfig | None = None
    layer: int = -1
    heads: int = 4
    distilled_query: bool = False
    blocks: int = 1
    head_width: int = 512
    gloss_width: int = 768
    dropout: float = 0.3
    echo: bool = False
    max_length: int = 256
    language: str = ""
    segmenter: str = "language"
    joined_words: bool = False
    cross_encoder: bool = False
    likelihood: bool = False
    cross_encoder_layers: list[int] | tuple[int, ...] = (9,)
    cross_encoder_width: int = 64
    cross_encoder_dropout: float = 0.3
    n_vocabulary: int = 0
    tie_word_embeddings: bool = False
