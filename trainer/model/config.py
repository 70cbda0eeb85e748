"""The configuration of ViConBERT."""

from typing import Any, ClassVar

from transformers import AutoConfig, PreTrainedConfig
from transformers.configuration_utils import SubConfigSpec


class ViConBERTConfig(PreTrainedConfig):
    """A backbone's configuration and the widths of what stands on it.

    ``layer`` picks the backbone's hidden states (0 are the embeddings, -1 the last);
    ``gloss_width`` is the width of the gloss vectors, so of the output; ``echo`` says that
    inputs hold the sentence twice; ``reader`` adds the head that scores joint readings of a
    gloss and a sentence.
    """

    model_type = "viconbert"
    sub_configs_defaults: ClassVar[dict[str, SubConfigSpec]] = {
        "backbone": SubConfigSpec(config_class=AutoConfig, model_type="bert")
    }

    backbone: dict[str, Any] | PreTrainedConfig | None = None
    layer: int = -1
    heads: int = 4
    blocks: int = 1
    head_width: int = 512
    gloss_width: int = 768
    dropout: float = 0.3
    echo: bool = False
    max_length: int = 256
    segmenter: str = "underthesea"
    joined_words: bool = False
    reader: bool = False
    reader_width: int = 128
    reader_dropout: float = 0.3
    tie_word_embeddings: bool = False
