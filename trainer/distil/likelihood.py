"""How likely a decoder-only teacher finds a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from schemas.errors import UsageError
from trainer.distil.substitutes import Likelihood
from trainer.model.cross_encoder import likelihoods
from trainer.model.encoding import in_batches
from trainer.states.teacher import Teacher
from trainer.text.inputs import EncoderInput, MarkedSentence

_BATCH = 16


def sentence_likelihood(teacher: Teacher, texts: Sequence[str]) -> Likelihood:
    """log P of sentences, read once, in nats; the softmax runs over the pieces of ``texts``.

    Raises UsageError for a backbone that is not decoder-only, whose output weights are not those
    of its embeddings.
    """
    if not teacher.inputs.echo:
        raise UsageError(
            f'proposals = "likely" needs a decoder-only backbone with an echo, {teacher.name!r} '
            'is none: use "distant"'
        )
    inputs = teacher.inputs.once()
    embeddings: Any = teacher.backbone.get_input_embeddings()
    vocabulary = torch.tensor(inputs.pieces.vocabulary(texts), device=teacher.backbone.device)

    def total(batch: EncoderInput) -> Tensor:
        ids, attention = batch.input_ids, batch.attention_mask
        last = teacher.backbone(input_ids=ids, attention_mask=attention).last_hidden_state
        read = attention.bool()
        read[:, 0] = False  # nothing precedes it
        found = likelihoods(last, ids, batch.target_mask, read, embeddings.weight, vocabulary)
        return found.sum(dim=1, keepdim=True)

    def log_probabilities(sentences: Sequence[MarkedSentence]) -> Sequence[float]:
        tokenized = [inputs.tokenize(sentence) for sentence in sentences]
        found = in_batches(teacher.backbone, total, (1,), inputs, tokenized, _BATCH)
        return [float(value) for value in found[:, 0]]

    return log_probabilities
