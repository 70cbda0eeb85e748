"""The embedded default: a small encoder and its tokenizer, made from the training text alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from trainer.settings import SmallEncoderSettings

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

    from trainer.model.vicon import ViConBERT

_SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def train_tokenizer(texts: Iterable[str], vocabulary: int) -> PreTrainedTokenizerFast:
    """A WordPiece tokenizer: the texts' letters and their most frequent units.

    Built by counting, so that equal texts give an equal tokenizer (the trainers of the library
    break ties by the order of a hash table).
    """
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    shape = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    split = pre_tokenizers.BertPreTokenizer()
    counts = Counter(
        word for text in texts for word, _ in split.pre_tokenize_str(shape.normalize_str(text))
    )
    letters = sorted({letter for word in counts for letter in word})
    pieces = [*_SPECIAL, *letters, *(f"##{letter}" for letter in letters)]
    frequent = sorted((-n, word) for word, n in counts.items() if n > 1 and len(word) > 1)
    pieces += [word for _, word in frequent[: max(0, vocabulary - len(pieces))]]
    raw = Tokenizer(
        models.WordPiece(
            {piece: at for at, piece in enumerate(pieces)},
            unk_token="[UNK]",
            max_input_chars_per_word=40,
        )
    )
    raw.normalizer = shape
    raw.pre_tokenizer = split
    raw.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", raw.token_to_id("[CLS]")), ("[SEP]", raw.token_to_id("[SEP]"))],
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=raw,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
    )


def small_model(settings: SmallEncoderSettings, n_pieces: int, **head: Any) -> ViConBERT:
    """A ViConBERT over a fresh BERT-like encoder; its weights come from torch's random state."""
    from transformers import BertConfig

    from trainer.model.config import ViConBERTConfig
    from trainer.model.vicon import ViConBERT

    backbone = BertConfig(
        vocab_size=n_pieces,
        hidden_size=settings.width,
        num_hidden_layers=settings.layers,
        num_attention_heads=settings.heads,
        intermediate_size=4 * settings.width,
        max_position_embeddings=head["max_length"] + 2,
        hidden_dropout_prob=0.1,
        attention_probs_dropout_prob=0.1,
    )
    config = ViConBERTConfig(backbone=backbone.to_dict(), **head)
    return ViConBERT(config)
