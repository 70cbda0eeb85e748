"""A frozen pretrained model that reads sentences, and the stack of its states of a target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from languages.language import Language
from schemas.errors import InputError, UsageError
from trainer.model import ViConBERT
from trainer.model.build import config_of, input_maker, reads_one_way, words_for
from trainer.model.encoding import in_batches
from trainer.model.vicon import masked_mean
from trainer.progress import Advance, untold
from trainer.storage.pretrained import opening_pretrained, weights_digest
from trainer.text.inputs import EncoderInput, InputMaker
from trainer.text.pieces import Pieces, Tokenized

if TYPE_CHECKING:
    from transformers import PreTrainedModel

_BATCH = 32
Layers = Literal["upper", "all"] | tuple[int, ...]


def chosen_layers(layers: Layers, n_layers: int) -> tuple[int, ...]:
    """The numbers of the wanted hidden states, rising; 0 are the embeddings, ``n_layers`` the last.

    ``upper`` are ``ceil((n_layers + 1) / 2) .. n_layers``, those that arXiv 2409.08719 uses: 7 to
    12 of 12, 13 to 24 of 24.
    """
    if layers == "upper":
        return tuple(range((n_layers + 2) // 2, n_layers + 1))
    if layers == "all":
        return tuple(range(n_layers + 1))
    found = tuple(sorted({n_layers + 1 + layer if layer < 0 else layer for layer in layers}))
    wrong = [layer for layer in found if not 0 <= layer <= n_layers]
    if wrong or not found:
        raise UsageError(
            f"layers = {list(layers)}: the backbone has the hidden states 0 to {n_layers}: "
            "name some of them"
        )
    return found


@dataclass(frozen=True)
class Teacher:
    """A backbone, the maker of its inputs, and the hidden states that are wanted of it.

    Masked language models read a sentence once; decoder-only ones read it twice, and the target
    is that of the second copy.
    """

    name: str
    backbone: PreTrainedModel
    inputs: InputMaker
    layers: tuple[int, ...]

    @classmethod
    def open(
        cls,
        name: str,
        language: Language,
        *,
        layers: Layers = "upper",
        echo: bool | None = None,
        dtype: torch.dtype = torch.float32,
        segmenter: Literal["language", "units"] = "units",
        joined_words: bool = False,
        max_length: int = 128,
    ) -> Self:
        """The pretrained model of that name or folder; of a ViConBERT folder, its backbone.

        ``echo`` None: where the backbone is decoder-only. A ViConBERT brings its own words and
        window. Raises InputError for what cannot be opened or has weights that are no numbers,
        UsageError for layers that it does not have.
        """
        from transformers import AutoModel, AutoTokenizer

        with opening_pretrained(name):
            model: Any = AutoModel.from_pretrained(name, dtype=dtype)
            tokenizer = AutoTokenizer.from_pretrained(name)
        if isinstance(model, ViConBERT):
            own, config = model.backbone, config_of(model)
            inputs = input_maker(config, tokenizer)
        else:
            own = model
            known = getattr(own.config.get_text_config(), "max_position_embeddings", None)
            # two positions are RoBERTa's padding
            room = max_length if known is None else min(max_length, int(known) - 2)
            pieces, one_way = Pieces(tokenizer, joined_words), reads_one_way(name)
            inputs = InputMaker(pieces, words_for(segmenter, language), room, one_way)
        inputs.echo = inputs.echo if echo is None else echo
        _check_numbers(own, name)
        own.requires_grad_(False)
        own.train(False)
        if torch.cuda.is_available():
            own.to("cuda")
        n_layers = int(own.config.get_text_config().num_hidden_layers)
        return cls(name, own, inputs, chosen_layers(layers, n_layers))

    @property
    def width(self) -> int:
        """Numbers in one hidden state."""
        return int(self.backbone.config.get_text_config().hidden_size)

    @property
    def dtype(self) -> torch.dtype:
        """The precision that its weights have, and so the states that are kept."""
        return next(self.backbone.parameters()).dtype

    @cached_property
    def digest(self) -> str:
        """Of all weights."""
        return weights_digest(self.backbone)

    def stacks(self, batch: EncoderInput) -> Tensor:
        """(B, layers, width) means of the chosen hidden states over the target's subwords."""
        output = self.backbone(
            input_ids=batch.input_ids,
            attention_mask=batch.attention_mask,
            output_hidden_states=True,
        )
        means = [
            masked_mean(output.hidden_states[layer].float(), batch.target_mask)
            for layer in self.layers
        ]
        return torch.stack(means, dim=1)

    def read(
        self, tokenized: Sequence[Tokenized], advance: Advance = untold
    ) -> NDArray[np.float32]:
        """(n, layers, width) states of the targets, in the order of the rows."""
        shape = (len(self.layers), self.width)
        return in_batches(
            self.backbone, self.stacks, shape, self.inputs, tokenized, _BATCH, advance=advance
        )


def _check_numbers(module: nn.Module, name: str) -> None:
    for parameter, value in module.state_dict().items():
        if value.is_floating_point() and not bool(torch.isfinite(value).all()):
            raise InputError(
                f"{name!r}: the weights {parameter} are not all numbers: get the model again"
            )
